import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemoryObjects } from '../../testing/memory-objects.js';
import {
  csvBytes,
  csvOfTable,
  csvTable,
  jsonArrayDocument,
  jsonDocument,
  numberText,
  pieceSizes,
  piecesOf,
} from '../../testing/random-map-data.js';
import {
  batchItems,
  type ChildResult,
  type ItemReaderRequest,
  MapDataError,
  readItems,
  writeResults,
} from './index.js';
import type { ObjectReader } from './ports.js';

const PARAMETERS = { Bucket: 'b', Key: 'k' };
const request = (readerConfig: NonNullable<ItemReaderRequest['readerConfig']>): ItemReaderRequest => ({
  resource: 'arn:aws:states:::s3:getObject',
  parameters: PARAMETERS,
  readerConfig,
});

const storeOf = (bytes: Uint8Array, sizes: readonly number[]): ObjectReader => ({
  getObject: async () => ({ bytes: bytes.length, body: piecesOf(bytes, sizes) }),
  listObjects: async () => ({ objects: [], isTruncated: false }),
});

async function textsOf(items: AsyncIterable<{ readonly text: string }>): Promise<string[]> {
  const texts: string[] = [];
  for await (const { text } of items) texts.push(text);
  return texts;
}

/** Items, or null when the file was refused. Anything else that is thrown fails the property. */
async function itemsOrFault(bytes: Uint8Array, sizes: readonly number[], config: Parameters<typeof request>[0]) {
  try {
    return await textsOf(readItems(request(config), storeOf(bytes, sizes)));
  } catch (thrown) {
    if (!(thrown instanceof MapDataError) || thrown.error !== 'States.ItemReaderFailed') throw thrown;
    return null;
  }
}

describe('JSON', () => {
  it('elements are what JSON.parse finds, however the file is cut', async () => {
    await fc.assert(
      fc.asyncProperty(jsonArrayDocument, pieceSizes, async (document, sizes) => {
        const texts = await itemsOrFault(Buffer.from(document), sizes, { InputType: 'JSON' });
        expect(texts?.map((text) => JSON.parse(text))).toEqual(JSON.parse(document));
      }),
    );
  });

  it('numbers keep every digit', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(numberText), pieceSizes, async (numbers, sizes) => {
        const texts = await itemsOrFault(Buffer.from(`[${numbers.join(' , ')}]`), sizes, { InputType: 'JSON' });
        expect(texts).toEqual(numbers);
      }),
    );
  });

  it('a document that was damaged gives what JSON.parse gives, or a fault', async () => {
    await fc.assert(
      fc.asyncProperty(
        jsonDocument(),
        fc.nat(),
        fc.constantFrom('', ',', ']', '{', '"', 'x', '1', '\\', ' '),
        pieceSizes,
        async (document, place, change, sizes) => {
          const at = place % (document.length + 1);
          const bytes = Buffer.from(document.slice(0, at) + change + document.slice(at + 1));
          const damaged = bytes.toString();
          const texts = await itemsOrFault(bytes, sizes, { InputType: 'JSON' });
          expect(texts && valuesOf(texts, damaged)).toEqual(valuesByParse(damaged)); // a cut surrogate pair is U+FFFD in both
        },
      ),
      { numRuns: 500 },
    );
  });
});

/** Values of an array's items, or of an object's by key: of two pairs with one key, JSON.parse keeps the last. */
function valuesOf(texts: readonly string[], document: string): unknown {
  const values: unknown[] = texts.map((text) => JSON.parse(text));
  if (!document.trimStart().startsWith('{')) return values;
  const pairs = values as { Key: string; Value: unknown }[];
  return sorted(new Map(pairs.map(({ Key, Value }) => [Key, Value])));
}

function valuesByParse(document: string): unknown {
  try {
    const value: unknown = JSON.parse(document);
    if (Array.isArray(value)) return value;
    return typeof value === 'object' && value !== null ? sorted(Object.entries(value)) : null;
  } catch {
    return null;
  }
}

const sorted = (entries: Iterable<[string, unknown]>) => [...entries].sort(([a], [b]) => (a < b ? -1 : 1));

