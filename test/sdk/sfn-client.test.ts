import { CreateFunctionCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  CreateStateMachineCommand,
  DeleteStateMachineCommand,
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  DescribeStateMachineForExecutionCommand,
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  GetExecutionHistoryCommand,
  type HistoryEvent,
  InvalidDefinition,
  InvalidName,
  ListExecutionsCommand,
  ListStateMachinesCommand,
  paginateGetExecutionHistory,
  paginateListExecutions,
  SendTaskFailureCommand,
  SendTaskHeartbeatCommand,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
  StartSyncExecutionCommand,
  StateMachineDoesNotExist,
  StateMachineTypeNotSupported,
  StopExecutionCommand,
  TaskTimedOut,
  UpdateStateMachineCommand,
  ValidateStateMachineDefinitionCommand,
} from '@aws-sdk/client-sfn';
import { strToU8, zipSync } from 'fflate';
import { beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../durability/server-process.js';
import { openBed } from './client-server.js';

const ROLE = 'arn:aws:iam::000000000000:role/any';
const MACHINES = 'arn:aws:states:eu-west-1:000000000000:stateMachine:';
const EXECUTIONS = 'arn:aws:states:eu-west-1:000000000000:execution:';
const PASSES = (count: number): string =>
  JSON.stringify({
    StartAt: 'S1',
    States: Object.fromEntries(
      Array.from({ length: count }, (_, index) => [
        `S${index + 1}`,
        { Type: 'Pass', ...(index + 1 === count ? { End: true } : { Next: `S${index + 2}` }) },
      ]),
    ),
  });
const WAIT = JSON.stringify({ StartAt: 'W', States: { W: { Type: 'Wait', Seconds: 3600, End: true } } });

const bed = openBed();
let client: SFNClient;
beforeAll(async () => {
  client = bed.use(new SFNClient({})); // AWS_ENDPOINT_URL alone leads it here
});

async function create(name: string, definition: string): Promise<string> {
  const created = await client.send(new CreateStateMachineCommand({ name, definition, roleArn: ROLE }));
  return created.stateMachineArn ?? '';
}

const start = (stateMachineArn: string, name: string, input = '{}') =>
  client.send(new StartExecutionCommand({ stateMachineArn, name, input }));

const ended = (executionArn: string) =>
  eventually(async () => {
    const described = await client.send(new DescribeExecutionCommand({ executionArn }));
    return described.status === 'RUNNING' ? null : described;
  });

describe('state machines', () => {
  test('are created, described, listed, updated and deleted', async () => {
    const arn = await create('lifecycle', PASSES(1));
    expect(arn).toBe(`${MACHINES}lifecycle`);
    const described = await client.send(new DescribeStateMachineCommand({ stateMachineArn: arn }));
    expect(described).toMatchObject({
      stateMachineArn: arn,
      name: 'lifecycle',
      status: 'ACTIVE',
      type: 'STANDARD',
      roleArn: ROLE,
      definition: PASSES(1),
    });
    expect(described.creationDate?.getTime()).toBeGreaterThan(Date.now() - 60_000);

    await start(arn, 'before');
    const updated = await client.send(new UpdateStateMachineCommand({ stateMachineArn: arn, definition: PASSES(2) }));
    expect(updated.updateDate).toBeInstanceOf(Date);
    const again = await client.send(new DescribeStateMachineCommand({ stateMachineArn: arn }));
    expect(again.definition).toBe(PASSES(2));
    const ofExecution = await client.send(
      new DescribeStateMachineForExecutionCommand({ executionArn: `${EXECUTIONS}lifecycle:before` }),
    );
    expect(ofExecution).toMatchObject({ stateMachineArn: arn, name: 'lifecycle', definition: PASSES(1) });

    await client.send(new DeleteStateMachineCommand({ stateMachineArn: arn }));
    await eventually(async () => {
      const gone = await client.send(new DescribeStateMachineCommand({ stateMachineArn: arn })).catch((fault) => fault);
      return gone instanceof StateMachineDoesNotExist ? gone : null;
    });
  });

  test('are listed in pages', async () => {
    for (const name of ['page-a', 'page-b', 'page-c']) await create(name, PASSES(1));
    const names: (string | undefined)[] = [];
    let nextToken: string | undefined;
    do {
      const page = await client.send(new ListStateMachinesCommand({ maxResults: 2, nextToken }));
      expect(page.stateMachines?.length).toBeLessThanOrEqual(2);
      names.push(...(page.stateMachines ?? []).map(({ name }) => name));
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    expect(names.filter((name) => name?.startsWith('page-'))).toEqual(['page-a', 'page-b', 'page-c']);
  });

  test('are validated', async () => {
    expect(await client.send(new ValidateStateMachineDefinitionCommand({ definition: PASSES(1) }))).toMatchObject({
      result: 'OK',
      diagnostics: [],
    });
    const wrong = await client.send(
      new ValidateStateMachineDefinitionCommand({ definition: '{"StartAt":"A","States":{"A":{"Type":"Pass"}}}' }),
    );
    expect(wrong.result).toBe('FAIL');
    expect(wrong.diagnostics?.[0]).toMatchObject({ severity: 'ERROR', location: '/States/A' });
  });

  test('are refused with the exceptions of the model', async () => {
    await expect(create('wrong', '{}')).rejects.toBeInstanceOf(InvalidDefinition);
    await expect(create('a b', PASSES(1))).rejects.toBeInstanceOf(InvalidName);
    await expect(start(`${MACHINES}nope`, 'x')).rejects.toBeInstanceOf(StateMachineDoesNotExist);
  });
});

describe('Express executions', () => {
  test('are waited for by a client that leaves the host name as it is', async () => {
    const { stateMachineArn } = await client.send(
      new CreateStateMachineCommand({ name: 'express', definition: PASSES(2), roleArn: ROLE, type: 'EXPRESS' }),
    );
    const plain = new SFNClient({ disableHostPrefix: true });
    const answer = await plain.send(
      new StartSyncExecutionCommand({ stateMachineArn, name: 'one', input: '{"n":1.0}' }),
    );
    expect(answer).toMatchObject({
      status: 'SUCCEEDED',
      name: 'one',
      output: '{"n":1.0}',
      outputDetails: { included: true },
      billingDetails: { billedMemoryUsedInMB: 64 },
    });
    expect(answer.startDate).toBeInstanceOf(Date);
    const standard = await create('not-express', PASSES(1));
    await expect(plain.send(new StartSyncExecutionCommand({ stateMachineArn: standard }))).rejects.toBeInstanceOf(
      StateMachineTypeNotSupported,
    );
    await expect(client.send(new ListExecutionsCommand({ stateMachineArn }))).rejects.toBeInstanceOf(
      StateMachineTypeNotSupported,
    );
    const started = await plain.send(new StartExecutionCommand({ stateMachineArn }));
    expect(started.executionArn).toContain(':express:express:');
    plain.destroy();
  });
});

describe('executions', () => {
  test('start, end and show their history, forwards and backwards, in pages', async () => {
    const arn = await create('history', PASSES(60));
    const started = await start(arn, 'one', '{"n":1.0}');
    expect(started.executionArn).toBe(`${EXECUTIONS}history:one`);
    const executionArn = started.executionArn ?? '';
    expect(await ended(executionArn)).toMatchObject({ status: 'SUCCEEDED', input: '{"n":1.0}', output: '{"n":1.0}' });

    const whole = await client.send(new GetExecutionHistoryCommand({ executionArn, maxResults: 1000 }));
    const events = whole.events ?? [];
    expect(events.map(({ id }) => id)).toEqual(Array.from({ length: 122 }, (_, index) => index + 1));
    expect(events[0]).toMatchObject({ type: 'ExecutionStarted', executionStartedEventDetails: { input: '{"n":1.0}' } });
    expect(events[0]?.timestamp).toBeInstanceOf(Date);
    expect(events.at(-1)).toMatchObject({ type: 'ExecutionSucceeded', previousEventId: 121 });

    for (const reverseOrder of [false, true]) {
      const paged: HistoryEvent[] = [];
      const pages: number[] = [];
      for await (const page of paginateGetExecutionHistory({ client, pageSize: 50 }, { executionArn, reverseOrder })) {
        pages.push(page.events?.length ?? 0);
        paged.push(...(page.events ?? []));
      }
      expect(pages).toEqual([50, 50, 22]);
      expect(paged).toEqual(reverseOrder ? [...events].reverse() : events);
    }
    const bare = await client.send(new GetExecutionHistoryCommand({ executionArn, includeExecutionData: false }));
    expect(JSON.stringify(bare.events)).not.toContain('1.0');
  });

  test('are listed in pages, newest first, and by status', async () => {
    const arn = await create('listed', WAIT);
    for (let index = 0; index < 7; index += 1) await start(arn, `e${index}`);
    await client.send(
      new StopExecutionCommand({ executionArn: `${EXECUTIONS}listed:e3`, error: 'Enough', cause: 'No longer wanted' }),
    );
    const pages: (string | undefined)[][] = [];
    for await (const page of paginateListExecutions({ client, pageSize: 3 }, { stateMachineArn: arn })) {
      pages.push((page.executions ?? []).map(({ name }) => name));
    }
    expect(pages).toEqual([['e6', 'e5', 'e4'], ['e3', 'e2', 'e1'], ['e0']]);
    const aborted = await client.send(new ListExecutionsCommand({ stateMachineArn: arn, statusFilter: 'ABORTED' }));
    expect(aborted.executions?.map(({ name }) => name)).toEqual(['e3']);
    expect(aborted.executions?.[0]?.stopDate).toBeInstanceOf(Date);
    const described = await client.send(new DescribeExecutionCommand({ executionArn: `${EXECUTIONS}listed:e3` }));
    expect(described).toMatchObject({ status: 'ABORTED', error: 'Enough', cause: 'No longer wanted' });
  });

  test('of one name: the same start again is the same execution, another is refused', async () => {
    const arn = await create('named', WAIT);
    const first = await start(arn, 'one', '{"a":1}');
    expect(await start(arn, 'one', '{"a":1}')).toMatchObject({
      executionArn: first.executionArn,
      startDate: first.startDate,
    });
    await expect(start(arn, 'one', '{"a":2}')).rejects.toBeInstanceOf(ExecutionAlreadyExists);
    const executionArn = `${EXECUTIONS}named:nope`;
    await expect(client.send(new DescribeExecutionCommand({ executionArn }))).rejects.toBeInstanceOf(
      ExecutionDoesNotExist,
    );
  });

  test('wait for a token, and go on with the answer to it', async () => {
    const ZipFile = zipSync({ 'app.js': strToU8('exports.handler = async () => ({});') });
    const lambda = new LambdaClient({});
    await lambda.send(
      new CreateFunctionCommand({
        FunctionName: 'takes-token',
        Runtime: 'nodejs20.x',
        Handler: 'app.handler',
        Role: ROLE,
        Code: { ZipFile },
      }),
    );
    lambda.destroy();
    const definition = JSON.stringify({
      StartAt: 'Ask',
      States: {
        Ask: {
          Type: 'Task',
          Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
          Parameters: { FunctionName: 'takes-token', Payload: { 'token.$': '$$.Task.Token' } },
          End: true,
        },
      },
    });
    const arn = await create('asks', definition);
    const tokenOf = async (executionArn: string): Promise<string> =>
      eventually(async () => {
        const { events } = await client.send(new GetExecutionHistoryCommand({ executionArn }));
        const scheduled = events?.find(({ type }) => type === 'TaskScheduled');
        if (!events?.some(({ type }) => type === 'TaskSubmitted')) return null;
        const parameters = JSON.parse(scheduled?.taskScheduledEventDetails?.parameters ?? '{}') as {
          Payload: { token: string };
        };
        return parameters.Payload.token;
      });
    await start(arn, 'yes');
    await start(arn, 'no');
    const [yes, no] = [`${EXECUTIONS}asks:yes`, `${EXECUTIONS}asks:no`];
    const taskToken = await tokenOf(yes);
    await client.send(new SendTaskHeartbeatCommand({ taskToken }));
    await client.send(new SendTaskSuccessCommand({ taskToken, output: '{"answer":42}' }));
    await expect(client.send(new SendTaskHeartbeatCommand({ taskToken }))).rejects.toBeInstanceOf(TaskTimedOut);
    await client.send(new SendTaskFailureCommand({ taskToken: await tokenOf(no), error: 'Refused', cause: 'No.' }));
    expect(await ended(yes)).toMatchObject({ status: 'SUCCEEDED', output: '{"answer":42}' });
    expect(await ended(no)).toMatchObject({ status: 'FAILED', error: 'Refused', cause: 'No.' });
  });
});
