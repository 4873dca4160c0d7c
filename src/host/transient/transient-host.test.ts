import { describe, expect, it } from 'vitest';
import type { Cancellation, TaskAnswer, TaskCall } from '../../integrations/port.js';
import { EXPRESS_POLICY, type ExecutionIdentity, type HistoryRecord, type Policy } from '../../interpreter/index.js';
import type { Definition } from '../../language/definition.js';
import { parseDefinition } from '../../language/index.js';
import { AWS_QUOTAS, TASKS_IN_FLIGHT_MAX, TASKS_WAITING_MAX } from '../../limits.js';
import { Payload } from '../../payload/index.js';
import { VirtualClock } from '../../testing/virtual-clock.js';
import { HostClosed, type Revision } from '../ports.js';
import { TransientHost, TransientHostFull, type TransientRun } from './transient-host.js';

const revisionOf = (definition: Definition): Revision => ({
  id: 'r1',
  machineArn: IDENTITY.stateMachineArn,
  machineName: IDENTITY.stateMachineName,
  roleArn: IDENTITY.roleArn,
  definition,
});
const IDENTITY: ExecutionIdentity = {
  arn: 'arn:aws:states:us-east-1:000000000000:express:m:e:u',
  name: 'e',
  stateMachineArn: 'arn:aws:states:us-east-1:000000000000:stateMachine:m',
  stateMachineName: 'm',
  roleArn: 'arn:aws:iam::000000000000:role/r',
  region: 'us-east-1',
};

function definitionOf(source: object): Definition {
  const { definition, diagnostics } = parseDefinition(JSON.stringify(source), { type: 'EXPRESS' });
  if (definition === null) throw new Error(JSON.stringify(diagnostics));
  return definition;
}

const one = (state: object, rest: object = {}): Definition =>
  definitionOf({ StartAt: 'A', States: { A: { End: true, ...state } }, ...rest });

