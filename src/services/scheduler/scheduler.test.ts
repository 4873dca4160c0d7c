import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { memoryStore } from '../../testing/memory-store.js';
import { VirtualClock } from '../../testing/virtual-clock.js';
import type { TargetCall, TargetOutcome } from '../ports.js';
import type { ScheduleRequest } from './schedule.js';
import { Scheduler } from './scheduler.js';

const PLACE = { region: 'us-east-1', account: '000000000000' };
const QUEUE = 'arn:aws:sqs:us-east-1:000000000000:q';
const START = Date.parse('2026-01-01T00:00:30Z');
const REQUEST: ScheduleRequest = {
  expression: 'cron(0/5 * * * ? *)',
  timeZone: 'UTC',
  startAt: null,
  endAt: null,
  isEnabled: true,
  description: null,
  windowMinutes: null,
  isDeletedAfterwards: false,
  target: {
    arn: QUEUE,
    roleArn: 'arn:aws:iam::000000000000:role/r',
    input: '<aws.scheduler.scheduled-time>',
    messageGroupId: null,
    event: null,
    deadLetterArn: null,
    retriesMax: null,
    ageSecondsMax: null,
  },
};

let clock: VirtualClock;
let store: ReturnType<typeof memoryStore>;
let scheduler: Scheduler;
let sent: TargetCall[];
let outcome: TargetOutcome;
let letters: string[];

async function open(): Promise<void> {
  scheduler = await Scheduler.open({
    records: store.records,
    clock,
    report: () => undefined,
    targets: {
      send: async (call) => {
        sent.push(call);
        return outcome;
      },
      giveUp: async ({ body }) => {
        letters.push(body);
        return { type: 'done' };
      },
    },
  });
  await scheduler.start();
}

beforeEach(async () => {
  clock = new VirtualClock(START);
  store = memoryStore();
  sent = [];
  letters = [];
  outcome = { type: 'done' };
  await open();
});
afterEach(() => scheduler.close());

const create = (more: Partial<ScheduleRequest> = {}, name = 's') =>
  scheduler.create(PLACE, 'default', name, { ...REQUEST, ...more });

/** Lets the clock run, from one timer to the next, as long as there is one until then. */
async function runUntil(text: string): Promise<void> {
  const until = Date.parse(text);
  let isOver = false;
  const callOff = clock.after(until - clock.now(), () => {
    isOver = true;
  });
  while (!isOver && clock.advance()) await scheduler.idle();
  callOff();
}

/** What was sent: the times that the calls were due at. */
const times = (): readonly string[] => sent.map(({ input }) => input.slice(11, 16));

describe('due times', () => {
  test('a cron fires at each of its times', async () => {
    await create();
    await runUntil('2026-01-01T00:16:00Z');
    expect(times()).toEqual(['00:05', '00:10', '00:15']);
    expect(new Set(sent.map(({ key }) => key)).size).toBe(3);
  });

  test('a rate without a start fires at once, then at its rate; with one, from then on until the end', async () => {
    await create({ expression: 'rate(2 minutes)' });
    await runUntil('2026-01-01T00:05:00Z');
    expect(times()).toEqual(['00:00', '00:02', '00:04']);
    sent = [];
    const [startAt, endAt] = [Date.parse('2026-01-01T01:00:00Z'), Date.parse('2026-01-01T01:20:00Z')];
    await scheduler.remove(PLACE, 'default', 's');
    await create({ expression: 'rate(10 minutes)', startAt, endAt });
    await runUntil('2026-01-01T02:00:00Z');
    expect(times()).toEqual(['01:00', '01:10', '01:20']);
  });

  test('a time of a zone comes once, and the schedule goes where that was asked for', async () => {
    const at = { expression: 'at(2026-01-01T09:30:00)', timeZone: 'Asia/Tokyo' };
    await create({ ...at, isDeletedAfterwards: true }, 'once');
    await create(at, 'stays');
    await runUntil('2026-01-02T00:00:00Z');
    expect(times()).toEqual(['00:30', '00:30']);
    expect(scheduler.list(PLACE, null).map(({ name }) => name)).toEqual(['stays']);
    await scheduler.close();
    await open();
    expect(scheduler.list(PLACE, null).map(({ name }) => name)).toEqual(['stays']);
  });

  test('disabled, updated and deleted schedules do not fire any more', async () => {
    await create({ isEnabled: false }, 'disabled');
    await create({}, 'updated');
    await create({}, 'deleted');
    await scheduler.update(PLACE, 'default', 'updated', { ...REQUEST, expression: 'cron(7 * * * ? *)' });
    await scheduler.remove(PLACE, 'default', 'deleted');
    await runUntil('2026-01-01T00:29:00Z');
    expect(times()).toEqual(['00:07']);
    await scheduler.update(PLACE, 'default', 'disabled', REQUEST);
    await runUntil('2026-01-01T00:31:00Z');
    expect(times()).toEqual(['00:07', '00:30']);
  });
});

