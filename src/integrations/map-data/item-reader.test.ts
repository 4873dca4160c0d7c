import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { type JsonObject, parseJson } from '../../payload/index.js';
import { MemoryObjects } from '../../testing/memory-objects.js';
import { MapDataError, readItems } from './index.js';
import type { Item } from './item.js';

const GET = 'arn:aws:states:::s3:getObject';
const LIST = 'arn:aws:states:::s3:listObjectsV2';

interface Reading {
  readonly resource?: string;
  readonly parameters?: JsonObject;
  readonly objects?: MemoryObjects;
}

async function read(content: string | Uint8Array, readerConfig: JsonObject, options: Reading = {}): Promise<Item[]> {
  const objects = options.objects ?? new MemoryObjects('b').set('data/file', content);
  const parameters = options.parameters ?? { Bucket: 'b', Key: 'data/file' };
  const items: Item[] = [];
  for await (const item of readItems({ resource: options.resource ?? GET, parameters, readerConfig }, objects)) {
    items.push(item);
  }
  expect(objects.openBodies).toBe(0);
  return items;
}

/** The items' texts, or `error: cause`. */
async function shown(...args: Parameters<typeof read>): Promise<readonly string[] | string> {
  try {
    return (await read(...args)).map((item) => item.text);
  } catch (thrown) {
    if (thrown instanceof MapDataError) return `${thrown.error}: ${thrown.cause}`;
    throw thrown;
  }
}

const FAILED = 'States.ItemReaderFailed: ';
const NOT_ITERABLE = `${FAILED}Attempting to map over non-iterable node.`;

describe('JSON', () => {
  const cases: readonly (readonly [string, string, JsonObject, readonly string[] | string])[] = [
    [
      'an array',
      ' [ {"a" : [1, 2]}, "x,]" ,null , 1.50, -0, 12345678901234567890 ] ',
      {},
      ['{"a":[1,2]}', '"x,]"', 'null', '1.50', '-0', '12345678901234567890'],
    ],
    ['escapes as AWS writes them', '["\\u0041\\/\\"", "]\\\\"]', {}, ['"A/\\""', '"]\\\\"']],
    ['an empty array', '[ ]', {}, []],
    [
      'the pairs of an object',
      '{"b": 2, "a" : {"x" :1}}',
      {},
      ['{"Key":"b","Value":2}', '{"Key":"a","Value":{"x":1}}'],
    ],
    ['an empty object', '{ }', {}, []],
    ['a byte order mark', '\ufeff[1]', {}, ['1']],
    ['a number', '3', {}, NOT_ITERABLE],
    ['a string', '"[1]"', {}, NOT_ITERABLE],
    ['null', 'null', {}, NOT_ITERABLE],
    [
      'not JSON',
      'hello',
      {},
      `${FAILED}The file is not valid JSON: Unrecognized token 'hello': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false').`,
    ],
    ['an empty file', '', {}, `${FAILED}The file is not valid JSON: No content to map due to end-of-input.`],
    [
      'a file that ends early',
      '[1,',
      {},
      `${FAILED}The file is not valid JSON: No content to map due to end-of-input.`,
    ],
    [
      'a missing comma',
      '[1 2]',
      {},
      `${FAILED}The file is not valid JSON: Unexpected character ('2' (code 50)): was expecting a comma to separate Array entries.`,
    ],
    [
      'text behind the end',
      '[1] x',
      {},
      `${FAILED}The file is not valid JSON: Unexpected character ('x' (code 120)): was expecting the end of the file.`,
    ],
    [
      'a pointer',
      '{"skip":["[",{"a":1}],"inv":{"a/b~":[[9],[7,8]]}} rest is not read',
      { ItemsPointer: '/inv/a~1b~0/1' },
      ['7', '8'],
    ],
    ['a pointer with escapes in their order', '{"~1":[1],"/":[2]}', { ItemsPointer: '/~01' }, ['1']],
    ['a pointer to an object', '{"a":{"k":1}}', { ItemsPointer: '/a' }, ['{"Key":"k","Value":1}']],
    [
      'a pointer to nothing',
      '{"a":[1],"c":2}',
      { ItemsPointer: '/b' },
      `${FAILED}Expected ItemsPointer '/b' to lead to an array or object, but there is no 'b' in the file.`,
    ],
    [
      'a pointer past the end',
      '[[1]]',
      { ItemsPointer: '/1' },
      `${FAILED}Expected ItemsPointer '/1' to lead to an array or object, but there is no '1' in the file.`,
    ],
    [
      'a pointer into an empty array',
      '[]',
      { ItemsPointer: '/0' },
      `${FAILED}Expected ItemsPointer '/0' to lead to an array or object, but there is no '0' in the file.`,
    ],
    ['a pointer to a number', '{"a":1}', { ItemsPointer: '/a' }, NOT_ITERABLE],
    [
      'a pointer that is none',
      '[]',
      { ItemsPointer: 'a' },
      `${FAILED}Expected ItemsPointer to be a JSON pointer such as '/orders/lines' ('~0' for '~', '~1' for '/'), but it is 'a'.`,
    ],
    ['MaxItems', '[1,2,3', { MaxItems: 2 }, ['1', '2']],
    ['MaxItems 0', '[1,2,3]', { MaxItems: 0 }, ['1', '2', '3']],
    ['MaxItems over the limit', '[1]', { MaxItems: 100_000_001 }, ['1']],
    ['a negative MaxItems', '[1]', { MaxItems: -1 }, `${FAILED}field MaxItems must be positive`],
  ];
  it.each(cases)('%s', async (_, content, config, expected) => {
    expect(await shown(content, { InputType: 'JSON', ...config })).toEqual(expected);
  });

  it('tells where items come from, and the parts of a pair', async () => {
    expect(await read('{"a":[1]}', { InputType: 'JSON' })).toEqual([
      { text: '{"Key":"a","Value":[1]}', key: 'a', value: '[1]', source: 'S3://b/data/file' },
    ]);
  });

  it('refuses an item of more than 8 MB, and skips one that is not asked for', async () => {
    const huge = `"${'x'.repeat(8 * 1024 * 1024)}"`;
    const objects = (content: string) => ({ objects: new MemoryObjects('b', 65_536).set('data/file', content) });
    expect(await shown('', { InputType: 'JSON' }, objects(`[1,${huge}]`))).toMatch(
      /exceeds the maximum size of 8388608/,
    );
    expect(await shown('', { InputType: 'JSON', ItemsPointer: '/a' }, objects(`{"z":${huge},"a":[1]}`))).toEqual(['1']);
  });
});

