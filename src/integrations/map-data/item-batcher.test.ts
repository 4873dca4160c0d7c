import { expect, it } from 'vitest';
import { type BatchRule, batchItems } from './item-batcher.js';

async function batches(texts: readonly string[], rule: BatchRule): Promise<string[]> {
  const items = async function* () {
    for (const text of texts) yield { text };
  };
  const result: string[] = [];
  for await (const batch of batchItems(items(), rule)) result.push(batch.text);
  return result;
}

// The recorded case: BatchInput comes first, and two of three items were read.
it.each<[string, readonly string[], BatchRule, readonly string[]]>([
  [
    'BatchInput comes first',
    ['{"a":1}', '{"a":2}'],
    { maxItemsPerBatch: 2, maxInputBytesPerBatch: 150_000, batchInputText: '{"BatchTimestamp":"date"}' },
    ['{"BatchInput":{"BatchTimestamp":"date"},"Items":[{"a":1},{"a":2}]}'],
  ],
  ['there is none', ['1', '2', '3'], { maxItemsPerBatch: 2 }, ['{"Items":[1,2]}', '{"Items":[3]}']],
  ['no items, no batch', [], { maxItemsPerBatch: 2 }, []],
  ['zero means no bound', ['1', '2'], { maxItemsPerBatch: 0, maxInputBytesPerBatch: 0 }, ['{"Items":[1,2]}']],
  // {"Items":[]} has 12 bytes: 15 hold two items of a digit with their comma.
  ['bytes count the whole input', ['1', '2', '3'], { maxInputBytesPerBatch: 15 }, ['{"Items":[1,2]}', '{"Items":[3]}']],
  ['bytes are UTF-8', ['"é"', '"é"'], { maxInputBytesPerBatch: 20 }, ['{"Items":["é"]}', '{"Items":["é"]}']],
  [
    'BatchInput counts',
    ['1', '2'],
    { maxInputBytesPerBatch: 29, batchInputText: '{}' },
    ['{"BatchInput":{},"Items":[1]}', '{"BatchInput":{},"Items":[2]}'],
  ],
])('%s', async (_, items, rule, expected) => {
  expect(await batches(items, rule)).toEqual(expected);
});

it('fills batches up to the payload limit when nothing else is said', async () => {
  const text = `"${'x'.repeat(100_000 - 2)}"`;
  const sizes = (await batches([text, text, text], {})).map((batch) => batch.length);
  expect(sizes).toEqual([200_013, 100_012]);
});

it('refuses an item that is too large for a batch of its own', async () => {
  await expect(batches(['1', '"123456"'], { maxInputBytesPerBatch: 18 })).rejects.toMatchObject({
    error: 'States.DataLimitExceeded',
    cause:
      "The item at index 1 has 8 bytes and cannot be batched: with the 12 bytes of its batch's other input it exceeds the maximum of 18 bytes per batch.",
  });
});
