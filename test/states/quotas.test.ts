import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AWS_QUOTAS, type Quotas } from '../../src/limits.js';
import { type RunningServer, startServer } from '../../src/server/index.js';
import { eventually } from '../durability/server-process.js';
import {
  createFunction,
  createMachine,
  ended,
  historyOf,
  machineArn,
  ROLE,
  states,
} from '../durability/states-client.js';

const raised: Quotas = { ...AWS_QUOTAS, payloadBytesMax: 400_000, definitionCharsMax: 1_100_000 };
const PASS = { StartAt: 'A', States: { A: { Type: 'Pass', End: true } } };
const WAITS = {
  StartAt: 'A',
  States: {
    A: {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
      Parameters: { FunctionName: 'nothing', Payload: { 'token.$': '$$.Task.Token' } },
      End: true,
    },
  },
};

/** A JSON string of so many bytes of UTF-8, one letter of which has two. */
const stringOf = (bytes: number): string => `"é${'a'.repeat(bytes - 4)}"`;

/** A valid definition of so many characters. */
function definitionOf(chars: number): string {
  const text = JSON.stringify({ Comment: '', ...PASS });
  return text.replace('""', `"${'c'.repeat(chars - text.length)}"`);
}

const tooLong = (member: string, max: number) => ({
  __type: expect.stringContaining('ValidationException'),
  message: `1 validation error detected: Value at '${member}' failed to satisfy constraint: Member must have length less than or equal to ${max}`,
});

describe.each([
  ["AWS's quotas", AWS_QUOTAS],
  ['raised quotas', raised],
])('a server with %s', (_name, quotas) => {
  let folder = '';
  let server: RunningServer;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'treadle-quotas-'));
    server = await startServer({
      port: 0,
      host: '127.0.0.1',
      dataFolder: folder,
      region: 'us-east-1',
      account: '000000000000',
      quotas,
    });
    await createMachine(server.endpoint, 'pass', PASS);
    await createFunction(server.endpoint, 'nothing', { source: 'export const handler = async () => ({});' });
    await createMachine(server.endpoint, 'waits', WAITS);
    await states(server.endpoint, 'CreateStateMachine', {
      name: 'express',
      roleArn: ROLE,
      type: 'EXPRESS',
      definition: JSON.stringify(PASS),
    });
  });
  afterAll(async () => {
    await server.close();
    await rm(folder, { recursive: true });
  });

  const refusalOf = (body: Readonly<Record<string, unknown>>) => ({ __type: body.__type, message: body.message });

  it('takes an input of exactly as many bytes, and no byte more', async () => {
    const { payloadBytesMax } = quotas;
    const started = await states(server.endpoint, 'StartExecution', {
      stateMachineArn: machineArn('pass'),
      input: stringOf(payloadBytesMax),
    });
    expect(started.status).toBe(200);
    const { status, output } = await ended(server.endpoint, String(started.body.executionArn));
    expect([status, Buffer.byteLength(String(output))]).toEqual(['SUCCEEDED', payloadBytesMax]);
    for (const [operation, machine] of [
      ['StartExecution', 'pass'],
      ['StartExecution', 'express'],
      ['StartSyncExecution', 'express'],
    ] as const) {
      const refused = await states(server.endpoint, operation, {
        stateMachineArn: machineArn(machine),
        input: stringOf(payloadBytesMax + 1),
      });
      expect([refused.status, refusalOf(refused.body)]).toEqual([400, tooLong('input', payloadBytesMax)]);
    }
    const sync = await states(server.endpoint, 'StartSyncExecution', {
      stateMachineArn: machineArn('express'),
      input: stringOf(payloadBytesMax),
    });
    expect([sync.body.status, sync.body.output === stringOf(payloadBytesMax)]).toEqual(['SUCCEEDED', true]);
  });

  it('takes an answer to a token of exactly as many bytes, and no byte more', async () => {
    const { payloadBytesMax } = quotas;
    const { body } = await states(server.endpoint, 'StartExecution', { stateMachineArn: machineArn('waits') });
    const executionArn = String(body.executionArn);
    const taskToken = await eventually(async () => {
      const scheduled = (await historyOf(server.endpoint, executionArn)).find(({ type }) => type === 'TaskScheduled');
      const details = scheduled?.taskScheduledEventDetails as { readonly parameters: string } | undefined;
      return details === undefined ? null : (JSON.parse(details.parameters).Payload.token as string);
    });
    const refused = await states(server.endpoint, 'SendTaskSuccess', {
      taskToken,
      output: stringOf(payloadBytesMax + 1),
    });
    expect([refused.status, refusalOf(refused.body)]).toEqual([400, tooLong('output', payloadBytesMax)]);
    const taken = await states(server.endpoint, 'SendTaskSuccess', { taskToken, output: stringOf(payloadBytesMax) });
    expect(taken.status).toBe(200);
    expect((await ended(server.endpoint, executionArn)).status).toBe('SUCCEEDED');
  });

  it('takes a definition of exactly as many characters, and none more', async () => {
    const { definitionCharsMax } = quotas;
    const create = (name: string, definition: string) =>
      states(server.endpoint, 'CreateStateMachine', { name, roleArn: ROLE, definition });
    expect((await create('long', definitionOf(definitionCharsMax))).status).toBe(200);
    const definition = definitionOf(definitionCharsMax + 1);
    const refused = await create('longer', definition);
    expect([refused.status, refusalOf(refused.body)]).toEqual([400, tooLong('definition', definitionCharsMax)]);
    const updated = await states(server.endpoint, 'UpdateStateMachine', {
      stateMachineArn: machineArn('long'),
      definition,
    });
    expect([updated.status, refusalOf(updated.body)]).toEqual([400, tooLong('definition', definitionCharsMax)]);
    const validated = await states(server.endpoint, 'ValidateStateMachineDefinition', {
      definition: definitionOf(definitionCharsMax),
    });
    expect(validated.body).toMatchObject({ result: 'OK' });
  });

  it('says what it has raised', async () => {
    const health = (await (await fetch(`${server.endpoint}/_treadle/health`)).json()) as { raisedQuotas: object };
    expect(health.raisedQuotas).toEqual(quotas === raised ? { payloadBytes: 400_000, definitionChars: 1_100_000 } : {});
  });
});

it('a machine that a raised quota let in still runs when the quota is lower', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'treadle-quotas-'));
  const options = { port: 0, host: '127.0.0.1', dataFolder: folder, region: 'us-east-1', account: '000000000000' };
  const before = await startServer({ ...options, quotas: raised });
  await states(before.endpoint, 'CreateStateMachine', {
    name: 'm',
    roleArn: ROLE,
    definition: definitionOf(1_100_000),
  });
  await before.close();
  const after = await startServer(options);
  const { body } = await states(after.endpoint, 'StartExecution', { stateMachineArn: machineArn('m') });
  expect((await ended(after.endpoint, String(body.executionArn))).status).toBe('SUCCEEDED');
  await after.close();
  await rm(folder, { recursive: true });
});
