import type { Clock } from '../ports.js';
import type { Bodies } from './bodies.js';
import type { Locks } from './locks.js';
import type { S3Records } from './records.js';

/** What the parts of the object store share. */
export interface S3Context {
  readonly records: S3Records;
  readonly bodies: Bodies;
  readonly locks: Locks;
  readonly clock: Clock;
}

/**
 * Names of locks, always taken in this order: bucket, upload, object. Whoever writes into a bucket shares its lock, and whoever
 * deletes it has it alone: so nothing is ever in a bucket that is not there.
 */
export const lockOf = {
  bucket: (name: string): string => `bucket ${name}`,
  upload: (id: string): string => `upload ${id}`,
  object: (bucket: string, key: string): string => `object ${bucket}/${key}`,
};
