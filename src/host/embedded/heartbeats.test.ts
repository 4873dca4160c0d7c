import { describe, expect, it } from 'vitest';
import { parseDefinition } from '../../language/index.js';
import { Payload } from '../../payload/index.js';
import type { ExecutionId, Store } from '../../store/ports.js';
import { memoryStore } from '../../testing/memory-store.js';
import { TEST_IDENTITY } from '../../testing/transcript.js';
import { VirtualClock } from '../../testing/virtual-clock.js';
import type { Revision } from '../index.js';
import { Heartbeats, TooManyHeartbeats } from './heartbeats.js';
import { EmbeddedHost } from './host.js';

/** Seq of the task's scheduled record. */
const TASK = 3;

function revisionOf(fields: object): Revision {
  const state = {
    Type: 'Task',
    Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
    Parameters: { FunctionName: 'f', Payload: { 'token.$': '$$.Task.Token' } },
    HeartbeatSeconds: 10,
    End: true,
    ...fields,
  };
  const { definition } = parseDefinition(JSON.stringify({ StartAt: 'A', States: { A: state } }), { type: 'STANDARD' });
  if (definition === null) throw new Error('Expected a valid definition.');
  const { stateMachineArn: machineArn, stateMachineName: machineName, roleArn } = TEST_IDENTITY;
  return { id: 'r1', machineArn, machineName, roleArn, definition };
}

const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn++) await new Promise((next) => setImmediate(next));
};

async function openHost(store: Store, clock: VirtualClock, revision: Revision): Promise<EmbeddedHost> {
  const host = await EmbeddedHost.open({
    store,
    revisions: { load: async () => revision },
    performer: { perform: async () => ({ type: 'submitted', output: Payload.ofText('{}') }) },
    clock,
    seed: () => [1, 2, 3, 4],
    onQuarantine: (arn, fault) => {
      throw new Error(`${arn} was set aside: ${fault.message}`);
    },
  });
  await host.recover();
  return host;
}

async function world(fields: object = {}) {
  const revision = revisionOf(fields);
  const clock = new VirtualClock();
  const store = memoryStore();
  let host = await openHost(store, clock, revision);
  const startedAt = clock.now();
  const started = await host.start({ revision, name: 'one', input: Payload.ofText('{}') });
  const { execution } = started;
  await settle();
  /** Time passes until so many seconds after the start. */
  const goOn = async (untilSeconds: number): Promise<void> => {
    let isThere = false;
    clock.after(startedAt + untilSeconds * 1000 - clock.now(), () => {
      isThere = true;
    });
    while (!isThere) {
      clock.advance();
      await settle();
    }
  };
  return {
    execution,
    clock,
    goOn,
    beat: () => host.beat({ execution, task: TASK }),
    succeed: () => host.deliver(execution, { type: 'TaskSucceeded', task: TASK, output: Payload.ofText('1') }),
    restart: async () => {
      await host.close();
      host = await openHost(store, clock, revision);
    },
    timers: () => store.executions.timers({ before: Number.MAX_SAFE_INTEGER, after: null, limit: 10 }),
    commits: () => store.statistics().commits,
    status: async () => (await store.executions.load(execution, { from: 'start' }))?.row.status,
    endedAfter: async () =>
      (((await store.executions.load(execution, { from: 'start' }))?.row.stopAt ?? 0) - startedAt) / 1000,
  };
}

describe('a task with HeartbeatSeconds', () => {
  it('times out without a beat', async () => {
    const { goOn, status, endedAfter } = await world();
    await goOn(9.9);
    expect(await status()).toBe('RUNNING');
    await goOn(11);
    expect([await status(), await endedAfter()]).toEqual(['FAILED', 10]);
  });

  it('goes on as long as beats come, each of which costs no commit', async () => {
    const { goOn, beat, commits, status, endedAfter, timers } = await world();
    for (const seconds of [4, 8, 15, 24]) {
      await goOn(seconds);
      const before = commits();
      beat();
      expect(commits()).toBe(before);
    }
    await goOn(33.9);
    expect([await status(), (await timers()).length]).toEqual(['RUNNING', 1]);
    await goOn(35);
    expect([await status(), await endedAfter()]).toEqual(['FAILED', 34]);
    expect(await timers()).toEqual([]);
  });

  it('is answered after beats, and leaves no timer', async () => {
    const { goOn, beat, succeed, status, timers } = await world();
    await goOn(8);
    beat();
    await goOn(12);
    await succeed();
    expect(await status()).toBe('SUCCEEDED');
    await goOn(60);
    expect(await timers()).toEqual([]);
    expect(await status()).toBe('SUCCEEDED');
  });

  it.each([
    [12, { TimeoutSeconds: 12 }],
    [11, { TimeoutSeconds: 11 }],
  ])('times out after TimeoutSeconds all the same (%i)', async (seconds, fields) => {
    const { goOn, beat, endedAfter } = await world(fields);
    for (const at of [9, 10.5]) {
      await goOn(at);
      beat();
    }
    await goOn(20);
    expect(await endedAfter()).toBe(seconds);
  });

  it('gets one whole interval after a restart, and no more', async () => {
    const { goOn, beat, restart, status, endedAfter } = await world();
    await goOn(9);
    beat();
    await restart();
    await goOn(18.9);
    expect(await status()).toBe('RUNNING');
    await goOn(30);
    expect([await status(), await endedAfter()]).toEqual(['FAILED', 19]);
  });
});

describe('heartbeats in memory', () => {
  it('are of a bounded number of tasks', () => {
    const beats = new Heartbeats(0, 2);
    const key = (execution: ExecutionId) => ({ execution, task: TASK });
    beats.beat(key(1), 5);
    beats.beat(key(2), 5);
    beats.beat(key(1), 6);
    expect(() => beats.beat(key(3), 6)).toThrow(TooManyHeartbeats);
    beats.forget(key(2));
    beats.beat(key(3), 6);
  });
});
