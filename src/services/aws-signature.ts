import { createHash, createHmac } from 'node:crypto';

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string | null;
}

export interface Signable {
  readonly method: string;
  /** Percent-encoded. */
  readonly path: string;
  readonly query: readonly (readonly [name: string, value: string])[];
  /** Names in lower case; `host` is among them. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface SigningScope {
  readonly region: string;
  readonly service: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** The request's headers and those of an AWS Signature Version 4: every header is signed. */
export function signed(
  request: Signable,
  { accessKeyId, secretAccessKey, sessionToken }: AwsCredentials,
  { region, service, at }: SigningScope,
): Readonly<Record<string, string>> {
  const time = new Date(at).toISOString().replace(/[-:]|\.\d{3}/g, '');
  const payloadHash = sha256(request.body);
  const headers: Record<string, string> = {
    ...request.headers,
    'x-amz-date': time,
    ...(sessionToken !== null && { 'x-amz-security-token': sessionToken }),
    ...(service === 's3' && { 'x-amz-content-sha256': payloadHash }),
  };
  const names = Object.keys(headers).sort();
  const scope = { day: time.slice(0, 8), time, region, service };
  const signature = signatureOf({ ...request, headers, names, payloadHash }, secretAccessKey, scope);
  const credential = `Credential=${accessKeyId}/${scope.day}/${region}/${service}/aws4_request`;
  const authorization = `${credential}, SignedHeaders=${names.join(';')}, Signature=${signature}`;
  return { ...headers, authorization: `AWS4-HMAC-SHA256 ${authorization}` };
}

export interface Signed extends Omit<Signable, 'body'> {
  /** Of the headers that are signed, in their order. */
  readonly names: readonly string[];
  readonly payloadHash: string;
}

/** The signature itself, as hexadecimal text. `time` is `20261127T165141Z`, and `day` its first eight digits. */
export function signatureOf(
  request: Signed,
  secretAccessKey: string,
  { day, time, region, service }: { readonly day: string; readonly time: string } & Omit<SigningScope, 'at'>,
): string {
  const canonical = [
    request.method,
    service === 's3' ? request.path : request.path.split('/').map(encode).join('/'),
    canonicalQuery(request.query),
    ...request.names.map((name) => `${name}:${(request.headers[name] ?? '').trim().replace(/\s+/g, ' ')}`),
    '',
    request.names.join(';'),
    request.payloadHash,
  ].join('\n');
  const scope = `${day}/${region}/${service}/aws4_request`;
  const text = `AWS4-HMAC-SHA256\n${time}\n${scope}\n${sha256(canonical)}`;
  const key = ['aws4_request', service, region, day].reduceRight<Buffer | string>(hmac, `AWS4${secretAccessKey}`);
  return hmac(key, text).toString('hex');
}

export const sha256 = (data: Buffer | string): string => createHash('sha256').update(data).digest('hex');
const hmac = (key: Buffer | string, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/** As SigV4 wants it, which is stricter than URLs. */
export const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

const canonicalQuery = (query: Signable['query']): string =>
  query
    .map(([name, value]) => [encode(name), encode(value)] as const)
    .sort(([a, x], [b, y]) => (a === b ? compare(x, y) : compare(a, b)))
    .map((pair) => pair.join('='))
    .join('&');

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
