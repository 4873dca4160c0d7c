import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateTableCommand,
  DynamoDBClient,
  PutItemCommand,
  paginateScan,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  EndedEarly,
  eventually,
  type KillPoint,
  type ServerProcess,
  startCrashing,
  startTreadle,
} from './server-process.js';

/** What a table has acknowledged before a SIGKILL is there afterwards, its index agrees, and no Task has written twice. */

const KILLS = 4;
const WRITERS = 8;
const ITEMS = 30;
const EXECUTIONS = 4;

let folder = '';
let server: ServerProcess;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'treadle-tables-'));
  server = await startTreadle(folder);
  await withTables((client) =>
    client.send(
      new CreateTableCommand({
        TableName: 'Kept',
        AttributeDefinitions: [
          { AttributeName: 'id', AttributeType: 'S' },
          { AttributeName: 'team', AttributeType: 'S' },
        ],
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        GlobalSecondaryIndexes: [
          {
            IndexName: 'byTeam',
            KeySchema: [{ AttributeName: 'team', KeyType: 'HASH' }],
            Projection: { ProjectionType: 'ALL' },
          },
        ],
        StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' },
        BillingMode: 'PAY_PER_REQUEST',
      }),
    ),
  );
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

const settings = () => ({
  endpoint: server.endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
  maxAttempts: 1,
});

async function withTables<T>(use: (client: DynamoDBClient) => Promise<T>): Promise<T> {
  const client = new DynamoDBClient(settings());
  try {
    return await use(client);
  } finally {
    client.destroy();
  }
}

async function scanned(IndexName?: string): Promise<ReadonlyMap<string, number>> {
  const found = new Map<string, number>();
  await withTables(async (client) => {
    for await (const { Items = [] } of paginateScan({ client }, { TableName: 'Kept', IndexName })) {
      for (const { id, n } of Items) found.set(id?.S ?? '', Number(n?.N));
    }
  });
  return found;
}

test('no acknowledged write is lost, and indexes agree with their table', async () => {
  const acknowledged = new Map<string, number>();
  for (let kill = 0; kill < KILLS; kill++) {
    await withTables(async (client) => {
      let isKilled = false;
      const writer = async (name: number): Promise<void> => {
        for (let n = 0; !isKilled; n++) {
          const item = (id: string) => ({ id: { S: id }, n: { N: String(n) }, team: { S: `t${n % 5}` } });
          const [one, other] = [`${kill}-${name}`, `${kill}-${name}-twin`];
          const Put = (id: string) => ({ Put: { TableName: 'Kept', Item: item(id) } });
          const write =
            n % 2 === 0
              ? client.send(new PutItemCommand({ TableName: 'Kept', Item: item(one) }))
              : client.send(new TransactWriteItemsCommand({ TransactItems: [Put(one), Put(other)] }));
          await write;
          acknowledged.set(one, n);
          if (n % 2 === 1) acknowledged.set(other, n);
        }
      };
      const writers = Array.from({ length: WRITERS }, (_, name) => writer(name).catch(() => undefined));
      await sleep(300 + Math.random() * 700);
      await server.kill();
      isKilled = true;
      await Promise.all(writers);
    });
    server = await startTreadle(folder);
    const items = await scanned();
    const lost = [...acknowledged].filter(([id, n]) => (items.get(id) ?? -1) < n);
    expect(lost).toEqual([]);
    expect(await scanned('byTeam')).toEqual(items);
  }
  expect(acknowledged.size).toBeGreaterThan(KILLS);
}, 180_000);

const MACHINE = {
  StartAt: 'Each',
  States: {
    Each: {
      Type: 'Map',
      ItemsPath: '$.ids',
      MaxConcurrency: 10,
      ItemProcessor: {
        StartAt: 'Add',
        States: {
          Add: {
            Type: 'Task',
            Resource: 'arn:aws:states:::dynamodb:updateItem',
            Parameters: {
              TableName: 'Kept',
              Key: { id: { 'S.$': '$' } },
              UpdateExpression: 'ADD n :one',
              ExpressionAttributeValues: { ':one': { N: '1' } },
            },
            ResultPath: null,
            Next: 'Transact',
          },
          Transact: {
            Type: 'Task',
            Resource: 'arn:aws:states:::aws-sdk:dynamodb:transactWriteItems',
            Parameters: {
              TransactItems: [
                {
                  Update: {
                    TableName: 'Kept',
                    Key: { id: { 'S.$': "States.Format('{}-t', $)" } },
                    UpdateExpression: 'ADD n :one',
                    ExpressionAttributeValues: { ':one': { N: '1' } },
                  },
                },
              ],
            },
            End: true,
          },
        },
      },
      End: true,
    },
  },
};

test("no Task's write is done twice, wherever the process is killed", async () => {
  const machines = () => new SFNClient(settings());
  let client = machines();
  const { stateMachineArn } = await client.send(
    new CreateStateMachineCommand({
      name: 'adding',
      definition: JSON.stringify(MACHINE),
      roleArn: 'arn:aws:iam::000000000000:role/any',
    }),
  );
  const arns: string[] = [];
  const wanted: string[] = [];
  for (let number = 0; number < EXECUTIONS; number++) {
    const ids = Array.from({ length: ITEMS }, (_, item) => `e${number}-${item}`);
    wanted.push(...ids, ...ids.map((id) => `${id}-t`));
    const { executionArn = '' } = await client.send(
      new StartExecutionCommand({ stateMachineArn, name: `e${number}`, input: JSON.stringify({ ids }) }),
    );
    arns.push(executionArn);
  }
  const points: readonly KillPoint[] = ['before commit', 'after commit, before dispatch'];
  for (let kill = 0; kill < KILLS; kill++) {
    await server.kill();
    try {
      server = await startCrashing(folder, { point: points[kill % 2] ?? 'before commit', count: 5 + kill * 7 });
      await Promise.race([server.gone, sleep(3000)]);
    } catch (fault) {
      if (!(fault instanceof EndedEarly)) throw fault; // it has killed itself before it served
    }
  }
  await server.kill();
  server = await startTreadle(folder);
  client.destroy();
  client = machines();
  for (const executionArn of arns) {
    await eventually(async () => {
      const { status } = await client.send(new DescribeExecutionCommand({ executionArn }));
      return status === 'RUNNING' ? null : expect(status).toBe('SUCCEEDED') === undefined;
    }, 60_000);
  }
  client.destroy();
  const items = await scanned();
  expect(wanted.filter((id) => items.get(id) !== 1)).toEqual([]);
}, 180_000);
