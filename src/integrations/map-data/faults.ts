import { createHash } from 'node:crypto';
import type { ObjectFault } from './ports.js';

export type MapDataErrorName = 'States.ItemReaderFailed' | 'States.ResultWriterFailed' | 'States.DataLimitExceeded';

/** What Retry and Catch of the Map see; has the shape of a StatesError. */
export class MapDataError extends Error {
  constructor(
    readonly error: MapDataErrorName,
    override readonly cause: string,
  ) {
    super(`${error}: ${cause}`);
    this.name = 'MapDataError';
  }
}

export const readerError = (cause: string): MapDataError => new MapDataError('States.ItemReaderFailed', cause);
export const writerError = (cause: string): MapDataError => new MapDataError('States.ResultWriterFailed', cause);

/** The object store's refusal as the Map's error; whatever else was thrown stays as it is. */
export function asMapDataError(thrown: unknown, error: MapDataErrorName): unknown {
  return isObjectFault(thrown) ? new MapDataError(error, storeCause(thrown)) : thrown;
}

function isObjectFault(thrown: unknown): thrown is ObjectFault {
  if (typeof thrown !== 'object' || thrown === null) return false;
  const { code, message, status } = thrown as Partial<Record<keyof ObjectFault, unknown>>;
  return typeof code === 'string' && typeof message === 'string' && typeof status === 'number';
}

/** In the manner of AWS's Java SDK 2, as AWS shows S3's errors. */
function storeCause({ code, message, status, requestId, extendedRequestId }: ObjectFault): string {
  const request = requestId ?? madeId(`${code} ${message}`, 'hex').slice(0, 16).toUpperCase();
  const extended = extendedRequestId ?? madeId(`extended ${code} ${message}`, 'base64');
  return `${message} (Service: S3, Status Code: ${status}, Request ID: ${request}, Extended Request ID: ${extended})`;
}

const madeId = (text: string, encoding: 'hex' | 'base64'): string => createHash('sha256').update(text).digest(encoding);
