import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningServer, startServer } from '../../src/server/index.js';
import {
  ask,
  createFunction,
  createMachine,
  ended,
  functionArn,
  machineArn,
  ROLE,
} from '../durability/states-client.js';

const HEADER = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1';
const NODE = 'export const handler = async () => process.env._X_AMZN_TRACE_ID ?? null;';
const PYTHON = 'import os\ndef handler(event, context):\n    return os.environ.get("_X_AMZN_TRACE_ID")\n';

const invoke = (name: string): object => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Parameters: { FunctionName: name },
  ResultSelector: { 'seen.$': '$.Payload' },
  OutputPath: '$.seen',
  End: true,
});
const direct = { Type: 'Task', Resource: functionArn('node'), End: true };
const CHILD = { StartAt: 'T', States: { T: direct } };
const nested = (parameters: object): object => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::states:startExecution.sync:2',
  Parameters: { StateMachineArn: machineArn('child'), ...parameters },
  OutputPath: '$.Output',
  End: true,
});
const sdk = {
  Type: 'Task',
  Resource: 'arn:aws:states:::aws-sdk:lambda:invoke',
  Parameters: { FunctionName: 'node' },
  OutputPath: '$.Payload',
  End: true,
};

let folder = '';
let server: RunningServer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'treadle-trace-'));
  server = await startServer({
    ...{ port: 0, host: '127.0.0.1', dataFolder: folder, region: 'us-east-1', account: '000000000000' },
  });
  await createFunction(server.endpoint, 'node', { source: NODE });
  await createFunction(server.endpoint, 'python', {
    ...{ source: PYTHON, file: 'app.py', Runtime: 'python3.12' },
  });
  await createMachine(server.endpoint, 'child', CHILD);
  const tasks = [direct, invoke('node'), invoke('python'), sdk, nested({}), nested({ TraceHeader: 'Root=own' })];
  const Branches = tasks.map((task, i) => ({ StartAt: `T${i}`, States: { [`T${i}`]: task } }));
  await createMachine(server.endpoint, 'all', {
    StartAt: 'P',
    States: { P: { Type: 'Parallel', Branches, End: true } },
  });
  const express = { name: 'express', roleArn: ROLE, type: 'EXPRESS', definition: JSON.stringify(CHILD) };
  await ask(server.endpoint, 'CreateStateMachine', express);
}, 60_000);
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

async function started(members: object, headers: Readonly<Record<string, string>> = {}) {
  const response = await fetch(server.endpoint, {
    method: 'POST',
    headers: {
      ...headers,
      'x-amz-target': 'AWSStepFunctions.StartExecution',
      'content-type': 'application/x-amz-json-1.0',
    },
    body: JSON.stringify({ stateMachineArn: machineArn('all'), ...members }),
  });
  const { executionArn } = (await response.json()) as { executionArn: string };
  return ended(server.endpoint, executionArn);
}

test.each([
  ['the header', {}, { 'x-amzn-trace-id': HEADER }],
  ['the member', { traceHeader: HEADER }, {}],
  ['the header, which wins over the member', { traceHeader: 'Root=other' }, { 'x-amzn-trace-id': HEADER }],
])('a trace that came by %s is shown, and reaches functions and nested executions', async (_, members, headers) => {
  const execution = await started(members, headers);
  expect(execution).toMatchObject({ status: 'SUCCEEDED', traceHeader: HEADER });
  const seen = [HEADER, HEADER, HEADER, JSON.stringify(HEADER), HEADER, 'Root=own'];
  expect(JSON.parse(String(execution.output))).toEqual(seen);
});

test('without one functions see none, and nothing of an earlier call', async () => {
  const execution = await started({});
  expect(execution).not.toHaveProperty('traceHeader');
  expect(JSON.parse(String(execution.output))).toEqual([null, null, null, 'null', null, 'Root=own']);
});

test('an Express execution has it too', async () => {
  const members = { stateMachineArn: machineArn('express'), traceHeader: HEADER };
  const answer = await ask(server.endpoint, 'StartSyncExecution', members);
  expect(answer).toMatchObject({ traceHeader: HEADER, output: JSON.stringify(HEADER) });
});
