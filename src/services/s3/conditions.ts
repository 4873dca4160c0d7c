import { preconditionFailed, S3Fault } from './fault.js';

/** Conditions of a request, as its headers say them. Times are HTTP dates; one that cannot be read does not count. */
export interface Conditions {
  readonly ifMatch?: string | undefined;
  readonly ifNoneMatch?: string | undefined;
  readonly ifModifiedSince?: string | undefined;
  readonly ifUnmodifiedSince?: string | undefined;
}

interface Version {
  /** Without quotes. */
  readonly etag: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** `notModified` → 304. Throws S3Fault PreconditionFailed. An ETag condition wins over the time beside it (RFC 9110). */
export function checkRead(conditions: Conditions, version: Version): 'proceed' | 'notModified' {
  const { ifMatch, ifNoneMatch, ifModifiedSince, ifUnmodifiedSince } = conditions;
  const seconds = Math.floor(version.at / 1000);
  if (ifMatch !== undefined) {
    if (!matches(ifMatch, version.etag)) throw preconditionFailed('If-Match');
  } else if (ifUnmodifiedSince !== undefined && seconds > secondsOf(ifUnmodifiedSince)) {
    throw preconditionFailed('If-Unmodified-Since');
  }
  if (ifNoneMatch !== undefined) return matches(ifNoneMatch, version.etag) ? 'notModified' : 'proceed';
  return ifModifiedSince !== undefined && seconds <= secondsOf(ifModifiedSince) ? 'notModified' : 'proceed';
}

/** Conditions on a copy's source: not modified is a failed precondition too. */
export function checkCopySource(conditions: Conditions, version: Version): void {
  if (checkRead(conditions, version) === 'proceed') return;
  throw preconditionFailed(
    conditions.ifNoneMatch === undefined ? 'x-amz-copy-source-If-Modified-Since' : 'x-amz-copy-source-If-None-Match',
  );
}

/** Conditions of a write or delete on what is there (null = nothing). S3 knows `If-None-Match: *` and `If-Match` only. */
export function checkWrite(conditions: Conditions, current: Version | null, missing: () => S3Fault): void {
  const { ifMatch, ifNoneMatch } = conditions;
  if (ifNoneMatch !== undefined) {
    if (ifNoneMatch.trim() !== '*') {
      throw new S3Fault('NotImplemented', undefined, { Header: 'If-None-Match' });
    }
    if (current !== null) throw preconditionFailed('If-None-Match');
  }
  if (ifMatch === undefined) return;
  if (current === null) throw missing();
  if (!matches(ifMatch, current.etag)) throw preconditionFailed('If-Match');
}

const matches = (header: string, etag: string): boolean =>
  header.split(',').some((part) => {
    const text = part
      .trim()
      .replace(/^W\//, '')
      .replace(/^"(.*)"$/, '$1');
    return text === '*' || text === etag;
  });

/** NaN compares as false: the condition does not count. */
const secondsOf = (date: string): number => Math.floor(Date.parse(date) / 1000);
