import { decode, encode, Tag } from 'cbor2';
import { expect, test } from 'vitest';
import { Entries, Timestamp } from '../output.js';
import { ApiError } from '../port.js';
import type { RawRequest } from './protocol.js';
import { rpcCbor } from './rpc-v2-cbor.js';

const request = (body: Uint8Array, protocol: string | undefined = 'rpc-v2-cbor'): RawRequest => ({
  method: 'POST',
  path: '/service/GraniteServiceVersion20100801/operation/ListMetrics',
  query: '',
  headers: protocol === undefined ? {} : { 'smithy-protocol': protocol },
  body: Buffer.from(body),
});

test('an input comes as JSON would bring it: timestamps are epoch seconds', () => {
  const body = encode({ at: new Tag(1, 1_700_000_000.5), list: [1, 2.5, 'x'], is: true });
  expect(rpcCbor('ListMetrics').decode(request(body))).toEqual({
    operation: 'ListMetrics',
    input: { at: 1_700_000_000.5, list: [1, 2.5, 'x'], is: true },
  });
  expect(rpcCbor('ListMetrics').decode(request(new Uint8Array())).input).toEqual({});
});

test('maps and lists of unknown length, as other encoders write them, are read', () => {
  const { input } = rpcCbor('A').decode(request(Buffer.from('bf61619f0102ffff', 'hex')));
  expect(input).toEqual({ a: [1, 2] });
});

test('a member __proto__ is a member, and changes no object', () => {
  const { input } = rpcCbor('A').decode(request(Buffer.from('a1695f5f70726f746f5f5fa1617801', 'hex')));
  expect(Object.keys(input as object)).toEqual(['__proto__']);
  expect(({} as { x?: unknown }).x).toBeUndefined();
});

test.each([
  ['no CBOR', Buffer.from('{"a":1}'), 'rpc-v2-cbor', 'SerializationException'],
  ['half a map', Buffer.from('a26161', 'hex'), 'rpc-v2-cbor', 'SerializationException'],
  [
    'lists too deep',
    Buffer.concat([Buffer.alloc(100_000, 0x81), Buffer.from([1])]),
    'rpc-v2-cbor',
    'SerializationException',
  ],
  [
    'a text that claims to be endless',
    Buffer.from('7bffffffffffffffff', 'hex'),
    'rpc-v2-cbor',
    'SerializationException',
  ],
  ['another protocol', encode({}), 'rest-json', 'UnsupportedMediaTypeException'],
])('%s is refused', (_, body, protocol, code) => {
  expect(() => rpcCbor('A').decode(request(body, protocol))).toThrow(expect.objectContaining({ code }));
});

test('an output has tagged timestamps, and no member that is undefined', () => {
  const output = {
    at: new Timestamp(1_700_000_000_500),
    gone: undefined,
    map: new Entries([['p99', 1.5]]),
    list: [{}],
  };
  const { body, headers } = rpcCbor('A').encode(output, 'A', 'r');
  expect(headers).toEqual({ 'content-type': 'application/cbor', 'smithy-protocol': 'rpc-v2-cbor' });
  expect(decode(body, { tags: new Map([[1, ({ contents }) => ({ seconds: contents })]]) })).toEqual({
    ...{ at: { seconds: 1_700_000_000.5 }, map: { p99: 1.5 }, list: [{}] },
  });
});

test('an exception has its name as __type, its members, and the older name in a header', () => {
  const fault = new ApiError('Odd', 'Too odd.', 400, { limit: 3 }, { 'x-amzn-query-error': 'Old;Sender' });
  const { status, headers, body } = rpcCbor('A').encodeError(fault, 'r');
  expect([status, headers['x-amzn-query-error']]).toEqual([400, 'Old;Sender']);
  expect(decode(body)).toEqual({ __type: 'Odd', message: 'Too odd.', limit: 3 });
});
