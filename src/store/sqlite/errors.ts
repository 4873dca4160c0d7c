import { StoreInUse, StoreUnavailable } from '../ports.js';

/** An error on its way between two threads. */
export interface SentError {
  readonly name: string;
  readonly message: string;
}

export function isBusy(error: unknown): boolean {
  const code = sqliteCode(error);
  return code === SQLITE_BUSY || code === SQLITE_LOCKED;
}

/** True when the values of one commit caused the error, so that the other commits of its transaction deserve another try. */
export function isFaultOfCommit(error: unknown): boolean {
  const code = sqliteCode(error);
  return code === null ? error instanceof RangeError || error instanceof TypeError : CODES_OF_VALUES.has(code);
}

/** What the caller gets: our own errors as they are, everything else as StoreUnavailable with cause and cure. */
export function describeStorageError(error: unknown, folder: string): SentError {
  if (error instanceof StoreInUse || error instanceof StoreUnavailable || error instanceof RangeError) {
    return { name: error.name, message: error.message };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { name: 'StoreUnavailable', message: `${expectation(error, folder)} (${message}).` };
}

export function receivedError(sent: SentError): Error {
  if (sent.name === 'RangeError') return new RangeError(sent.message);
  return sent.name === 'StoreInUse' ? new StoreInUse(sent.message) : new StoreUnavailable(sent.message);
}

const SQLITE_BUSY = 5;
const SQLITE_LOCKED = 6;
/** SQLITE_TOOBIG, SQLITE_CONSTRAINT, SQLITE_MISMATCH, SQLITE_RANGE. */
const CODES_OF_VALUES: ReadonlySet<number> = new Set([18, 19, 20, 25]);

/** SQLite's primary result code; null when the error is not SQLite's. */
function sqliteCode(error: unknown): number | null {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number'
    ? error.errcode & 0xff
    : null;
}

function expectation(error: unknown, folder: string): string {
  switch (sqliteCode(error)) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return `Expected to be alone in '${folder}', but another program holds its database. Close that program`;
    case 8: // SQLITE_READONLY
    case 14: // SQLITE_CANTOPEN
      return `Expected to be able to write in '${folder}', but it is not possible. Check its owner and permissions`;
    case 10: // SQLITE_IOERR
      return `Expected the disk of '${folder}' to work, but it reported an error. Check the disk`;
    case 11: // SQLITE_CORRUPT
    case 26: // SQLITE_NOTADB
      return `Expected a Treadle store in '${folder}', but its file is damaged. Restore a backup, or choose another folder`;
    case 13: // SQLITE_FULL
      return `Expected room for '${folder}', but the disk or the configured size is used up. Free space and try again`;
    default:
      return `Expected the store in '${folder}' to work, but it failed`;
  }
}
