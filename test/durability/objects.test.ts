import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, type ServerProcess, startTreadle } from './server-process.js';

/** Objects that were acknowledged before a SIGKILL are whole afterwards; what was not is there whole, or not at all. */

const MIB = 1024 * 1024;
const KILLS = 4;
const WRITERS = 6;

let folder = '';
let server: ServerProcess;
let client: S3Client;

const clientOf = ({ endpoint }: ServerProcess) =>
  new S3Client({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
    maxAttempts: 1,
  });

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'treadle-objects-'));
  server = await startTreadle(folder);
  client = clientOf(server);
  await client.send(new CreateBucketCommand({ Bucket: 'kept' }));
});
afterAll(async () => {
  client.destroy();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

const md5 = (body: Uint8Array): string => createHash('md5').update(body).digest('hex');
const files = (): number =>
  readdirSync(join(folder, 'objects'), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    .length;

/** Key → MD5 of what the server said it has; null = it said that it is deleted. */
const acknowledged = new Map<string, string | null>();
/** Key → MD5s of what was sent for it, acknowledged or not. */
const sent = new Map<string, Set<string>>();

async function write(key: string): Promise<void> {
  const body = randomBytes(Math.floor(Math.random() * 400_000));
  sent.set(key, (sent.get(key) ?? new Set()).add(md5(body)));
  await client.send(new PutObjectCommand({ Bucket: 'kept', Key: key, Body: body }));
  acknowledged.set(key, md5(body));
}

async function writeInParts(key: string): Promise<void> {
  const bodies = [randomBytes(5 * MIB), randomBytes(1000)];
  const whole = md5(Buffer.concat(bodies));
  sent.set(key, (sent.get(key) ?? new Set()).add(whole));
  const place = { Bucket: 'kept', Key: key };
  const { UploadId } = await client.send(new CreateMultipartUploadCommand(place));
  const Parts = [];
  for (const [index, Body] of bodies.entries()) {
    const { ETag } = await client.send(new UploadPartCommand({ ...place, UploadId, PartNumber: index + 1, Body }));
    Parts.push({ ETag, PartNumber: index + 1 });
  }
  await client.send(new CompleteMultipartUploadCommand({ ...place, UploadId, MultipartUpload: { Parts } }));
  acknowledged.set(key, whole);
}

/** Writes, replaces and deletes until the server is gone. */
async function writer(name: string): Promise<void> {
  for (let index = 0; ; index += 1) {
    const key = `${name}/${index % 20}`;
    try {
      if (index % 7 === 6) {
        acknowledged.delete(key); // until it is answered, it may be there or not
        await client.send(new DeleteObjectCommand({ Bucket: 'kept', Key: key }));
        acknowledged.set(key, null);
      } else if (index % 11 === 10) await writeInParts(key);
      else await write(key);
    } catch {
      acknowledged.delete(key); // the last one: the old or the new may be there
      return;
    }
  }
}

async function contents(): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: 'kept' }));
  for (const { Key = '' } of Contents) {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: 'kept', Key }));
    found.set(Key, md5((await Body?.transformToByteArray()) ?? Buffer.alloc(0)));
  }
  return found;
}

test.each(Array.from({ length: KILLS }, (_, index) => index + 1))(
  'kill %i',
  async (round) => {
    acknowledged.clear();
    const before = new Map(await contents());
    for (const [key, sum] of before) sent.set(key, new Set([sum]));
    const writers = Array.from({ length: WRITERS }, (_, index) => writer(`w${index}`));
    await sleep(400 + round * 150);
    await server.kill();
    await Promise.all(writers);
    expect(acknowledged.size).toBeGreaterThan(0);
    client.destroy();
    server = await startTreadle(folder);
    client = clientOf(server);

    const found = await contents();
    for (const [key, sum] of acknowledged) expect([key, found.get(key) ?? null]).toEqual([key, sum]);
    for (const [key, sum] of found) expect([key, sent.get(key)?.has(sum)]).toEqual([key, true]);
  },
  60_000,
);

test('no file is left that nothing names', async () => {
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: 'kept' }));
  for (const { Key } of Contents) await client.send(new DeleteObjectCommand({ Bucket: 'kept', Key }));
  // Unfinished uploads keep their parts until somebody aborts them.
  const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: 'kept' }));
  for (const { Key, UploadId } of Uploads) {
    await client.send(new AbortMultipartUploadCommand({ Bucket: 'kept', Key, UploadId }));
  }
  await eventually(() => (files() === 0 ? true : null));
});
