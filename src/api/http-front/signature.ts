import { timingSafeEqual } from 'node:crypto';
import { sha256, signatureOf } from '../../services/aws-signature.js';
import { type FrontRequest, queryPairs } from './front-request.js';

/** The keys that `treadle env` gives to clients and every function has. */
const KEYS: ReadonlyMap<string, string> = new Map([['test', 'test']]);

/** AWS: a signature is good for five minutes before and after. */
const SKEW_MS_MAX = 5 * 60_000;

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/,\s]+)\/(\d{8})\/([a-z0-9-]+)\/([a-z0-9-]+)\/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$/;

/** Whether one of our keys signed the request for this service (Signature Version 4 in the Authorization header). */
export function isSigned(request: FrontRequest, service: 'lambda' | 'execute-api', path: string): boolean {
  const found = AUTHORIZATION.exec(request.headers.authorization ?? '');
  if (found === null) return false;
  const [, keyId = '', day = '', region = '', named = '', signedHeaders = '', signature = ''] = found;
  const secret = KEYS.get(keyId);
  const time = request.headers['x-amz-date'] ?? '';
  if (secret === undefined || named !== service || !time.startsWith(day)) return false;
  if (!(Math.abs(request.at - timeOf(time)) <= SKEW_MS_MAX)) return false;
  const names = signedHeaders.split(';');
  if (!names.includes('host')) return false;
  const hash = sha256(request.body);
  const claimed = request.headers['x-amz-content-sha256'];
  if (claimed !== undefined && claimed !== hash && claimed !== 'UNSIGNED-PAYLOAD') return false;
  const { method, headers, query } = request;
  const signed = { method, path, query: queryPairs(query), headers, names, payloadHash: claimed ?? hash };
  const expected = signatureOf(signed, secret, { day, time, region, service });
  return timingSafeEqual(Buffer.from(signature), Buffer.from(expected));
}

/** `20261127T165141Z`; NaN where it is none. */
const timeOf = (text: string): number =>
  Date.parse(text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
