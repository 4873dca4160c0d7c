import { createHash, randomBytes } from 'node:crypto';
import { type ClientRequest, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { memoryStore } from '../../testing/memory-store.js';
import { openBed, type S3Bed } from './test-bed.js';

/** What SDKs do not send, byte by byte. */

let bed: S3Bed;
let port: number;

beforeEach(async () => {
  bed = await openBed(memoryStore().records);
  port = bed.port;
  await bed.s3.buckets.create({ account: '000000000000', region: 'us-east-1' }, 'orders');
});
afterEach(async () => {
  await bed.close();
  expect(bed.reports).toEqual([]);
});

interface Sent {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Record<string, string | number>;
  readonly body?: string | Buffer;
}
interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

function begin({ method = 'PUT', path = '/orders/k', headers = {} }: Sent): {
  sent: ClientRequest;
  answer: Promise<Answer>;
} {
  const sent = httpRequest({ host: '127.0.0.1', port, method, path, headers });
  const answer = new Promise<Answer>((resolve, reject) => {
    sent.on('error', reject);
    sent.on('response', (response) => {
      let text = '';
      response.setEncoding('latin1');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
    });
  });
  return { sent, answer };
}

function send(request: Sent): Promise<Answer> {
  const { sent, answer } = begin(request);
  sent.end(request.body ?? '');
  return answer;
}

const code = ({ status, text }: Answer): readonly [number, string | undefined] => [
  status,
  /<Code>(\w+)<\/Code>/.exec(text)?.[1],
];
const stored = async () => (await send({ method: 'GET' })).text;

describe('aws-chunked bodies', () => {
  const signature = `;chunk-signature=${'a'.repeat(64)}`;
  const signed = `5${signature}\r\nhello\r\n6${signature}\r\n world\r\n0${signature}\r\n\r\n`;
  const crc32 = 'DUoRhQ=='; // of "hello world"
  const trailed = (value: string) => `b\r\nhello world\r\n0\r\nx-amz-checksum-crc32:${value}\r\n\r\n`;
  const chunked = (body: string, type: string, more: Record<string, string> = {}): Sent => ({
    headers: {
      'content-encoding': 'aws-chunked',
      'x-amz-content-sha256': type,
      'x-amz-decoded-content-length': '11',
      'content-length': Buffer.byteLength(body),
      ...more,
    },
    body,
  });
  const TRAILER = { 'x-amz-trailer': 'x-amz-checksum-crc32' };

  test.each([
    ['STREAMING-AWS4-HMAC-SHA256-PAYLOAD', signed, {}],
    ['STREAMING-UNSIGNED-PAYLOAD-TRAILER', trailed(crc32), TRAILER],
    [
      'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER',
      `${trailed(crc32).slice(0, -2)}x-amz-trailer-signature:aa\r\n\r\n`,
      TRAILER,
    ],
  ])('%s', async (type, body, more) => {
    expect((await send(chunked(body, type, more))).status).toBe(200);
    const { text, headers } = await send({ method: 'GET' });
    expect([text, headers['content-encoding']]).toEqual(['hello world', undefined]);
  });

  test.each([
    ['a wrong checksum', trailed('AAAAAA=='), TRAILER, [400, 'BadDigest']],
    ['no checksum', 'b\r\nhello world\r\n0\r\n\r\n', TRAILER, [400, 'MalformedTrailerError']],
    ['a checksum that is none', trailed('???'), TRAILER, [400, 'MalformedTrailerError']],
    ['an end too early', 'b\r\nhello', {}, [400, 'IncompleteBody']],
    ['less than was said', 'a\r\nhello worl\r\n0\r\n\r\n', {}, [400, 'IncompleteBody']],
    ['no chunks', 'hello world', {}, [400, 'IncompleteBody']],
    ['a trailer of another kind', trailed(crc32), { 'x-amz-trailer': 'x-else' }, [400, 'InvalidRequest']],
  ])('with %s are refused, and nothing stays', async (_, body, more, expected) => {
    expect(code(await send(chunked(body, 'STREAMING-UNSIGNED-PAYLOAD-TRAILER', more)))).toEqual(expected);
    expect(await bed.files()).toBe(0);
  });

  test('need their length without the framing', async () => {
    const { headers, body } = chunked(signed, 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD');
    const { 'x-amz-decoded-content-length': _, ...others } = headers ?? {};
    expect(code(await send({ headers: others, body: body ?? '' }))).toEqual([411, 'MissingContentLength']);
  });
});

describe('a body', () => {
  test('is what its hash says', async () => {
    const sha256 = createHash('sha256').update('x').digest('hex');
    expect((await send({ headers: { 'x-amz-content-sha256': sha256 }, body: 'x' })).status).toBe(200);
    const other = await send({ headers: { 'x-amz-content-sha256': sha256 }, body: 'y' });
    expect(code(other)).toEqual([400, 'XAmzContentSHA256Mismatch']);
    expect([await stored(), await bed.files()]).toEqual(['x', 1]);
  });

  test('of more than 5 GiB is refused before it is sent', async () => {
    const { sent, answer } = begin({ headers: { 'content-length': 5 * 1024 ** 3 + 1, expect: '100-continue' } });
    let isAsked = false;
    sent.on('continue', () => {
      isAsked = true;
    });
    sent.flushHeaders();
    expect(code(await answer)).toEqual([400, 'EntityTooLarge']);
    expect(isAsked).toBe(false);
    sent.destroy();
  });

  test('is asked for only when it can be stored', async () => {
    const { sent, answer } = begin({ headers: { 'content-length': 2, expect: '100-continue' } });
    sent.on('continue', () => sent.end('hi'));
    sent.flushHeaders();
    expect((await answer).status).toBe(200);
    expect(await stored()).toBe('hi');
  });

  /** A client that looks for the answer only when it has sent everything. */
  async function sentFirst(head: string, body: Buffer): Promise<string> {
    const socket = connect(port, '127.0.0.1').pause();
    try {
      await new Promise<void>((resolve, reject) => {
        socket.once('error', reject);
        socket.write(`${head}\r\nhost: localhost\r\ncontent-length: ${body.length}\r\n\r\n`);
        socket.write(body, () => resolve());
      });
      await sleep(50);
      let text = '';
      for await (const chunk of socket) text += chunk;
      return text.split('\r\n')[0] ?? '';
    } finally {
      socket.destroy();
    }
  }

  test('of a refused request is read on, so that the answer arrives', async () => {
    expect(await sentFirst('PUT /nope/k HTTP/1.1', randomBytes(12 * 1024 * 1024))).toBe('HTTP/1.1 404 Not Found');
  });

  test('that is found wrong in the middle gets its answer too', async () => {
    const head =
      'PUT /orders/k HTTP/1.1\r\nx-amz-content-sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER\r\nx-amz-decoded-content-length: 9';
    expect(await sentFirst(head, Buffer.alloc(12 * 1024 * 1024, 'no chunk'))).toBe('HTTP/1.1 400 Bad Request');
    expect(await bed.files()).toBe(0);
  });

  test('whose sender goes away leaves nothing', async () => {
    const socket = connect(port, '127.0.0.1');
    socket.write('PUT /orders/k HTTP/1.1\r\nhost: localhost\r\ncontent-length: 9000000\r\n\r\n');
    socket.write(Buffer.alloc(1_000_000));
    while ((await bed.files()) === 0) await sleep(5);
    socket.destroy();
    while ((await bed.files()) > 0) await sleep(5);
    expect(code(await send({ method: 'GET' }))).toEqual([404, 'NoSuchKey']);
  });

  test('of a reader who goes away is let go', async () => {
    await send({ body: randomBytes(8 * 1024 * 1024) });
    const { sent } = begin({ method: 'GET' });
    const response = await new Promise<NodeJS.ReadableStream & { destroy(): void }>((resolve) => {
      sent.on('response', resolve);
      sent.end();
    });
    response.destroy();
    await send({ method: 'DELETE' });
    while ((await bed.files()) > 0) await sleep(5);
  });
});

describe('an address', () => {
  test.each([
    ['orders.localhost', '/k'],
    ['orders.localhost:4566', '/k'],
    ['orders.s3.localhost', '/k'],
    ['s3.localhost', '/orders/k'],
    ['s3.us-east-1.localhost', '/orders/k'],
    ['localhost', '/orders/k'],
    ['localhost', '/orders/%6b'],
  ])('Host %s, %s', async (host, path) => {
    await send({ body: 'found' });
    expect((await send({ method: 'GET', path, headers: { host } })).text).toBe('found');
  });

  test.each([
    ['/orders//a/../b', '/orders//a/../b'],
    ['/orders/%2e%2e/%2e%2e/x', '/orders/../../x'],
    ['/orders/a+b', '/orders/a%2Bb'],
  ])('the key of %s is text, never a file', async (path, same) => {
    await send({ path, body: path });
    expect((await send({ method: 'GET', path: same })).text).toBe(path);
    expect(await bed.files()).toBe(1);
  });

  test('that cannot be decoded is refused', async () => {
    expect(code(await send({ path: '/orders/%ff' }))).toEqual([400, 'InvalidURI']);
    expect(code(await send({ path: '/orders/a%00b' }))).toEqual([400, 'InvalidArgument']);
  });
});

describe('a presigned URL', () => {
  const query = (seconds: number, age: number): string => {
    const date = new Date(Date.now() - age * 1000).toISOString().replace(/[-:]|\.\d+/g, '');
    return new URLSearchParams({
      'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
      'X-Amz-Credential': `any/${date.slice(0, 8)}/eu-west-1/s3/aws4_request`,
      'X-Amz-Date': date,
      'X-Amz-Expires': String(seconds),
      'X-Amz-SignedHeaders': 'host',
      'X-Amz-Signature': '0',
      'x-id': 'PutObject',
    }).toString();
  };

  test('works until it ends', async () => {
    expect((await send({ path: `/orders/k?${query(60, 0)}`, body: 'x' })).status).toBe(200);
    const late = await send({ path: `/orders/k?${query(60, 61)}`, body: 'y' });
    expect([code(late), late.text.includes('Request has expired')]).toEqual([[403, 'AccessDenied'], true]);
    expect(await stored()).toBe('x');
  });
});

describe('an answer', () => {
  test('to HEAD has no body', async () => {
    const { status, text } = await send({ method: 'HEAD', path: '/orders/nope' });
    expect([status, text]).toEqual([404, '']);
  });

  test('with an error says what and where', async () => {
    const { text, headers } = await send({ method: 'GET', path: '/orders/nope' });
    const id = headers['x-amz-request-id'];
    expect(text).toBe(
      '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message>' +
        `<Key>nope</Key><Resource>/orders/nope</Resource><RequestId>${id}</RequestId><HostId>${id}</HostId></Error>`,
    );
  });

  test.each([
    ['POST', '/'],
    ['PATCH', '/orders/k'],
    ['POST', '/orders/k'],
  ])('to %s %s is that it is not allowed', async (method, path) => {
    expect(code(await send({ method, path }))).toEqual([405, 'MethodNotAllowed']);
  });
});

describe('a document', () => {
  const remove = (body: string) => send({ method: 'POST', path: '/orders?delete', body });

  test.each([
    ['that is no XML', '<Delete><Object>'],
    ['that is empty', ''],
    ['of another kind', '<Else/>'],
    ['without keys', '<Delete></Delete>'],
    ['with entities of its own', '<!DOCTYPE x [<!ENTITY a "b">]><Delete><Object><Key>&a;</Key></Object></Delete>'],
    ['with an entity that is none', '<Delete><Object><Key>&nope;</Key></Object></Delete>'],
    ['with 1001 keys', `<Delete>${'<Object><Key>k</Key></Object>'.repeat(1001)}</Delete>`],
  ])('%s is refused', async (_, body) => {
    expect(code(await remove(body))).toEqual([400, 'MalformedXML']);
  });

  test('says keys with all characters', async () => {
    await send({ path: '/orders/a%20%26%0d%3c', body: 'x' });
    const { text } = await remove('<Delete xmlns="x"><Object><Key>a &amp;&#xD;&#60;</Key></Object></Delete>');
    expect(text).toContain('<Deleted><Key>a &amp;&#xD;&lt;</Key></Deleted>');
    expect(await bed.files()).toBe(0);
  });
});
