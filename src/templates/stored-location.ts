import { findFileAsset } from './assets.js';
import type { Planning } from './planning.js';
import { member, type Section, sectionOf, text } from './properties.js';
import { memberOfMap, type Position } from './template-value.js';

/** An object of S3. */
export interface StoredObject {
  readonly bucket: string;
  readonly key: string;
  /** Missing: the current one. */
  readonly version?: string;
}

/** Where code or a definition is. */
export type Location =
  /** As the template names it, or absolute. */
  | { readonly type: 'path'; readonly path: string; readonly at: Position }
  | { readonly type: 'stored'; readonly object: StoredObject; readonly at: Position };

export interface LocationMembers {
  readonly bucket: string;
  readonly key: string;
  readonly version: string;
}

export const S3_MEMBERS: LocationMembers = { bucket: 'S3Bucket', key: 'S3Key', version: 'S3ObjectVersion' };
export const MEMBERS: LocationMembers = { bucket: 'Bucket', key: 'Key', version: 'Version' };

/**
 * What a property names: a path, `s3://bucket/key`, or an object of S3 by its members, which in an assembly is one of its assets. Null for
 * anything else; what has been refused already is null, too.
 */
export function readLocation(planning: Planning, property: string, members: LocationMembers): Location | null {
  const { own } = planning;
  const value = member(own, property);
  if (value === null) return null;
  const { at } = value;
  if (value.kind === 'scalar') {
    const asset = assetPath(planning);
    const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(value.text) ?? [];
    if (bucket !== undefined && key !== undefined) return { type: 'stored', object: { bucket, key }, at };
    return { type: 'path', path: asset?.path ?? value.text, at: asset?.at ?? at };
  }
  const parts = sectionOf(value, property, own.findings);
  if (parts === null) return null;
  const object = storedObject(parts, members);
  const stored = object === null ? null : findFileAsset(planning.assets, object, planning.stack.place);
  if (stored !== null) return { type: 'path', path: stored, at };
  const asset = assetPath(planning);
  if (asset !== null) return { type: 'path', ...asset };
  return object === null ? null : { type: 'stored', object, at };
}

function storedObject(parts: Section, members: LocationMembers): StoredObject | null {
  const bucket = text(parts, members.bucket);
  const key = text(parts, members.key);
  const version = text(parts, members.version);
  return bucket === null || key === null ? null : { bucket, key, ...(version !== null && { version }) };
}

/** `cdk synth` names the folder that it would upload. */
function assetPath({ resource }: Planning): { path: string; at: Position } | null {
  const value = resource.metadata === null ? undefined : memberOfMap(resource.metadata, 'aws:asset:path');
  return value?.kind === 'scalar' && value.text !== '' ? { path: value.text, at: value.at } : null;
}