const TASK = { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', Parameters: { FunctionName: 'f' } };
const WAIT = { Type: 'Wait', Seconds: 99_999_999 };
const LOOP = definitionOf({
  StartAt: 'A',
  States: {
    A: { Type: 'Pass', Next: 'B' },
    B: { Type: 'Choice', Choices: [{ Variable: '$.a', NumericEquals: 2, Next: 'C' }], Default: 'A' },
    C: { Type: 'Succeed' },
  },
});

const turns = async (count = 20): Promise<void> => {
  for (let turn = 0; turn < count; turn++) await new Promise((next) => setImmediate(next));
};

function world(
  options: {
    readonly perform?: (call: TaskCall, cancellation: Cancellation) => Promise<TaskAnswer>;
    readonly executionsMax?: number;
  } = {},
) {
  const clock = new VirtualClock();
  const host = new TransientHost({
    performer: { perform: options.perform ?? (async () => ({ type: 'succeeded', output: Payload.ofText('1') })) },
    clock,
    seed: () => [1, 2, 3, 4],
    ...(options.executionsMax !== undefined && { executionsMax: options.executionsMax }),
  });
  const run = (
    definition: Definition,
    request: {
      readonly policy?: Policy;
      readonly signal?: AbortSignal;
      readonly onRecords?: (records: readonly HistoryRecord[]) => void;
    } = {},
  ): TransientRun => {
    const { policy = EXPRESS_POLICY, signal, onRecords } = request;
    return host.run({
      revision: revisionOf(definition),
      identity: IDENTITY,
      input: Payload.ofText('{"a":1}'),
      policy,
      ...(signal && { signal }),
      ...(onRecords && { onRecords }),
    });
  };
  /** Goes on in time until it has ended. */
  const finish = async ({ ended }: TransientRun) => {
    let isOver = false;
    void ended
      .finally(() => {
        isOver = true;
      })
      .catch(() => undefined);
    const startedAt = clock.now();
    for (;;) {
      await turns();
      if (isOver) return { execution: await ended, seconds: (clock.now() - startedAt) / 1000 };
      if (!clock.advance()) throw new Error('Nothing is awaited any more, but the execution has not ended.');
    }
  };
  return { clock, host, run, finish };
}

describe('an execution in memory', () => {
  it('ends with its output, and hands over every record once', async () => {
    const { host, run, finish } = world();
    const records: HistoryRecord[] = [];
    const { execution } = await finish(
      run(one({ Type: 'Pass', Result: { x: 2 } }), { onRecords: (more) => records.push(...more) }),
    );
    expect([execution.status, execution.output?.text]).toEqual(['SUCCEEDED', '{"x":2}']);
    expect(records.map(({ id, type }) => `${id} ${type}`)).toEqual([
      '1 ExecutionStarted',
      '2 PassStateEntered',
      '3 PassStateExited',
      '4 ExecutionSucceeded',
    ]);
    expect(host.load).toEqual({ executions: 0, tasksInFlight: 0, tasksWaiting: 0 });
  });

  it('performs tasks with the key of its ARN, and retries at the due time', async () => {
    const calls: TaskCall[] = [];
    const { run, finish } = world({
      perform: async (call) => {
        calls.push(call);
        return calls.length < 3
          ? { type: 'failed', error: 'Busy', cause: 'x' }
          : { type: 'succeeded', output: Payload.ofText('7') };
      },
    });
    const retry = [{ ErrorEquals: ['Busy'], IntervalSeconds: 10, BackoffRate: 2 }];
    const { execution, seconds } = await finish(run(one({ ...TASK, Retry: retry })));
    expect([execution.status, execution.output?.text, seconds]).toEqual(['SUCCEEDED', '7', 30]);
    expect(calls.map(({ key }) => key)).toEqual([`${IDENTITY.arn}#3`, `${IDENTITY.arn}#7`, `${IDENTITY.arn}#11`]);
  });

  it.each([
    ['after five minutes without a time-out of its own', one(WAIT), 300],
    ['after five minutes however long its own is', one(WAIT, { TimeoutSeconds: 1000 }), 300],
    ['after its own time-out', one(WAIT, { TimeoutSeconds: 7 }), 7],
    ['while a call is under way', one(TASK, { TimeoutSeconds: 7 }), 7],
  ])('times out %s', async (_what, definition, after) => {
    const signals: AbortSignal[] = [];
    const { host, run, finish } = world({
      perform: (_call, { signal }) => {
        signals.push(signal);
        return new Promise((done) =>
          signal.addEventListener('abort', () => done({ type: 'failed', error: 'Aborted', cause: '' })),
        );
      },
    });
    const { execution, seconds } = await finish(run(definition));
    expect([execution.status, seconds]).toEqual(['TIMED_OUT', after]);
    expect(signals.every(({ aborted }) => aborted)).toBe(true);
    await turns();
    expect(host.load).toEqual({ executions: 0, tasksInFlight: 0, tasksWaiting: 0 });
  });

  it('waits longer than a timer of Node.js can, where the quota allows', async () => {
    const { clock, run, finish } = world();
    const after = clock.after.bind(clock);
    clock.after = (ms, then) => {
      expect(ms).toBeLessThanOrEqual(2_147_483_647);
      return after(ms, then);
    };
    const policy = { ...EXPRESS_POLICY, quotas: { ...AWS_QUOTAS, expressSecondsMax: 10_000_000 } };
    const { execution, seconds } = await finish(run(one({ Type: 'Wait', Seconds: 5_000_000 }), { policy }));
    expect([execution.status, seconds]).toEqual(['SUCCEEDED', 5_000_000]);
  });

  it('is stopped with an error, or by its signal', async () => {
    const { run } = world();
    const stopped = run(one(WAIT));
    await turns();
    stopped.stop({ error: 'Enough', cause: 'No longer wanted' });
    expect(await stopped.ended).toMatchObject({
      status: 'ABORTED',
      failure: { error: 'Enough', cause: 'No longer wanted' },
    });
    const controller = new AbortController();
    const aborted = run(one(WAIT), { signal: controller.signal });
    await turns();
    controller.abort();
    expect((await aborted.ended).status).toBe('ABORTED');
    expect((await run(one(WAIT), { signal: controller.signal }).ended).status).toBe('ABORTED');
  });

  it('that loops for ever lets others go on, keeps no history, and can be stopped', async () => {
    const { run } = world();
    let count = 0;
    const looping = run(LOOP, {
      onRecords: ({ length }) => {
        count += length;
      },
    });
    await turns(60);
    expect(count).toBeGreaterThan(AWS_QUOTAS.historyEventsMax);
    expect((await run(one({ Type: 'Pass' })).ended).status).toBe('SUCCEEDED');
    looping.stop();
    expect((await looping.ended).status).toBe('ABORTED');
  });

  it('that fails by our fault is given up alone', async () => {
    const { host, run } = world();
    const broken = { ...one({ Type: 'Pass' }), states: new Map() };
    const kept = run(one(WAIT));
    await expect(run(broken).ended).rejects.toThrow("Broken invariant: there is no state 'A'");
    expect(host.load.executions).toBe(1);
    kept.stop();
    expect((await kept.ended).status).toBe('ABORTED');
  });
});

describe('the host of executions in memory', () => {
  it('holds a bounded number of them, and says when there is room', async () => {
    const { host, run } = world({ executionsMax: 2 });
    const [first] = [run(one(WAIT)), run(one(WAIT))];
    expect(() => run(one(WAIT))).toThrow(TransientHostFull);
    expect(host.hasRoom).toBe(false);
    const rooms: boolean[] = [];
    host.onRoom(() => rooms.push(host.hasRoom));
    first?.stop();
    await first?.ended;
    expect(rooms).toEqual([true]);
    run(one(WAIT));
    expect(() => run(one(WAIT))).toThrow(TransientHostFull);
  });

  it('brings calls that found no room again when there is room', async () => {
    const open: ((answer: TaskAnswer) => void)[] = [];
    const { host } = world({ perform: () => new Promise((done) => open.push(done)) });
    const map = one({
      Type: 'Map',
      ItemsPath: '$.items',
      ItemProcessor: { StartAt: 'T', States: { T: { ...TASK, End: true } } },
    });
    const items = Payload.ofValue({ items: Array.from({ length: 40 }, (_, index) => index) });
    const runs = Array.from({ length: 280 }, () =>
      host.run({ revision: revisionOf(map), identity: IDENTITY, input: items, policy: EXPRESS_POLICY }),
    );
    await turns();
    expect(host.load).toEqual({
      executions: 280,
      tasksInFlight: TASKS_IN_FLIGHT_MAX,
      tasksWaiting: TASKS_WAITING_MAX,
    });
    let performed = 0;
    while (host.load.executions > 0) {
      for (const done of open.splice(0)) {
        performed += 1;
        done({ type: 'succeeded', output: Payload.ofText('1') });
      }
      await turns(2);
    }
    expect(performed).toBe(280 * 40);
    const ends = await Promise.all(runs.map(({ ended }) => ended));
    expect(new Set(ends.map(({ status }) => status))).toEqual(new Set(['SUCCEEDED']));
  }, 30_000);

  it('gives everything up when it is closed', async () => {
    const { host, run } = world();
    const ends = [run(one(WAIT)), run(LOOP)].map(({ ended }) => expect(ended).rejects.toBeInstanceOf(HostClosed));
    await turns();
    host.close();
    await Promise.all(ends);
    expect(host.load.executions).toBe(0);
    expect(() => run(one(WAIT))).toThrow(HostClosed);
  });
});