it.each([
  ['JSON', '["a'],
  ['JSONL', '"'],
  ['CSV', 'a'],
  ['CSV', '"a'],
  ['CSV', ','],
])('%s without end is refused in bounded memory', async (InputType, begin) => {
  let bytes = 0;
  const endless = async function* () {
    for (;;) {
      const piece = Buffer.from((bytes === 0 ? begin : begin.slice(-1)).repeat(bytes === 0 ? 1 : 65_536));
      bytes += piece.length;
      yield piece;
    }
  };
  const objects = {
    getObject: async () => ({ bytes: 1, body: endless() }),
    listObjects: async () => ({ objects: [], isTruncated: false }),
  };
  const readerConfig = { InputType, CSVHeaderLocation: 'FIRST_ROW' };
  const items = readItems({ resource: GET, parameters: { Bucket: 'b', Key: 'k' }, readerConfig }, objects);
  await expect(items.next()).rejects.toThrow(/An item exceeds the maximum size of 8388608 bytes/);
  expect(bytes).toBeLessThan(9 * 1024 * 1024);
});

it('an item has 8 MB in bytes, not in characters', async () => {
  const line = `"${'漢'.repeat(3 * 1024 * 1024)}"`; // 3 bytes each
  const objects = new MemoryObjects('b', 65_536).set('data/file', line);
  expect(await shown('', { InputType: 'JSONL' }, { objects })).toMatch(/exceeds the maximum size of 8388608/);
});

it('a file has 10 GB, and a longer one is closed', async () => {
  const store = new MemoryObjects('b').set('data/file', '[1]');
  const open = store.getObject.bind(store);
  store.getObject = async (place) => ({ ...(await open(place)), bytes: 10 * 1024 ** 3 + 1 });
  expect(await shown('', { InputType: 'JSON' }, { objects: store })).toBe(
    `${FAILED}Expected a file of at most 10737418240 bytes, but data/file in b has 10737418241.`,
  );
  expect(store.openBodies).toBe(0);
});

describe('JSONL', () => {
  it.each([
    ['lines', '{"a": 1}\n\n[2]\r\n3', ['{"a":1}', '[2]', '3']],
    ['nothing', '', []],
    [
      'a broken line',
      '1\n{',
      `${FAILED}The file is not valid JSON: Unexpected end-of-input: was expecting double-quote to start field name.`,
    ],
  ])('%s', async (_, content, expected) => {
    expect(await shown(content, { InputType: 'JSONL' })).toEqual(expected);
  });
});

