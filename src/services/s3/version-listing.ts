import { type ObjectRecord, type S3Records, type VersionRecord, versionPlace } from './records.js';

type Listed = ObjectRecord | VersionRecord;

/** The current version stands before all others of its key. */
export const placeOfVersion = (item: Listed): string => versionPlace(item.key, 'kind' in item ? item.place : '');

/** Current objects and their older versions as one ascending list: what comes after a place that `placeOfVersion` gave. */
export async function scanVersions(
  records: Pick<S3Records, 'objects' | 'versions'>,
  { bucket, prefix, after, limit }: { bucket: string; prefix: string; after: string | null; limit: number },
): Promise<readonly Listed[]> {
  const key = after === null ? null : (after.split('\u0001')[0] ?? after);
  const [objects, versions] = await Promise.all([
    records.objects({ bucket, prefix, after: key, limit }),
    records.versions({ bucket, prefix, after, limit }),
  ]);
  const all = [...objects, ...versions].map((item) => ({ item, place: Buffer.from(placeOfVersion(item)) }));
  return all
    .sort((a, b) => Buffer.compare(a.place, b.place))
    .slice(0, limit)
    .map(({ item }) => item);
}
