import { JSON_DEPTH_MAX } from '../../limits.js';
import { apiError } from '../errors.js';
import type { ApiError } from '../port.js';
import { isNestedDeeper } from './nesting.js';
import type { Codec, Decoded, RawAnswer, RawRequest } from './protocol.js';

/**
 * awsJson 1.0 and 1.1: the operation is in `X-Amz-Target`, input and output are JSON objects. The two versions differ in
 * the content type only.
 */
export function awsJson(operation: string, contentType: string | undefined): Codec {
  const headers = { 'content-type': contentType?.startsWith(JSON_1_1) ? JSON_1_1 : JSON_1_0 };
  return {
    protocol: 'json',
    decode: (request: RawRequest): Decoded => ({ operation, input: decodeObject(request.body) }),
    encode: (output: unknown): RawAnswer => ({
      status: 200,
      headers,
      body: output === undefined ? '{}' : JSON.stringify(output),
    }),
    encodeError: (error: ApiError): RawAnswer => jsonError(error, headers),
  };
}

const JSON_1_0 = 'application/x-amz-json-1.0';
const JSON_1_1 = 'application/x-amz-json-1.1';

/** The JSON object in `body`; an empty body is an empty object. Throws ApiError. */
export function decodeObject(body: Buffer): object {
  if (body.length === 0) return {};
  if (isNestedDeeper(body, JSON_DEPTH_MAX)) {
    const expected = `Expected JSON with at most ${JSON_DEPTH_MAX} lists and objects within each other`;
    throw apiError('SerializationException', `${expected}, but the body has more.`);
  }
  let value: unknown;
  try {
    value = JSON.parse(body.toString());
  } catch (fault) {
    const reason = fault instanceof Error ? fault.message : String(fault);
    throw apiError('SerializationException', `Expected the body to be JSON, but it is not: ${reason}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw apiError(
      'SerializationException',
      'Start of structure or map found where not expected: expected a JSON object.',
    );
  }
  return value;
}

/** An exception as the JSON protocols carry it; clients read the name from the header or from `__type`. */
export function jsonError(
  error: Pick<ApiError, 'code' | 'message' | 'status' | 'members'> & Partial<Pick<ApiError, 'headers'>>,
  headers: Readonly<Record<string, string>>,
): RawAnswer {
  return {
    status: error.status,
    headers: { ...headers, 'x-amzn-ErrorType': error.code, ...error.headers },
    body: JSON.stringify({ __type: error.code, message: error.message, ...error.members }),
  };
}
