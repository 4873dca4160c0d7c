import { expect, it } from 'vitest';
import { EmbeddedHost, ExecutionQuarantined, type Revision } from '../host/index.js';
import { standardPolicy } from '../interpreter/index.js';
import { parseDefinition } from '../language/index.js';
import { AWS_QUOTAS, OPEN_TIME_PAGE_EXECUTIONS } from '../limits.js';
import { Payload } from '../payload/index.js';
import { readHistory } from '../store/histories.js';
import { memoryStore } from '../testing/memory-store.js';
import { TEST_IDENTITY } from '../testing/transcript.js';
import { VirtualClock } from '../testing/virtual-clock.js';
import { timeOutOverdue } from './open-time.js';

const YEAR_MS = 31_536_000_000;
const STATES = { A: { Type: 'Wait', Seconds: 99_999_999, End: true } };

function revisionOf(definitionText: object): Revision {
  const { definition } = parseDefinition(JSON.stringify(definitionText), { type: 'STANDARD' });
  if (definition === null) throw new Error('Expected a valid definition.');
  const { stateMachineArn: machineArn, stateMachineName: machineName, roleArn } = TEST_IDENTITY;
  return { id: 'r1', machineArn, machineName, roleArn, definition };
}

const revision = revisionOf({ StartAt: 'A', States: STATES });

async function world(quotas = AWS_QUOTAS) {
  const clock = new VirtualClock();
  const store = memoryStore();
  const host = await EmbeddedHost.open({
    store,
    revisions: { load: async () => revision },
    performer: { perform: () => Promise.reject(new Error('no task here')) },
    clock,
    seed: () => [1, 2, 3, 4],
    policy: standardPolicy(quotas),
    onQuarantine: expect.fail,
  });
  const start = async (name: string, of = revision) => {
    const { execution } = await host.start({ revision: of, name, input: Payload.ofText('{}') });
    return execution;
  };
  const look = (at: number) =>
    timeOutOverdue({ store: store.executions, host, quotas, now: () => at, report: expect.fail });
  const running = async () =>
    (await store.executions.list({ machine: null, status: 'RUNNING', after: null, limit: 1000 })).map(
      ({ name }) => name,
    );
  return { clock, store, host, start, look, running };
}

it('an execution is timed out when it has been open for a year, and not a millisecond before', async () => {
  const { clock, store, start, look, running } = await world();
  const execution = await start('old');
  await look(clock.now() + YEAR_MS - 1);
  expect(await running()).toEqual(['old']);
  await look(clock.now() + YEAR_MS);
  expect(await running()).toEqual([]);
  const [last] = (await readHistory(store.executions, execution)).slice(-1);
  expect(last).toMatchObject({ type: 'ExecutionTimedOut', previousEventId: 0, at: clock.now() + YEAR_MS });
  expect(await store.executions.timers({ before: Number.MAX_SAFE_INTEGER, after: null, limit: 10 })).toEqual([]);
});

it('a raised quota gives it longer', async () => {
  const { clock, start, look, running } = await world({ ...AWS_QUOTAS, executionSecondsMax: 2 * 31_536_000 });
  await start('old');
  await look(clock.now() + 2 * YEAR_MS - 1);
  expect(await running()).toEqual(['old']);
  await look(clock.now() + 2 * YEAR_MS);
  expect(await running()).toEqual([]);
});

it('a look goes through all that are overdue, page by page, past those that were set aside', async () => {
  const { clock, store, host, start, running } = await world();
  const count = 2 * OPEN_TIME_PAGE_EXECUTIONS + 3;
  for (let index = 0; index < count; index++) await start(`e${index}`);
  await timeOutOverdue({
    store: store.executions,
    host: {
      deliver: async (execution, stimulus) => {
        if (execution === 150) throw new ExecutionQuarantined('Execution 150 was set aside.');
        await host.deliver(execution, stimulus);
      },
    },
    quotas: AWS_QUOTAS,
    now: () => clock.now() + YEAR_MS,
    report: expect.fail,
  });
  expect(await running()).toEqual(['e149']);
});

it('a time-out of its own is not put off', async () => {
  const own = revisionOf({ StartAt: 'A', States: STATES, TimeoutSeconds: 99_999_999 });
  const { clock, start, look, running, store } = await world();
  await start('own', own);
  const timers = await store.executions.timers({ before: Number.MAX_SAFE_INTEGER, after: null, limit: 10 });
  expect(timers.find(({ seq }) => seq === 1)?.dueAt).toBe(clock.now() + YEAR_MS);
  await look(clock.now() + YEAR_MS);
  expect(await running()).toEqual([]);
});
