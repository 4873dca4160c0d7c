import { resolve } from 'node:path';
import type { Place } from '../arn.js';

/** A file or folder of an assembly that the CDK CLI would copy into its bucket. */
export interface FileAsset {
  /** Absolute. */
  readonly path: string;
  readonly bucket: string;
  readonly key: string;
}

/** A container image of an assembly, which cannot be run here. */
export interface ImageAsset {
  /** E.g. `Api/AssetImage`; its hash where the assembly has no better name. */
  readonly name: string;
  readonly tag: string;
}

/** What the `*.assets.json` files of one assembly name. */
export interface Assets {
  readonly files: readonly FileAsset[];
  readonly images: readonly ImageAsset[];
}

export const NO_ASSETS: Assets = { files: [], images: [] };

/** The absolute path of what a template expects under this bucket and key; null for what is of no assembly. */
export function findFileAsset(
  assets: Assets,
  wanted: { readonly bucket: string; readonly key: string },
  place: Place,
): string | null {
  const found = assets.files.find(
    ({ bucket, key }) => inPlace(bucket, place) === wanted.bucket && inPlace(key, place) === wanted.key,
  );
  return found?.path ?? null;
}

/** Asset manifests leave account and region open as Fn::Sub does. */
const inPlace = (text: string, { account, region }: Place): string =>
  text
    .replaceAll(/\$\{AWS::AccountId\}/g, account)
    .replaceAll(/\$\{AWS::Region\}/g, region)
    .replaceAll(/\$\{AWS::Partition\}/g, 'aws');

/** One `*.assets.json`; members of an unknown form are left out. Paths in it are relative to `folder`. */
export function readAssets(manifest: unknown, folder: string): Assets {
  const { files, dockerImages } = asRecord(manifest);
  return {
    files: Object.values(asRecord(files)).flatMap((file) => {
      const { source, destinations } = asRecord(file);
      const { path } = asRecord(source);
      if (typeof path !== 'string') return [];
      return Object.values(asRecord(destinations)).flatMap((destination) => {
        const { bucketName, objectKey } = asRecord(destination);
        if (typeof bucketName !== 'string' || typeof objectKey !== 'string') return [];
        return [{ path: resolve(folder, path), bucket: bucketName, key: objectKey }];
      });
    }),
    images: Object.entries(asRecord(dockerImages)).flatMap(([hash, image]) => {
      const { displayName, destinations } = asRecord(image);
      const name = typeof displayName === 'string' ? displayName : hash;
      return Object.values(asRecord(destinations)).flatMap((destination) => {
        const { imageTag } = asRecord(destination);
        return typeof imageTag === 'string' ? [{ name, tag: imageTag }] : [];
      });
    }),
  };
}

/** A JSON object's members; none for anything else. */
export const asRecord = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>) // an object from JSON has nothing but members
    : {};
