import { S3Fault } from './fault.js';

/** Until when a version may not go. */
export interface Retention {
  readonly mode: 'GOVERNANCE' | 'COMPLIANCE';
  /** Epoch milliseconds. */
  readonly until: number;
}

/** A bucket whose versions may be locked, and what new ones get unless they say themselves. */
export interface BucketLock {
  readonly default?:
    | { readonly mode: Retention['mode']; readonly unit: 'Days' | 'Years'; readonly count: number }
    | undefined;
}

interface Locked {
  readonly retention?: Retention | undefined;
  readonly legalHold?: boolean | undefined;
}

export interface LockContext {
  /** Epoch milliseconds. */
  readonly now: number;
  /** `x-amz-bypass-governance-retention`. */
  readonly bypassesGovernance: boolean;
}

const DAY_MS = 86_400_000;

/** What a new version is locked with: its own, or the bucket's. Throws S3Fault where the bucket has no locks. */
export function lockOfNew(own: Locked, lock: BucketLock | undefined, now: number): Locked {
  if (own.retention === undefined && own.legalHold === undefined && lock === undefined) return {};
  if (lock === undefined) throw new S3Fault('InvalidRequest', 'Bucket is missing Object Lock Configuration');
  if (own.retention !== undefined && own.retention.until <= now) {
    throw new S3Fault('InvalidArgument', 'The retain until date must be in the future!');
  }
  if (own.retention !== undefined || lock.default === undefined) return own;
  const { mode, unit, count } = lock.default;
  const until = unit === 'Days' ? now + count * DAY_MS : yearsAfter(now, count);
  return { ...own, retention: { mode, until } };
}

function yearsAfter(at: number, years: number): number {
  const date = new Date(at);
  date.setUTCFullYear(date.getUTCFullYear() + years);
  return date.getTime();
}

/** Throws S3Fault AccessDenied where the version has to stay. */
export function checkRemoval({ retention, legalHold }: Locked, { now, bypassesGovernance }: LockContext): void {
  const isRetained = retention !== undefined && retention.until > now;
  const mayGo = !isRetained || (retention.mode === 'GOVERNANCE' && bypassesGovernance);
  if (legalHold === true || !mayGo) {
    throw new S3Fault('AccessDenied', 'Access Denied because object protected by object lock.');
  }
}

/** Throws S3Fault AccessDenied where the retention would become weaker than it may. */
export function checkRetention(
  before: Retention | undefined,
  wanted: Retention | undefined,
  { now, bypassesGovernance }: LockContext,
): void {
  if (wanted !== undefined && wanted.until <= now) {
    throw new S3Fault('InvalidArgument', 'The retain until date must be in the future!');
  }
  if (before === undefined || before.until <= now) return;
  const isWeaker =
    wanted === undefined ||
    wanted.until < before.until ||
    (before.mode === 'COMPLIANCE' && wanted.mode !== 'COMPLIANCE');
  if (!isWeaker) return;
  if (before.mode === 'GOVERNANCE' && bypassesGovernance) return;
  throw new S3Fault('AccessDenied', 'Access Denied because object protected by object lock.');
}
