import fc from 'fast-check';
import { MapDataError, readItems } from '../integrations/map-data/index.js';
import type { FuzzTarget } from './fuzz-target.js';
import { csvBytes, pieceSizes, piecesOf } from './random-map-data.js';

export interface RandomFile {
  readonly bytes: Uint8Array;
  /** Sizes of the pieces in which it arrives. */
  readonly sizes: readonly number[];
  /** Null: the first record has them. */
  readonly headers: readonly string[] | null;
  readonly delimiter: string;
}

/** Any bytes give items, all with the same keys and texts as values, or are refused; the same however they arrive. */
export const csvTarget: FuzzTarget<RandomFile> = {
  name: 'csv',
  arbitrary: fc.record({
    bytes: csvBytes,
    sizes: pieceSizes,
    headers: fc.constantFrom(null, ['a', 'b'], ['__proto__']),
    delimiter: fc.constantFrom('COMMA', 'PIPE', 'SEMICOLON', 'SPACE', 'TAB'),
  }),
  check: async (file) => {
    const whole = await itemsOf(file, []);
    const pieces = await itemsOf(file, file.sizes);
    if (JSON.stringify(whole) !== JSON.stringify(pieces)) {
      throw new Error(
        `Expected the same items from pieces, but got ${JSON.stringify(pieces)} instead of ${JSON.stringify(whole)}`,
      );
    }
    for (const text of whole ?? []) checkItem(text, file);
    return whole !== null && whole.length > 0;
  },
  show: ({ bytes, sizes, headers, delimiter }) =>
    `${delimiter} ${JSON.stringify(headers)} hex ${Buffer.from(bytes).toString('hex')} in pieces of ${sizes.join(', ')}\n${Buffer.from(bytes)}`,
};

function checkItem(text: string, { headers }: RandomFile): void {
  const item = JSON.parse(text) as Record<string, unknown>;
  const keys = Object.keys(item);
  if (headers !== null && keys.join() !== headers.join())
    throw new Error(`Expected the keys ${headers}, but got ${keys}`);
  if (!Object.values(item).every((value) => typeof value === 'string'))
    throw new Error(`Expected texts only, but got ${text}`);
}

/** Null when the file is refused. */
async function itemsOf({ bytes, headers, delimiter }: RandomFile, sizes: readonly number[]): Promise<string[] | null> {
  const place =
    headers === null ? { CSVHeaderLocation: 'FIRST_ROW' } : { CSVHeaderLocation: 'GIVEN', CSVHeaders: [...headers] };
  const request = {
    resource: 'arn:aws:states:::s3:getObject',
    parameters: { Bucket: 'b', Key: 'k' },
    readerConfig: { InputType: 'CSV', CSVDelimiter: delimiter, ...place },
  };
  const objects = {
    getObject: async () => ({ bytes: bytes.length, body: piecesOf(bytes, sizes) }),
    listObjects: async () => ({ objects: [], isTruncated: false }),
  };
  const texts: string[] = [];
  try {
    for await (const { text } of readItems(request, objects)) texts.push(text);
    return texts;
  } catch (thrown) {
    if (thrown instanceof MapDataError && thrown.error === 'States.ItemReaderFailed') return null;
    throw thrown;
  }
}
