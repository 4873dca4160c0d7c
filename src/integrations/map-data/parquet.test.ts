import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, it } from 'vitest';
import { MemoryObjects } from '../../testing/memory-objects.js';
import { readItems } from './item-reader.js';
import { parquetItems } from './parquet.js';
import type { ObjectReader } from './ports.js';

const request = {
  resource: 'arn:aws:states:::s3:getObject',
  parameters: { Bucket: 'b', Key: 'k' },
  readerConfig: { InputType: 'PARQUET' },
};

async function read(objects: ObjectReader): Promise<string[]> {
  const texts: string[] = [];
  for await (const { text } of readItems(request, objects)) texts.push(text);
  return texts;
}

const columns = [
  { name: 'id', data: [9007199254740993n, 2n, 3n], type: 'INT64' as const },
  { name: 'name', data: ['é', 'b"', null], type: 'STRING' as const, nullable: true },
  { name: 'price', data: [1.5, Number.NaN, 3], type: 'DOUBLE' as const },
  { name: 'ok', data: [true, false, true], type: 'BOOLEAN' as const },
  { name: 'at', data: [new Date(0), new Date(1), new Date(2)], type: 'TIMESTAMP' as const },
];
const rows = [
  '{"id":9007199254740993,"name":"é","price":1.5,"ok":true,"at":"1970-01-01T00:00:00.000Z"}',
  '{"id":2,"name":"b\\"","price":null,"ok":false,"at":"1970-01-01T00:00:00.001Z"}',
  '{"id":3,"name":null,"price":3,"ok":true,"at":"1970-01-01T00:00:00.002Z"}',
];
const file = new Uint8Array(parquetWriteBuffer({ columnData: columns, rowGroupSize: 2 }));

/** Found by fuzzing: one changed byte makes the decoder go round for ever. */
const ENDLESS = Buffer.from(
  [
    'UEFSMRUGFSQVKFwVBBUAFQQVABUEFQAAAAMDEDwBAAAAAAAAAAIAAAAAAAAAFQYVGhUeXBUEFQAVBBUAFQQVAAAAAwMLKAIAAADD',
    'qQEAAABiFQYVJBUkXBUEFQAVBBUAFcoVAAAAAwMQAAAFASTwPwAAAAAAAABAFQYVFBUYXBUCFQAVAhUAFQQVAAAAAwEIHAMAAAAA',
    'AAAAFQYVBBUGXBUCFQIVAhUAFQQVAAAAAwAAFQYVFBUYXBUCFQAVAhUAFQQVAAAAAwEIHAAAAAAAAAhAFQQZTEgEcm9vdBUGABUE',
    'JQIYAmlkABUMJQIYAXMlAAAVCiUCGAFkABYGGSwZPCYIHBUEGRUAGRgCaWQVAhYEFk4WUiYIPDYAKAgCAAAAAAAAABgIAQAAAAAA',
    'AAAAGRwVBhUAFQIAAAAmWhwVDBkVABkYAXMVAhYEFkQWSCZaPDYAKALDqRgBYgAZHBUGFQAVAgAAACaiARwVChkVABkYAWQVAhYE',
    'Fk4WTiaiATw2ACgIAAAAAAAAAEAYCAAAAAAAAPA/NgAAGRwVBhUAFQIAAAAW4AEWBDboAQAZPCbWARwVBBkVABkYAmlkFQIWAhY+',
    'FkIm8AE8NgAoCAMAAAAAAAAAGAgDAAAAAAAAAAAZHBUGFQAVAgAAACayAhwVDBkVABkYAXMVAhYCFi4WMCayAjw2AgAZHBUGFQAV',
    'AgAAACbiAhwVChkVABkYAWQVAhYCFj4WQibiAjw2ACgIAAAAAAAACEAYCAAAAAAAAAhANgAAGRwVBhUAFQIAAAAWqgEWAja0AQAo',
    'CWh5cGFycXVldBk8HAAAHAAAHAAAAJwBAABQQVIx',
  ].join(''),
  'base64',
);

describe('Parquet', () => {
  it('gives up a file whose decoding does not end', async () => {
    const objects = new MemoryObjects('b').set('k', ENDLESS);
    await expect(parquetItems({ bucket: 'b', key: 'k' }, objects, { silenceMsMax: 1500 }).next()).rejects.toThrow(
      'The Parquet file could not be decoded: its row group took longer than 1500 ms.',
    );
  });

  it('gives an object for each row of every row group', async () => {
    expect(await read(new MemoryObjects('b').set('k', file))).toEqual(rows);
  });

  it('reads only what it needs where the store gives ranges', async () => {
    const objects: MemoryObjects & ObjectReader = new MemoryObjects('b').set('k', file);
    const ranges: string[] = [];
    objects.getRange = async ({ start, end }) => {
      ranges.push(`${start}-${end}`);
      return file.subarray(start, end);
    };
    const first = readItems(request, objects);
    expect((await first.next()).value).toEqual({ text: rows[0], source: 'S3://b/k' });
    await first.return(undefined);
    const groupsRead = ranges.length;
    expect(await read(objects)).toEqual(rows);
    expect(ranges.length - groupsRead).toBeGreaterThan(groupsRead);
    expect(objects.openBodies).toBe(0);
  });

  it.each([
    ['too short', new Uint8Array(3), /The file is not valid Parquet: it is too short\./],
    [
      'no Parquet',
      Buffer.from('x'.repeat(100)),
      /Expected a Parquet footer of at most 5242880 bytes, but it has 2021161080\./,
    ],
    [
      'cut off',
      Buffer.concat([file.subarray(0, 20), file.subarray(-8)]),
      /^States.ItemReaderFailed: The file is not valid Parquet: /,
    ],
  ])('refuses a file that is %s', async (_, bytes, message) => {
    await expect(read(new MemoryObjects('b').set('k', bytes))).rejects.toThrow(message);
  });

  it('tells what the store refused in the middle', async () => {
    const objects: MemoryObjects & ObjectReader = new MemoryObjects('b').set('k', file);
    objects.getRange = async () => {
      throw {
        code: 'SlowDown',
        message: 'Please reduce your request rate.',
        status: 503,
        requestId: 'R',
        extendedRequestId: 'E',
      };
    };
    await expect(read(objects)).rejects.toMatchObject({
      error: 'States.ItemReaderFailed',
      cause: 'Please reduce your request rate. (Service: S3, Status Code: 503, Request ID: R, Extended Request ID: E)',
    });
  });
});
