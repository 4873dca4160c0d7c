import { expect, test } from 'vitest';
import { parseJson } from '../../payload/index.js';
import { encodeForm } from './form.js';
import { readHttpTask } from './http-parameters.js';

test.each([
  ['INDICES', 'a=1&list%5B0%5D=x&list%5B1%5D=y+z&o%5Bp%5D=%26&n='],
  ['REPEAT', 'a=1&list=x&list=y+z&o%5Bp%5D=%26&n='],
  ['COMMAS', 'a=1&list=x,y+z&o%5Bp%5D=%26&n='],
  ['BRACKETS', 'a=1&list%5B%5D=x&list%5B%5D=y+z&o%5Bp%5D=%26&n='],
] as const)('lists as %s', (format, expected) => {
  const body = parseJson('{"a":1,"list":["x","y z"],"o":{"p":"&"},"n":null}');
  expect(encodeForm(body, format)).toBe(expected);
});

const TASK = { Method: 'GET', ApiEndpoint: 'https://api.example/v1' };

test.each<readonly [object, string]>([
  [{ Method: 'GET' }, 'The field "ApiEndpoint" is required but was missing'],
  [{ ApiEndpoint: 'https://api.example' }, 'The field "Method" is required but was missing'],
  [
    { ...TASK, Method: 'TRACE' },
    "The value for the field 'Method' must be one of GET, POST, PUT, DELETE, PATCH, OPTIONS, HEAD",
  ],
  [{ ...TASK, ApiEndpoint: 'ftp://x' }, "The value of the field 'ApiEndpoint' has an invalid format"],
  [{ ...TASK, ApiEndpoint: 'https://user:secret@x' }, "The value of the field 'ApiEndpoint' has an invalid format"],
  [{ ...TASK, Headers: 'x' }, "The value of the field 'Headers' has an invalid format"],
  [{ ...TASK, Headers: { a: {} } }, "The value of the field 'Headers' has an invalid format"],
  [{ ...TASK, Headers: { 'a b': 'x' } }, "The value of the field 'Headers' has an invalid format"],
  [{ ...TASK, Headers: { a: 'x\r\nb: y' } }, "The value of the field 'Headers' has an invalid format"],
  ...['Authorization', 'Host', 'if-match', 'X-Amz-Date', 'Transfer-Encoding', 'X-Forwarded-For'].map(
    (name) =>
      [{ ...TASK, Headers: { [name]: 'x' } }, `The header '${name}' is not allowed in the field 'Headers'`] as const,
  ),
  [{ ...TASK, Authentication: 'arn' }, "The value of the field 'Authentication' has an invalid format"],
  [
    { ...TASK, Transform: { RequestBodyEncoding: 'GZIP' } },
    "The value of the field 'RequestBodyEncoding' has an invalid format",
  ],
  [
    { ...TASK, Transform: { RequestBodyEncoding: 'URL_ENCODED', RequestEncodingOptions: { ArrayFormat: 'X' } } },
    "The value of the field 'ArrayFormat' has an invalid format",
  ],
  [{ ...TASK, Url: 'x' }, 'The field "Url" is not supported by Step Functions'],
])('%j is no HTTP Task', (parameters, fault) => {
  expect(readHttpTask(parseJson(JSON.stringify(parameters)))).toEqual([fault]);
});