describe('over restarts', () => {
  test('no due time is fired twice, and what was missed is fired once', async () => {
    await create();
    await runUntil('2026-01-01T00:05:30Z');
    expect(times()).toEqual(['00:05']);
    await scheduler.close();
    await open(); // within the same five minutes
    await scheduler.idle();
    expect(times()).toEqual(['00:05']);
    await scheduler.close();
    clock = new VirtualClock(Date.parse('2026-01-01T03:02:00Z'));
    await open();
    await runUntil('2026-01-01T03:06:00Z');
    expect(times()).toEqual(['00:05', '00:10', '03:05']);
  });

  test('a firing that the store did not take comes again', async () => {
    await create();
    const { write } = store.records;
    let refusals = 2;
    store.records.write = async (writes) => {
      if (refusals-- > 0) throw new Error('disk full');
      return write.call(store.records, writes);
    };
    await runUntil('2026-01-01T00:06:00Z');
    expect(times()).toEqual(['00:05']);
  });
});

describe('the target', () => {
  test('gets a notice where there is no input, and an event bus gets an event', async () => {
    const target = { ...REQUEST.target, input: null };
    await create({ target }, 'notice');
    const bus = 'arn:aws:events:us-east-1:000000000000:event-bus/default';
    const event = { source: 'shop', detailType: 'Tick' };
    await create({ target: { ...target, arn: bus, input: '{"a":1}', event } }, 'event');
    await runUntil('2026-01-01T00:06:00Z');
    const arn = 'arn:aws:scheduler:us-east-1:000000000000:schedule/default';
    const [notice, other] = sent[0]?.event === null ? sent : [...sent].reverse();
    expect(JSON.parse(notice?.input ?? '')).toMatchObject({
      'detail-type': 'Scheduled Event',
      source: 'aws.scheduler',
      time: '2026-01-01T00:05:00Z',
      resources: [`${arn}/notice`],
      detail: '{}',
    });
    expect(other).toMatchObject({ input: '{"a":1}', event: { ...event, resources: [`${arn}/event`] } });
  });

  test('that is not there: the input goes to the dead-letter queue', async () => {
    outcome = { type: 'refused', code: 'RESOURCE_NOT_FOUND', message: 'no' };
    await create({ target: { ...REQUEST.target, deadLetterArn: `${QUEUE}-dead` } });
    await runUntil('2026-01-01T00:06:00Z');
    expect(letters).toEqual(['2026-01-01T00:05:00Z']);
  });
});

test.each<[Partial<ScheduleRequest>, string]>([
  [{ expression: 'rate(5 minute)' }, 'Invalid Schedule Expression rate(5 minute). Expected a rate'],
  [{ timeZone: 'Europe/Nowhere' }, 'Expected the name of a time zone'],
  [{ startAt: 2000, endAt: 1000 }, 'The StartDate you specify must come before the EndDate.'],
  [{ target: { ...REQUEST.target, arn: 'q' } }, 'Provided Arn is not in correct format.'],
  [
    { target: { ...REQUEST.target, arn: 'arn:aws:scheduler:::aws-sdk:ec2:stopInstances' } },
    "Treadle does not run the universal target 'aws-sdk:ec2:stopInstances'.",
  ],
  [{ target: { ...REQUEST.target, arn: 'arn:aws:ecs:us-east-1:0:cluster/c' } }, 'Treadle does not deliver to'],
  [{ target: { ...REQUEST.target, arn: `${QUEUE}.fifo` } }, 'SqsParameters must be specified'],
  [
    { target: { ...REQUEST.target, arn: 'arn:aws:lambda:us-east-1:000000000000:function:f', input: 'x' } },
    'Expected Input of',
  ],
  [{ target: { ...REQUEST.target, retriesMax: 186 } }, 'Expected MaximumRetryAttempts to be a number from 0 to 185'],
])('%j is refused', async (more, message) => {
  await expect(create(more)).rejects.toThrow(message);
});
