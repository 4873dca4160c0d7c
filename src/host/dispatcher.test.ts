import { describe, expect, it } from 'vitest';
import type { TaskAnswer, TaskCall } from '../integrations/port.js';
import { TASKS_IN_FLIGHT_MAX, TASKS_WAITING_MAX } from '../limits.js';
import { Payload } from '../payload/index.js';
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
      perform: (_call, signal) => {
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
});
