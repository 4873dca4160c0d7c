import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Store } from '../../store/ports.js';
import { memoryStore } from '../../testing/memory-store.js';
import { Tables } from '../dynamodb/tables.js';
import { parseEventPattern } from '../events/event-pattern.js';
import type { InvocationResult } from '../ports.js';
import { EventSources } from './event-sources.js';
import type { MappingSettings } from './mapping.js';

const PLACE = { account: '000000000000', region: 'us-east-1' };
const CALLED = 'arn:aws:lambda:us-east-1:000000000000:function:watch';
const STREAM = 'arn:aws:dynamodb:us-east-1:000000000000:table/Orders/stream/latest';

interface Change {
  readonly eventName: string;
  readonly dynamodb: { readonly Keys: { readonly id: { readonly S: string } }; readonly SequenceNumber: string };
}
type Answer = (changes: readonly Change[]) => unknown;

let store: Store;
let tables: Tables;
let sources: EventSources;
/** Ids of each call's changes. */
let calls: string[];
let answer: Answer;

async function open(): Promise<void> {
  const clock = { now: Date.now };
  tables = await Tables.open({ records: store.records, clock, report: () => undefined, endpointUrl: String });
  sources = await EventSources.open({
    records: store.records,
    clock,
    report: () => undefined,
    streams: tables.streams,
    queues: {
      describe: () => null,
      receive: async () => [],
      remove: async () => undefined,
      release: async () => undefined,
    },
    functionOf: (arn) => (arn === CALLED ? { timeoutSeconds: 3 } : null),
    parsePattern: parseEventPattern,
    invoker: {
      invoke: async ({ event }): Promise<InvocationResult> => {
        const { Records } = JSON.parse(event) as { Records: readonly Change[] };
        calls.push(Records.map(({ dynamodb }) => dynamodb.Keys.id.S).join(' '));
        try {
          return { type: 'succeeded', payload: JSON.stringify(answer(Records) ?? null), executedVersion: '$LATEST' };
        } catch (fault) {
          return {
            type: 'failed',
            payload: JSON.stringify({ errorMessage: String(fault) }),
            executedVersion: '$LATEST',
          };
        }
      },
    },
  });
  sources.start();
}

async function close(): Promise<void> {
  await sources.close();
  await tables.close();
}

beforeEach(async () => {
  store = memoryStore();
  calls = [];
  answer = () => null;
  await open();
  const { status } = await tables.call(
    'CreateTable',
    {
      TableName: 'Orders',
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'KEYS_ONLY' },
    },
    PLACE,
  );
  expect(status).toBe(200);
});
afterEach(close);

const put = async (...ids: readonly string[]): Promise<void> => {
  for (const id of ids) await tables.call('PutItem', { TableName: 'Orders', Item: { id: { S: id } } }, PLACE);
};
const map = (settings: Partial<MappingSettings> = {}) =>
  sources.create(STREAM, { functionArn: CALLED, startingPosition: 'TRIM_HORIZON', ...settings });
const called = (...expected: readonly string[]) => expect.poll(() => calls, { timeout: 10_000 }).toEqual(expected);

test('changes are given in order, in batches; after a restart it goes on', async () => {
  await put('a', 'b', 'c');
  await map({ batchSize: 2 });
  await called('a b', 'c');
  await close();
  await open();
  await put('d');
  await called('a b', 'c', 'd');
});

test('from LATEST only what comes later is given', async () => {
  await put('a');
  await map({ startingPosition: 'LATEST' });
  await put('b');
  await called('b');
});

test('what no filter wants is passed over', async () => {
  await put('a');
  await tables.call('DeleteItem', { TableName: 'Orders', Key: { id: { S: 'a' } } }, PLACE);
  await put('b');
  await map({ filters: ['{"eventName":["REMOVE"]}', '{"dynamodb":{"Keys":{"id":{"S":["b"]}}}}'] });
  await called('a b');
});

test('a batch that fails is given again, those behind it wait', async () => {
  let failures = 1;
  answer = () => {
    if (failures-- > 0) throw new Error('not now');
  };
  await put('a', 'b');
  await map({ batchSize: 1 });
  await called('a', 'a', 'b');
});

test('a batch is given up when its retries are used up, in halves where that was asked for', async () => {
  answer = (changes) => {
    if (changes.some(({ dynamodb }) => dynamodb.Keys.id.S === 'bad')) throw new Error('never');
  };
  await put('a', 'bad', 'b', 'c');
  await map({ bisects: true, retriesMax: 1 });
  await called('a bad b c', 'a bad', 'a', 'bad', 'bad', 'b c');
});

test('the function says from where on it wants to be called again', async () => {
  let isFirst = true;
  answer = (changes) => {
    const failed = isFirst ? changes[1]?.dynamodb.SequenceNumber : undefined;
    isFirst = false;
    return { batchItemFailures: failed === undefined ? [] : [{ itemIdentifier: failed }] };
  };
  await put('a', 'b', 'c');
  await map({ reportsItemFailures: true });
  await called('a b c', 'b c');
});

test.each<[string, Partial<MappingSettings>, string]>([
  [STREAM, { startingPosition: null }, "Value null at 'startingPosition'"],
  [STREAM, { retriesMax: 10_001 }, 'maximumRetryAttempts'],
  [STREAM, { concurrencyMax: 2 }, 'ScalingConfig is only for queues'],
  [STREAM.replace('Orders', 'Nothing'), {}, 'Stream not found'],
  ['arn:aws:kinesis:us-east-1:000000000000:stream/s', {}, "one of 'kinesis'"],
])('%s with %j is refused', async (arn, settings, message) => {
  const given = { functionArn: CALLED, startingPosition: 'LATEST' as const, ...settings };
  await expect(sources.create(arn, given)).rejects.toThrow(message);
});