describe('CSV', () => {
  const DUPLICATES = `${FAILED}CSV headers cannot contain duplicates.`;
  const first = { CSVHeaderLocation: 'FIRST_ROW' };
  const given = (...headers: string[]) => ({ CSVHeaderLocation: 'GIVEN', CSVHeaders: headers });
  const cases: readonly (readonly [string, string | Uint8Array, JsonObject, readonly string[] | string])[] = [
    ['headers in the first row', 'a,b\n1,x\n2,y\n', first, ['{"a":"1","b":"x"}', '{"a":"2","b":"y"}']],
    ['headers given', '1,x\n', given('n', 'c'), ['{"n":"1","c":"x"}']],
    ['values beyond the headers', 'a\n1,2,3\n', first, ['{"a":"1"}']],
    ['missing values', 'a,b,c\n1\n', first, ['{"a":"1","b":"","c":""}']],
    ['an empty header', 'a,,c\n1,2,3\n', first, ['{"a":"1","":"2","c":"3"}']],
    ['keys keep their order', '10,2,a\nx,y,z', first, ['{"10":"x","2":"y","a":"z"}']],
    ['duplicate headers', 'a,b,a\n1,2,3\n', first, DUPLICATES],
    ['duplicate given headers', '1,2\n', given('a', 'a'), DUPLICATES],
    ['CRLF, CR, and no end of the last line', 'a,b\r\n1,2\r3,4', first, ['{"a":"1","b":"2"}', '{"a":"3","b":"4"}']],
    ['empty lines', '\n\na\n\n1\r\n\r\n2\n', first, ['{"a":"1"}', '{"a":"2"}']],
    ['an empty value in quotes', 'a\n""\n', first, ['{"a":""}']],
    ['quotes', 'a,b\n"x, y","say ""hi""\r\nthere"\n', first, ['{"a":"x, y","b":"say \\"hi\\"\\r\\nthere"}']],
    ['a quote within a value', 'a,b\nx"y,"q"z\n', first, ['{"a":"x\\"y","b":"qz"}']],
    [
      'backslashes',
      'a,b\nx\\,y,\\"q\\\\\\n\n"\\"","\\d"',
      first,
      ['{"a":"x,y","b":"\\"q\\\\n"}', '{"a":"\\"","b":"d"}'],
    ],
    ['a byte order mark', '\ufeffa\n1', first, ['{"a":"1"}']],
    ['a character that is cut off', Buffer.from('61 0a 31 c3'.replaceAll(' ', ''), 'hex'), first, ['{"a":"1\ufffd"}']],
    ['only headers', 'a,b', first, []],
    ['an empty file', '', first, []],
    ['pipes', 'a|b\n1,2|3', { ...first, CSVDelimiter: 'PIPE' }, ['{"a":"1,2","b":"3"}']],
    ['semicolons', 'a;b\n1;2', { ...first, CSVDelimiter: 'SEMICOLON' }, ['{"a":"1","b":"2"}']],
    ['spaces', 'a b\n1 2', { ...first, CSVDelimiter: 'SPACE' }, ['{"a":"1","b":"2"}']],
    ['tabs', 'a\tb\n1\t2', { ...first, CSVDelimiter: 'TAB' }, ['{"a":"1","b":"2"}']],
    [
      'an unknown delimiter',
      'a',
      { ...first, CSVDelimiter: 'DOT' },
      `${FAILED}Expected CSVDelimiter to be COMMA, PIPE, SEMICOLON, SPACE, TAB, but it is 'DOT'.`,
    ],
    ['a quote that stays open', 'a\n"1\n', first, `${FAILED}Unterminated quoted field at end of CSV file.`],
    [
      'long headers',
      `${'h'.repeat(10_240)}\n1`,
      first,
      `${FAILED}CSV headers cannot exceed 10240 bytes, but these have 10241.`,
    ],
    ['MaxItems', 'a\n1\n2\n3', { ...first, MaxItems: 2 }, ['{"a":"1"}', '{"a":"2"}']],
  ];
  it.each(cases)('%s', async (_, content, config, expected) => {
    expect(await shown(content, { InputType: 'CSV', ...config })).toEqual(expected);
  });
});

/** A ZSTD frame (RFC 8878): its header, a stored block, and a block of one byte repeated. */
function zstdFrame(stored: string, repeated: string, times: number): Uint8Array {
  const block = (size: number, type: number, isLast: boolean) => {
    const header = (size << 3) | (type << 1) | (isLast ? 1 : 0);
    return [header & 0xff, (header >> 8) & 0xff, header >> 16];
  };
  const bytes = Buffer.from(stored);
  const frame = [0x28, 0xb5, 0x2f, 0xfd, 0x20, bytes.length + times];
  return Buffer.from([
    ...frame,
    ...block(bytes.length, 0, false),
    ...bytes,
    ...block(times, 1, true),
    ...Buffer.from(repeated),
  ]);
}

