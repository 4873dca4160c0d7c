import {
  CreateStateMachineCommand,
  ListExecutionsCommand,
  paginateListExecutions,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { beforeAll, expect, test } from 'vitest';
import { openBed } from './client-server.js';

const EXECUTIONS = 10_000;
const AT_ONCE = 100;

const bed = openBed();
let client: SFNClient;
let stateMachineArn: string;
beforeAll(async () => {
  client = bed.use(new SFNClient({ requestHandler: { httpAgent: { maxSockets: AT_ONCE } } }));
  const created = await client.send(
    new CreateStateMachineCommand({
      name: 'many',
      roleArn: 'arn:aws:iam::000000000000:role/any',
      definition: JSON.stringify({ StartAt: 'A', States: { A: { Type: 'Succeed' } } }),
    }),
  );
  stateMachineArn = created.stateMachineArn ?? '';
});

test(`a client pages ${EXECUTIONS} executions: each once, the newest first, also while more are started`, async () => {
  const started: string[] = [];
  let next = 0;
  const starter = async (): Promise<void> => {
    while (next < EXECUTIONS) {
      const name = `execution-${next++}`;
      const { executionArn = '' } = await client.send(new StartExecutionCommand({ stateMachineArn, name }));
      started.push(executionArn);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, starter));

  const seen: string[] = [];
  const times: number[] = [];
  for await (const page of paginateListExecutions({ client, pageSize: 900 }, { stateMachineArn })) {
    for (const { executionArn = '', startDate } of page.executions ?? []) {
      seen.push(executionArn);
      times.push(startDate?.getTime() ?? 0);
    }
    await client.send(new StartExecutionCommand({ stateMachineArn, name: `later-${seen.length}` }));
  }
  expect(new Set(seen).size).toBe(seen.length);
  expect([...seen].sort()).toEqual([...started].sort());
  expect(times).toEqual([...times].sort((one, other) => other - one));
  const failed = await client.send(new ListExecutionsCommand({ stateMachineArn, statusFilter: 'FAILED' }));
  expect(failed.executions).toEqual([]);
});
