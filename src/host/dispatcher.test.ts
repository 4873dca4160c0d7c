import { describe, expect, it } from 'vitest';
import type { TaskAnswer, TaskCall } from '../integrations/port.js';
import {
  TASKS_IN_FLIGHT_CHARS_MAX,
  TASKS_IN_FLIGHT_MAX,
  TASKS_WAITING_CHARS_MAX,
  TASKS_WAITING_MAX,
} from '../limits.js';
import { Payload } from '../payload/index.js';
import { StoreUnavailable } from '../store/ports.js';
import { VirtualClock } from '../testing/virtual-clock.js';
import { Dispatcher, type TaskKey } from './dispatcher.js';

const call: TaskCall = {
  key: 'k',
  executionArn: 'e',
  stateMachineArn: 'm',
  stateName: 's',
  region: 'us-east-1',
  account: '000000000000',
  resourceType: 'function',
  resource: 'f',
  parameters: Payload.ofText('{}'),
};

/** A performer whose calls end when told to. */
function world() {
  const open: ((answer: TaskAnswer) => void)[] = [];
  const answered: TaskKey[] = [];
  const signals: AbortSignal[] = [];
  const rooms = { count: 0 };
  const dispatcher = new Dispatcher(
    {
      perform: (_call, { signal }) => {
        signals.push(signal);
        return new Promise((resolve) => open.push(resolve));
      },
    },
    (key) => answered.push(key),
    () => undefined,
    () => {
      rooms.count += 1;
    },
    new VirtualClock(),
  );
  const endOne = async (): Promise<void> => {
    open.shift()?.({ type: 'succeeded', output: Payload.ofText('1') });
    await new Promise((next) => setImmediate(next));
  };
  return { dispatcher, open, answered, signals, rooms, endOne };
}

describe('the dispatcher', () => {
  it('performs a bounded number at once, keeps a bounded line, and says when there is room again', async () => {
    const { dispatcher, open, rooms, endOne } = world();
    const all = TASKS_IN_FLIGHT_MAX + TASKS_WAITING_MAX;
    for (let task = 0; task < all; task++) expect(dispatcher.dispatch({ execution: 1, task }, call)).toBe(true);
    expect(dispatcher.dispatch({ execution: 1, task: all }, call)).toBe(false);
    expect(dispatcher.load).toEqual({ inFlight: TASKS_IN_FLIGHT_MAX, waiting: TASKS_WAITING_MAX });
    while (dispatcher.load.waiting > 1) await endOne();
    expect(rooms.count).toBe(0);
    await endOne();
    expect(rooms.count).toBe(1);
    expect(open.length).toBe(TASKS_IN_FLIGHT_MAX);
    await endOne();
    expect(rooms.count).toBe(1);
  });

  it('performs a call that is under way or in line only once', () => {
    const { dispatcher, open } = world();
    dispatcher.dispatch({ execution: 1, task: 3 }, call);
    dispatcher.dispatch({ execution: 1, task: 3 }, call);
    expect(open.length).toBe(1);
  });

  it('gives no answer that nobody waits for', async () => {
    const { dispatcher, answered, signals, endOne } = world();
    dispatcher.dispatch({ execution: 1, task: 3 }, call);
    dispatcher.abandon({ execution: 1, task: 3 });
    expect(signals[0]?.aborted).toBe(true);
    await endOne();
    expect(answered).toEqual([]);
    expect(dispatcher.load).toEqual({ inFlight: 0, waiting: 0 });
  });

  it('makes a call again when the store did not take what it does, and fails the task for other faults', async () => {
    const faults = [new StoreUnavailable('full'), new StoreUnavailable('full'), new Error('broken')];
    const clock = new VirtualClock();
    const answers: TaskAnswer[] = [];
    const keys: string[] = [];
    const dispatcher = new Dispatcher(
      {
        perform: async ({ key }) => {
          keys.push(key);
          throw faults.shift() ?? new Error('Expected no further call.');
        },
      },
      (_key, answer) => answers.push(answer),
      () => undefined,
      () => undefined,
      clock,
    );
    dispatcher.dispatch({ execution: 1, task: 3 }, call);
    while (answers.length === 0) {
      await new Promise((next) => setImmediate(next));
      clock.advance();
    }
    expect(keys).toEqual(['k', 'k', 'k']);
    expect(answers).toMatchObject([{ type: 'failed', cause: expect.stringContaining('broken') }]);
    expect(dispatcher.load).toEqual({ inFlight: 0, waiting: 0 });
  });

  it('bounds the text of calls under way and in line; a large one may fly alone', async () => {
    const { dispatcher, open, endOne } = world();
    const of = (chars: number): TaskCall => ({ ...call, parameters: Payload.ofText(`"${'x'.repeat(chars - 2)}"`) });
    const dispatch = (task: number, chars: number) => dispatcher.dispatch({ execution: 1, task }, of(chars));
    const half = TASKS_IN_FLIGHT_CHARS_MAX / 2;
    expect([1, 2, 3, 4].map((task) => dispatch(task, Math.min(half, TASKS_WAITING_CHARS_MAX)))).toEqual([
      ...[true, true],
      ...[true, false],
    ]);
    expect(dispatcher.load).toEqual({ inFlight: 2, waiting: 1 });
    for (let end = 0; end < 3; end++) await endOne();
    expect(dispatch(5, 2 * TASKS_IN_FLIGHT_CHARS_MAX)).toBe(true);
    expect([dispatcher.load, open.length]).toEqual([{ inFlight: 1, waiting: 0 }, 1]);
  });

  it('begins nothing more while it drains', async () => {
    const { dispatcher, open, answered, endOne } = world();
    dispatcher.dispatch({ execution: 1, task: 3 }, call);
    dispatcher.drain();
    dispatcher.dispatch({ execution: 1, task: 4 }, call);
    await endOne();
    expect([answered.length, open.length, dispatcher.load.inFlight]).toEqual([1, 0, 0]);
  });
});