describe('CSV', () => {
  it('gives back any table', async () => {
    await fc.assert(
      fc.asyncProperty(csvTable, pieceSizes, async (table, sizes) => {
        const config = { InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW', CSVDelimiter: nameOf(table.delimiter) };
        const texts = await itemsOrFault(Buffer.from(csvOfTable(table)), sizes, config);
        const rows = texts?.map((text) => Object.entries(JSON.parse(text)));
        expect(rows).toEqual(
          table.rows.map((row) => Object.entries(Object.fromEntries(table.headers.map((h, i) => [h, row[i]])))),
        );
      }),
    );
  });

  it('takes any bytes: items, or a refusal, and the same for any cut', async () => {
    await fc.assert(
      fc.asyncProperty(csvBytes, pieceSizes, fc.boolean(), async (bytes, sizes, isGiven) => {
        const config = isGiven
          ? { InputType: 'CSV', CSVHeaderLocation: 'GIVEN', CSVHeaders: ['a', 'b'] }
          : { InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW' };
        const whole = await itemsOrFault(bytes, [], config);
        expect(await itemsOrFault(bytes, sizes, config)).toEqual(whole);
        for (const text of whole ?? []) {
          expect(Object.values(JSON.parse(text)).every((value) => typeof value === 'string')).toBe(true);
          expect(text.length).toBeLessThan(6 * bytes.length * 2 + 200);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

const nameOf = (delimiter: string): string =>
  ({ ',': 'COMMA', '|': 'PIPE', ';': 'SEMICOLON', ' ': 'SPACE', '\t': 'TAB' })[delimiter] ?? '';

async function* each<Value>(values: readonly Value[]): AsyncGenerator<Value> {
  yield* values;
}

it('batches hold all items in order, within both bounds, and no two of them could be one', async () => {
  const bounds = fc.record({ items: fc.nat({ max: 5 }), bytes: fc.integer({ min: 60, max: 200 }) });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ unit: 'grapheme', maxLength: 8 })),
      bounds,
      fc.option(fc.constant('{"x":1}')),
      async (items, { items: maxItemsPerBatch, bytes }, batchInput) => {
        const texts = items.map((item) => JSON.stringify(item));
        const rule = {
          maxItemsPerBatch,
          maxInputBytesPerBatch: bytes + Math.max(0, ...texts.map((text) => Buffer.byteLength(text))),
          ...(batchInput !== null && { batchInputText: batchInput }),
        };
        const batches = [];
        for await (const batch of batchItems(each(texts.map((text) => ({ text }))), rule)) batches.push(batch);
        const parsed = batches.map((batch) => JSON.parse(batch.text) as { Items: string[]; BatchInput?: unknown });
        expect(parsed.flatMap((batch) => batch.Items)).toEqual(items);
        expect(parsed.map((batch) => batch.Items.length)).toEqual(batches.map((batch) => batch.itemCount));
        for (const [index, batch] of batches.entries()) {
          expect(parsed[index]?.BatchInput).toEqual(batchInput === null ? undefined : { x: 1 });
          expect(Buffer.byteLength(batch.text)).toBeLessThanOrEqual(rule.maxInputBytesPerBatch);
          if (maxItemsPerBatch > 0) expect(batch.itemCount).toBeLessThanOrEqual(maxItemsPerBatch);
          const next = parsed[index + 1];
          if (next === undefined || batch.itemCount === maxItemsPerBatch) continue;
          const grown = batch.text.replace(/\]\}$/, `,${JSON.stringify(next.Items[0])}]}`);
          expect(Buffer.byteLength(grown)).toBeGreaterThan(rule.maxInputBytesPerBatch);
        }
      },
    ),
  );
});

it('result files give the results back, in files of the size that is allowed', async () => {
  const status = fc.constantFrom('SUCCEEDED' as const, 'FAILED' as const, 'PENDING' as const, 'TIMED_OUT' as const);
  const child = fc.tuple(status, fc.jsonValue({ maxDepth: 2 }), fc.constantFrom(0, 2));
  await fc.assert(
    fc.asyncProperty(
      fc.array(child),
      fc.constantFrom('NONE', 'COMPACT', 'FLATTEN'),
      fc.constantFrom('JSON', 'JSONL'),
      async (children, Transformation, OutputType) => {
        const results = children.map(
          ([status, output, indent], index): ChildResult => ({
            executionArn: `arn:${index}`,
            stateMachineArn: 'arn:m',
            name: String(index),
            status,
            input: '{}',
            ...(status === 'SUCCEEDED' ? { output: JSON.stringify(output, null, indent) } : { error: 'E' }),
          }),
        );
        const objects = new MemoryObjects('b');
        const written = await writeResults(
          {
            parameters: PARAMETERS,
            writerConfig: { Transformation, OutputType },
            mapRunArn: 'arn:run',
            fileBytesMax: 500,
          },
          each(results),
          objects,
        );
        const manifest = JSON.parse(objects.text(JSON.parse(written.output).ResultWriterDetails.Key) ?? '');
        const entries = (kind: string): unknown[] =>
          manifest.ResultFiles[kind].flatMap(({ Key, Size }: { Key: string; Size: number }) => {
            const text = objects.text(Key) ?? '';
            expect(Buffer.byteLength(text)).toBe(Size);
            const values =
              OutputType === 'JSON'
                ? JSON.parse(text)
                : text
                    .trimEnd()
                    .split('\n')
                    .map((line) => JSON.parse(line));
            if (values.length > 1) expect(Size).toBeLessThanOrEqual(500);
            return values;
          });
        const of = (...statuses: string[]) => results.filter((result) => statuses.includes(result.status));
        const names = (values: unknown[]) => values.map((value) => (value as { Name: string }).Name);
        expect(names(entries('FAILED'))).toEqual(of('FAILED', 'TIMED_OUT').map(({ name }) => name));
        expect(names(entries('PENDING'))).toEqual(of('PENDING').map(({ name }) => name));
        const outputs = of('SUCCEEDED').map(({ output }) => JSON.parse(output ?? ''));
        const succeeded = entries('SUCCEEDED');
        if (Transformation === 'NONE') {
          expect(succeeded.map((entry) => JSON.parse((entry as { Output: string }).Output))).toEqual(outputs);
        } else expect(succeeded).toEqual(Transformation === 'FLATTEN' ? outputs.flat() : outputs);
        expect(written.childCount).toBe(children.length);
      },
    ),
  );
});