describe('packed files', () => {
  it('reads GZIP and ZSTD', async () => {
    expect(await shown(gzipSync('[1,"é"]'), { InputType: 'JSON' })).toEqual(['1', '"é"']);
    expect(await shown(zstdFrame('[1,"é"', ']', 1), { InputType: 'JSON' })).toEqual(['1', '"é"']);
    expect(await shown(zstdFrame('3\n', '7', 12), { InputType: 'JSONL' })).toEqual(['3', '777777777777']);
  });
  it('names broken ones', async () => {
    expect(await shown(gzipSync('[1]').subarray(0, 12), { InputType: 'JSON' })).toBe(
      `${FAILED}The object is not valid GZIP: unexpected end of file.`,
    );
    expect(await shown(zstdFrame('[1', ']', 1).subarray(0, 8), { InputType: 'JSON' })).toBe(
      `${FAILED}The object is not valid ZSTD: unexpected EOF.`,
    );
  });
});

describe('objects of a bucket', () => {
  const parameters = { Bucket: 'b', Prefix: 'in/' };

  it('are items with AWS members, page by page', async () => {
    const objects = new MemoryObjects('b').set('other', 'x');
    for (let i = 0; i < 1006; i++) objects.set(`in/${String(i).padStart(4, '0')}.txt`, 'hi');
    const items = await read('', {}, { resource: LIST, parameters, objects });
    expect(items).toHaveLength(1006);
    expect(items[1]).toEqual({
      text: '{"Etag":"\\"401b30e3b8b5d629635a5c613cdb7919\\"","Key":"in/0001.txt","LastModified":1.789178222E9,"Size":2,"StorageClass":"STANDARD"}',
      source: 'S3://b',
    });
    expect(objects.requests).toEqual(['list in/  1000', 'list in/ in/0999.txt 1000']);
  });

  it('none are no fault', async () => {
    const objects = new MemoryObjects('b');
    expect(await shown('', {}, { resource: LIST, parameters, objects })).toEqual([]);
  });

  it('LOAD_AND_FLATTEN reads each of them', async () => {
    const objects = new MemoryObjects('b').set('in/', '').set('in/1', '[1,2]').set('in/2', gzipSync('[3]'));
    const config = { Transformation: 'LOAD_AND_FLATTEN', InputType: 'JSON' };
    const items = await read('', config, { resource: LIST, parameters, objects });
    expect(items.map(({ text, source }) => `${text} ${source}`)).toEqual([
      '1 S3://b/in/1',
      '2 S3://b/in/1',
      '3 S3://b/in/2',
    ]);
    expect(await shown('', { Transformation: 'LOAD_AND_FLATTEN' }, { resource: LIST, parameters, objects })).toBe(
      `${FAILED}The field 'InputType' is required but was missing.`,
    );
  });
});

