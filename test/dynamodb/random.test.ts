import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Tables } from '../../src/services/dynamodb/tables.js';
import { memoryStore } from '../../src/testing/memory-store.js';
import { type Oracle, openOracle } from './dynalite-oracle.js';

/**
 * Random requests one after the other are answered as by dynalite, which takes AWS's answers for its own. Left out is where dynalite is
 * known to differ from AWS: equality of lists and maps, sums of more than 38 digits, sizes of empty texts, order of characters beyond the basic plane.
 */

const PLACE = { region: 'us-east-1', account: '000000000000' };
let oracle: Oracle;
let tables: Tables;
beforeAll(async () => {
  oracle = await openOracle();
  const report = (line: string) => expect.fail(line);
  tables = await Tables.open({ records: memoryStore().records, clock: { now: Date.now }, report, endpointUrl: String });
});
afterAll(async () => {
  await Promise.all([oracle.close(), tables.close()]);
});

const tableOf = (TableName: string) => ({
  TableName,
  AttributeDefinitions: [
    { AttributeName: 'h', AttributeType: 'S' },
    { AttributeName: 'r', AttributeType: 'N' },
    { AttributeName: 'g', AttributeType: 'S' },
  ],
  KeySchema: [
    { AttributeName: 'h', KeyType: 'HASH' },
    { AttributeName: 'r', KeyType: 'RANGE' },
  ],
  BillingMode: 'PAY_PER_REQUEST',
  GlobalSecondaryIndexes: [
    {
      IndexName: 'byG',
      KeySchema: [
        { AttributeName: 'g', KeyType: 'HASH' },
        { AttributeName: 'r', KeyType: 'RANGE' },
      ],
      Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['n'] },
    },
  ],
  LocalSecondaryIndexes: [
    {
      IndexName: 'localG',
      KeySchema: [
        { AttributeName: 'h', KeyType: 'HASH' },
        { AttributeName: 'g', KeyType: 'RANGE' },
      ],
      Projection: { ProjectionType: 'ALL' },
    },
  ],
});

const word = fc.constantFrom('a', 'b', 'ab', 'abc', 'ä', 'zz', ' ');
const numberText = fc.oneof(
  fc.integer({ min: -20, max: 20 }).map(String),
  fc.constantFrom('0.1', '-0.1', '1.5', '1e3', '-1e3', '1E-5', '99999999999999999999', '007', '1.50'),
);
const S = word.map((text) => ({ S: text }));
const N = numberText.map((text) => ({ N: text }));
const B = fc.constantFrom('YQ==', 'YWI=', '/w==').map((text) => ({ B: text }));
const sets = fc.oneof(
  fc.uniqueArray(word, { minLength: 1, maxLength: 3 }).map((texts) => ({ SS: texts })),
  fc
    .uniqueArray(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 3 })
    .map((all) => ({ NS: all.map(String) })),
);
const scalar = fc.oneof(
  S,
  N,
  B,
  fc.boolean().map((BOOL) => ({ BOOL })),
  fc.constant({ NULL: true }),
);
const nested = fc.oneof(
  fc.array(scalar, { maxLength: 3 }).map((L) => ({ L })),
  fc.dictionary(fc.constantFrom('x', 'y'), scalar, { maxKeys: 2 }).map((M) => ({ M })),
);
const value = fc.oneof({ weight: 3, arbitrary: scalar }, sets, nested);
const key = fc.record({ h: S, r: N });
const item = fc
  .tuple(
    key,
    fc.record({ g: fc.oneof({ weight: 4, arbitrary: S }, N), n: value, m: value, l: value }, { requiredKeys: [] }),
  )
  .map(([keys, rest]) => ({ ...keys, ...rest }));

const CONDITIONS = [
  'attribute_exists(h)',
  'attribute_not_exists(h)',
  'attribute_exists(m.x) OR attribute_type(n, :s)',
  'n > :n',
  'n = :n AND NOT g = :s',
  'n BETWEEN :n AND :n',
  'g IN (:s, :n) OR contains(l, :s)',
  'begins_with(g, :s) OR n <> :n',
  'contains(g, :s) OR contains(n, :n)',
  '(l[0] = :s OR m.y < :n) AND attribute_exists(n)',
];
const UPDATES = [
  'SET n = :n',
  'SET n = if_not_exists(n, :n) + :n',
  'SET n = n - :n, g = :s',
  'SET l = list_append(if_not_exists(l, :l), :l)',
  'SET l[1] = :s',
  'SET l[9] = :s, l[8] = :n',
  'SET m.x = :s REMOVE m.y',
  'SET m = :m REMOVE g',
  'REMOVE n, l[0]',
  'ADD n :n',
  'ADD n :ss',
  'DELETE n :ss',
  'ADD c :n SET g = g',
  'SET n = l',
];

type Operation = readonly [operation: string, input: Record<string, unknown>];

