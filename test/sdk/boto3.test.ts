import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { eventually } from '../durability/server-process.js';
import { openBed, python } from './client-server.js';

const TOUR = fileURLToPath(new URL('tour.py', import.meta.url));

describe('boto3', () => {
  const bed = openBed();

  test('uses functions, tables, topics, buckets and state machines', async () => {
    expect(JSON.parse(await python(bed.server, [TOUR]))).toEqual({
      account: '000000000000',
      function: { hello: 'Anna' },
      item: { id: '1', total: 2250, items: ['Macbook', 'iPhone'] },
      topic: 'arn:aws:sns:eu-west-1:000000000000:news',
      bucket: {
        same: true,
        part: ['789', 'bytes 7-9/10', { from: 'boto3' }],
        keys: ['a b+ä.txt'],
        folders: ['dir/'],
        presigned: '0123456789',
        refused: 'The specified key does not exist.',
      },
      execution: {
        status: 'SUCCEEDED',
        output: { hello: 'Bob' },
        ids: [7, 6, 5, 4, 3, 2, 1],
        refused: 'ExecutionAlreadyExists',
      },
      express: {
        status: 'SUCCEEDED',
        output: { x: 1 },
        billed: { billedDurationInMilliseconds: 100, billedMemoryUsedInMB: 64 },
      },
    });
    const mail = await eventually(async () => {
      const response = await fetch(`${bed.server.endpoint}/_treadle/api/mail`);
      const { mails } = (await response.json()) as { mails: { to: string; subject: string; text: string }[] }; // our own API
      return mails[0] ?? null;
    });
    expect(mail).toMatchObject({ to: 'anna@example.com', subject: 'Order 1' });
    expect(mail.text).toContain('It is on its way.');
  }, 60_000);
});