describe('manifests', () => {
  const manifest = (changes: JsonObject = {}) =>
    JSON.stringify({
      sourceBucket: 'src',
      destinationBucket: 'arn:aws:s3:::b',
      version: '2016-11-30',
      fileFormat: 'CSV',
      fileSchema: 'Bucket, Key, Size, LastModifiedDate',
      files: [{ key: 'data/1.csv.gz', size: 1, MD5checksum: 'm' }, { key: 'data/2.csv.gz' }],
      ...changes,
    });
  const store = (text: string) =>
    new MemoryObjects('b', 65_536)
      .set('manifest.json', text)
      .set('data/1.csv.gz', gzipSync('"src","a/b.csv","3399671","2022-11-16T00:29:32.000Z"\n"src","c","2",""\n'))
      .set('data/2.csv.gz', gzipSync('"src","d","5","2022-11-16T00:29:32.000Z"\n'));
  const parameters = { Bucket: 'b', Key: 'manifest.json' };

  it('an inventory gives the rows of its files', async () => {
    const items = await read('', { InputType: 'MANIFEST' }, { parameters, objects: store(manifest()) });
    expect(items.map(({ text }) => text)).toEqual([
      '{"Bucket":"src","Key":"a/b.csv","Size":"3399671","LastModifiedDate":"2022-11-16T00:29:32.000Z"}',
      '{"Bucket":"src","Key":"c","Size":"2","LastModifiedDate":""}',
      '{"Bucket":"src","Key":"d","Size":"5","LastModifiedDate":"2022-11-16T00:29:32.000Z"}',
    ]);
    expect(items[2]?.source).toBe('S3://b/data/2.csv.gz');
  });

  it.each([
    [manifest({ fileFormat: 'ORC' }), `Expected an inventory in CSV format, but the manifest's fileFormat is 'ORC'.`],
    [manifest({ files: 1 }), `Expected the manifest's 'files' to be an array, but it is something else.`],
    [manifest({ files: [{}] }), `Expected the manifest's 'key' to be a string, but it is missing.`],
    [
      manifest({ files: 'x'.repeat(8 * 1024 * 1024) }),
      'Expected a manifest of at most 8388608 bytes, but manifest.json is longer.',
    ],
    ['[]', 'Expected the manifest manifest.json to be a JSON object, but it is none.'],
    [
      'x',
      `The manifest manifest.json is not valid JSON: Unrecognized token 'x': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false').`,
    ],
  ])('%.40s is refused', async (text, cause) => {
    expect(await shown('', { ManifestType: 'S3_INVENTORY' }, { parameters, objects: store(text) })).toBe(
      FAILED + cause,
    );
  });

  it("Athena's names files of the InputType", async () => {
    const objects = new MemoryObjects('b')
      .set('q-manifest.csv', 's3://b/out/1.gz\n"s3://b/out/2"\n')
      .set('out/1.gz', gzipSync('{"a":1}\n{"a":2}\n'))
      .set('out/2', '{"a":3}\n');
    const place = { parameters: { Bucket: 'b', Key: 'q-manifest.csv' }, objects };
    const config = { ManifestType: 'ATHENA_DATA', InputType: 'JSONL' };
    expect(await shown('', config, place)).toEqual(['{"a":1}', '{"a":2}', '{"a":3}']);
    objects.set('q-manifest.csv', 'out/1.gz');
    expect(await shown('', config, place)).toBe(
      `${FAILED}Expected each line of the manifest to be the address of a data file such as s3://bucket/key, but one is 'out/1.gz'.`,
    );
  });
});

describe('the store', () => {
  const ids = 'Request ID: REQ, Extended Request ID: EXT';
  it.each([
    [{ Bucket: 'b', Key: 'no' }, `The specified key does not exist. (Service: S3, Status Code: 404, ${ids})`],
    [{ Bucket: 'c', Key: 'no' }, `The specified bucket does not exist (Service: S3, Status Code: 404, ${ids})`],
    [{ Key: 'no' }, "The field 'Bucket' is required but was missing."],
    [
      { Bucket: 'b', Key: 'k', VersionId: '1' },
      'Expected no VersionId, since buckets keep no versions here. Leave it out to read the object.',
    ],
  ])('%j is refused with its words', async (parameters, cause) => {
    expect(await shown('', { InputType: 'JSON' }, { parameters })).toBe(FAILED + cause);
  });

  it('lets a fault of the machine pass through', async () => {
    const objects = new MemoryObjects('b');
    objects.faults.set('k', new Error('EIO'));
    await expect(read('', { InputType: 'JSON' }, { parameters: { Bucket: 'b', Key: 'k' }, objects })).rejects.toThrow(
      'EIO',
    );
  });

  it('tells what the store refused in the middle of a packed file', async () => {
    const packed = gzipSync('[1,2]');
    const body = (async function* () {
      yield packed.subarray(0, 12);
      throw {
        code: 'InternalError',
        message: 'We encountered an internal error.',
        status: 500,
        requestId: 'R',
        extendedRequestId: 'E',
      };
    })();
    const objects = {
      getObject: async () => ({ bytes: 30, body }),
      listObjects: async () => ({ objects: [], isTruncated: false }),
    };
    const request = { resource: GET, parameters: { Bucket: 'b', Key: 'k' }, readerConfig: { InputType: 'JSON' } };
    await expect(readItems(request, objects).next()).rejects.toMatchObject({
      cause: 'We encountered an internal error. (Service: S3, Status Code: 500, Request ID: R, Extended Request ID: E)',
    });
  });

  it('closes a body that nobody reads to its end', async () => {
    const objects = new MemoryObjects('b').set('k', gzipSync(`[${'1,'.repeat(100_000)}1]`));
    const request = { resource: GET, parameters: { Bucket: 'b', Key: 'k' }, readerConfig: { InputType: 'JSON' } };
    for await (const item of readItems(request, objects)) {
      expect(parseJson(item.text)).toBe(1);
      break;
    }
    await new Promise(setImmediate);
    expect(objects.openBodies).toBe(0);
  });
});