function withValues(texts: readonly string[], values: Record<string, unknown>): object {
  const used = Object.entries(values).filter(([name]) =>
    texts.some((text) => new RegExp(`${name}(?![a-z])`).test(text)),
  );
  return used.length === 0 ? {} : { ExpressionAttributeValues: Object.fromEntries(used) };
}

const values = fc.record({
  ':s': S,
  ':n': N,
  ':l': fc.array(scalar, { maxLength: 2 }).map((L) => ({ L })),
  ':m': fc.record({ x: scalar }).map((M) => ({ M })),
  ':ss': sets,
});
const condition = fc.option(fc.constantFrom(...CONDITIONS), { nil: undefined });
const returned = fc.constantFrom('NONE', 'ALL_OLD', 'UPDATED_OLD', 'ALL_NEW', 'UPDATED_NEW');

const put = fc
  .tuple(item, condition, values, returned)
  .map(
    ([Item, ConditionExpression, all, ReturnValues]): Operation => [
      'PutItem',
      { Item, ConditionExpression, ...withValues([ConditionExpression ?? ''], all), ReturnValues },
    ],
  );
const remove = fc
  .tuple(key, condition, values)
  .map(
    ([Key, ConditionExpression, all]): Operation => [
      'DeleteItem',
      { Key, ConditionExpression, ...withValues([ConditionExpression ?? ''], all), ReturnValues: 'ALL_OLD' },
    ],
  );
const update = fc.tuple(key, fc.constantFrom(...UPDATES), condition, values, returned).map(
  ([Key, UpdateExpression, ConditionExpression, all, ReturnValues]): Operation => [
    'UpdateItem',
    {
      Key,
      UpdateExpression,
      ConditionExpression,
      ...withValues([UpdateExpression, ConditionExpression ?? ''], all),
      ReturnValues,
    },
  ],
);
const get = fc
  .tuple(key, fc.constantFrom(undefined, 'n, m.x', 'l[0], g', 'l[2], l[0], h'))
  .map(([Key, ProjectionExpression]): Operation => ['GetItem', { Key, ProjectionExpression }]);
const query = fc
  .tuple(
    fc.constantFrom(
      'h = :h',
      'h = :h AND r > :n',
      'h = :h AND r <= :n',
      'h = :h AND r BETWEEN :n AND :n',
      'r >= :n AND h = :h',
    ),
    fc.constantFrom(undefined, 'byG', 'localG'),
    fc.record({ ':h': S, ':n': N }),
    fc.record({ ScanIndexForward: fc.boolean(), Limit: fc.integer({ min: 1, max: 4 }) }, { requiredKeys: [] }),
  )
  .map(([text, IndexName, all, rest]): Operation => {
    const onIndex = IndexName === 'byG' ? text.replace('h = ', 'g = ') : text;
    const KeyConditionExpression = IndexName === 'localG' ? onIndex.replace(/r (?=[>=<B])/, 'g ') : onIndex;
    const bounds = IndexName === 'localG' ? { ':h': all[':h'], ':n': all[':h'] } : all;
    return ['Query', { KeyConditionExpression, IndexName, ...withValues([KeyConditionExpression], bounds), ...rest }];
  });
const scan = fc
  .record(
    {
      IndexName: fc.constantFrom('byG', 'localG'),
      Limit: fc.integer({ min: 1, max: 4 }),
      ScanFilter: fc.constant({ n: { ComparisonOperator: 'NOT_NULL' } }),
    },
    { requiredKeys: [] },
  )
  .chain((input) =>
    fc
      .constantFrom({}, { Segment: 0, TotalSegments: 3 }, { Segment: 2, TotalSegments: 3 })
      .map((part) => ({ ...input, ...part })),
  )
  .map((input): Operation => ['Scan', input]);

const operation = fc.oneof({ weight: 4, arbitrary: put }, { weight: 3, arbitrary: update }, remove, get, query, scan);

let run = 0;

/** Pages are asked for to the end, so that starting keys are compared too. */
const PAGES_MAX = 20;

test('random requests are answered as by dynalite', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { minLength: 5, maxLength: 25 }), async (operations) => {
      const TableName = `Random${run++}`;
      await Promise.all([
        oracle.call('CreateTable', tableOf(TableName)),
        tables.call('CreateTable', tableOf(TableName), PLACE),
      ]);
      for (const [name, rest] of operations) {
        let input: Record<string, unknown> = JSON.parse(JSON.stringify({ TableName, ...rest }));
        for (let page = 0; page < PAGES_MAX; page++) {
          const wanted = await oracle.call(name, input);
          const given = await tables.call(name, structuredClone(input), PLACE);
          expect({ name, input, answer: JSON.parse(JSON.stringify(given)) }).toEqual({ name, input, answer: wanted });
          const start = wanted.body.LastEvaluatedKey;
          if (start === undefined || wanted.status !== 200) break;
          input = { ...input, ExclusiveStartKey: start };
        }
      }
    }),
    { numRuns: Number(process.env.RUNS ?? 40) },
  );
}, 60_000);
