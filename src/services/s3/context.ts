import type { RecordWrite } from '../../store/ports.js';
import type { Clock } from '../ports.js';
import type { Bodies } from './bodies.js';
import type { Locks } from './locks.js';
import type { Happening } from './notification.js';
import type { Bucket, S3Records } from './records.js';
import type { Versions } from './versions.js';

/** What the parts of the object store share. */
export interface S3Context {
  readonly records: S3Records;
  readonly bodies: Bodies;
  readonly locks: Locks;
  readonly clock: Clock;
  readonly versions: Versions;
  /** What is told of a change: `writes` belong into its transaction, and `accept` is called when they are committed. */
  readonly told: (bucket: Bucket, happenings: readonly Happening[]) => Told;
}

export interface Told {
  readonly writes: readonly RecordWrite[];
  readonly accept: () => void;
}

export const NOBODY_TOLD: Told = { writes: [], accept: () => undefined };

/**
 * Names of locks, always taken in this order: bucket, upload, object. Whoever writes into a bucket shares its lock, and whoever
 * deletes it has it alone: so nothing is ever in a bucket that is not there.
 */
export const lockOf = {
  bucket: (name: string): string => `bucket ${name}`,
  upload: (id: string): string => `upload ${id}`,
  object: (bucket: string, key: string): string => `object ${bucket}/${key}`,
};
