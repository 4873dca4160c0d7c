import type { Place } from '../../arn.js';
import { S3Fault } from '../../services/s3/fault.js';
import type { RestXmlAnswer, RestXmlRequest } from '../protocols/rest-xml.js';

export interface S3Call {
  readonly place: Place;
  readonly request: RestXmlRequest;
  /** Empty where the operation has none. */
  readonly bucket: string;
  readonly key: string;
}

export type S3Action = (call: S3Call) => Promise<RestXmlAnswer>;

export const quoted = (etag: string): string => `"${etag}"`;

/** Everything belongs to the one account. */
export const ownerOf = ({ account }: Place) => ({ ID: account, DisplayName: account });

/** A parameter that is a number, cut to `max`. Throws S3Fault. */
export function countOf(query: URLSearchParams, name: string, max: number): number {
  const text = query.get(name);
  if (text === null || text === '') return max;
  if (!/^\d{1,10}$/.test(text) || Number(text) > 2_147_483_647) {
    throw new S3Fault('InvalidArgument', `Provided ${name} not an integer or within integer range`, {
      ArgumentName: name,
      ArgumentValue: text,
    });
  }
  return Math.min(Number(text), max);
}

/** How names are written in a listing. Throws S3Fault for another encoding type than `url`. */
export function nameEncoder(query: URLSearchParams): (name: string) => string {
  const type = query.get('encoding-type');
  if (type === null) return (name) => name;
  if (type === 'url') return encodeName;
  throw new S3Fault('InvalidArgument', 'Invalid Encoding Method specified in Request', {
    ArgumentName: 'encoding-type',
    ArgumentValue: type,
  });
}

/** Slashes stay, as on AWS. A blank is `%20`, which every client reads. */
export const encodeName = (name: string): string => encodeURIComponent(name).replaceAll('%2F', '/');
