import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { memoryStore } from '../../testing/memory-store.js';
import { VirtualClock } from '../../testing/virtual-clock.js';
import type { TargetCall, TargetOutcome, Targets } from '../ports.js';
import type { EventEntry } from './event.js';
import { Events } from './events.js';
import type { Target } from './target.js';

const PLACE = { region: 'us-east-1', account: '000000000000' };
const QUEUE = 'arn:aws:sqs:us-east-1:000000000000:q';
const RULE = {
  name: 'r',
  busName: undefined,
  pattern: '{"source":["shop"]}',
  schedule: null,
  isEnabled: true,
  description: null,
  roleArn: null,
  tags: {},
};
const TARGET: Target = {
  id: 't',
  arn: QUEUE,
  roleArn: null,
  input: null,
  inputPath: null,
  inputTransformer: null,
  messageGroupId: null,
  deadLetterArn: `${QUEUE}-dead`,
  retriesMax: null,
  ageSecondsMax: null,
};
const ENTRY: EventEntry = {
  source: 'shop',
  detailType: 'Order',
  detail: '{"total":1.50}',
  resources: [],
  time: undefined,
  busName: undefined,
};

let clock: VirtualClock;
let store: ReturnType<typeof memoryStore>;
let events: Events;
let sent: TargetCall[];
let letters: Parameters<Targets['giveUp']>[0][];
let outcome: TargetOutcome;
let reports: string[];

async function open(): Promise<void> {
  events = await Events.open({
    records: store.records,
    clock,
    report: (line) => reports.push(line),
    targets: {
      send: async (call) => {
        sent.push(call);
        return outcome;
      },
      giveUp: async (letter) => {
        letters.push(letter);
        return { type: 'done' };
      },
    },
  });
}

beforeEach(async () => {
  clock = new VirtualClock(Date.parse('2026-01-01T00:00:30Z'));
  store = memoryStore();
  [sent, letters, reports] = [[], [], []];
  outcome = { type: 'done' };
  await open();
  await events.start();
});
afterEach(() => events.close());

async function putRule(more: Partial<typeof RULE> | { schedule: string | null } = {}, target: Partial<Target> = {}) {
  const rule = await events.rules.put(PLACE, { ...RULE, ...more });
  await events.rules.putTargets(rule, [{ ...TARGET, ...target }]);
}

async function runUntil(text: string): Promise<void> {
  let isOver = false;
  clock.after(Date.parse(text) - clock.now(), () => {
    isOver = true;
  });
  while (!isOver && clock.advance()) await events.idle();
}

describe('events', () => {
  test('keep the digits of their numbers', async () => {
    await putRule();
    await events.put(PLACE, [ENTRY]);
    await events.idle();
    expect(sent[0]?.input).toContain('"detail":{"total":1.50}');
  });

  test('are put once for one key', async () => {
    await putRule();
    const first = await events.put(PLACE, [ENTRY], { key: 'k' });
    expect(await events.put(PLACE, [ENTRY], { key: 'k' })).toEqual(first);
    await events.idle();
    expect(sent).toHaveLength(1);
  });

  test('that were accepted are delivered by the next process, with the rule as it was', async () => {
    await putRule();
    await events.close();
    await open(); // takes events, but delivers nothing before it is started
    await events.put(PLACE, [ENTRY]);
    await events.rules.removeTargets({ arn: 'arn:aws:events:us-east-1:000000000000:rule/r' }, ['t']);
    await events.close();
    await open();
    await events.start();
    await events.idle();
    expect(sent).toHaveLength(1);
  });

  test('for a bus that is not there are taken, and the operator hears of it', async () => {
    expect(await events.put(PLACE, [{ ...ENTRY, busName: 'no' }])).toEqual([{ eventId: expect.any(String) }]);
    expect(reports.join()).toContain('event-bus/no, but there is no such event bus');
  });

  test('are sent on to another bus, but to no third', async () => {
    const arn = (name: string) => `arn:aws:events:us-east-1:000000000000:event-bus/${name}`;
    for (const name of ['second', 'third']) await events.rules.createBus(PLACE, name, { description: null, tags: {} });
    const second = await events.rules.put(PLACE, { ...RULE, busName: 'second' } as never);
    await events.rules.putTargets(second, [TARGET, { ...TARGET, id: 'third', arn: arn('third') }]);
    const forwarded = JSON.stringify({ id: 'e', source: 'shop', 'detail-type': 'Order', detail: {} });
    expect(await events.forward(arn('second'), forwarded, 'k')).toEqual({ type: 'done' });
    await events.idle();
    expect(sent.map((call) => call.arn)).toEqual([QUEUE]);
    expect(await events.forward(arn('fourth'), forwarded, 'k')).toMatchObject({ code: 'RESOURCE_NOT_FOUND' });
    expect(await events.forward(arn('second'), '{"a":1}', 'k')).toMatchObject({ code: 'INVALID_JSON' });
  });
});

describe('what a target does not take', () => {
  test.each<[string, TargetOutcome, Partial<Target>, object]>([
    [
      'when it is not there',
      { type: 'refused', code: 'RESOURCE_NOT_FOUND', message: 'no' },
      {},
      { ERROR_CODE: 'RESOURCE_NOT_FOUND', ERROR_MESSAGE: 'no', RETRY_ATTEMPTS: '0' },
    ],
    [
      'when there are no attempts left',
      { type: 'failed', code: 'THROTTLED', message: 'later' },
      { retriesMax: 0 },
      { ERROR_CODE: 'THROTTLED', RETRY_ATTEMPTS: '0', EXHAUSTED_RETRY_CONDITION: 'MaximumRetryAttempts' },
    ],
  ])('goes to its dead-letter queue %s', async (_, given, target, attributes) => {
    outcome = given;
    await putRule({}, target);
    await events.put(PLACE, [ENTRY]);
    await events.idle();
    const [letter] = letters;
    expect(letter).toMatchObject({ arn: `${QUEUE}-dead`, body: sent[0]?.input });
    // Sent again after a crash it is the same letter, and never takes the place of the message itself.
    expect(letter?.key).toBe(`${sent[0]?.key}-dead`);
    expect(letters).toHaveLength(1);
    expect(letter?.attributes).toMatchObject({
      RULE_ARN: 'arn:aws:events:us-east-1:000000000000:rule/r',
      TARGET_ARN: QUEUE,
      ...attributes,
    });
  });

  test('is tried again, and given up without a dead-letter queue', async () => {
    outcome = { type: 'failed', code: 'THROTTLED', message: 'later' };
    await putRule({}, { deadLetterArn: null, retriesMax: 1 });
    await events.put(PLACE, [ENTRY]);
    await expect.poll(() => reports.join(), { timeout: 5000 }).toContain('THROTTLED: later');
    expect(sent.map(({ key }) => key)).toEqual([sent[0]?.key, sent[0]?.key]);
  });
});

describe('rules with a schedule', () => {
  test('send an event at each due time, on their own only', async () => {
    await putRule({ schedule: 'rate(5 minutes)' });
    await runUntil('2026-01-01T00:11:00Z');
    expect(sent.map(({ input }) => JSON.parse(input))).toMatchObject([
      { source: 'aws.events', 'detail-type': 'Scheduled Event', time: '2026-01-01T00:05:30Z', detail: {} },
      { time: '2026-01-01T00:10:30Z', resources: ['arn:aws:events:us-east-1:000000000000:rule/r'] },
    ]);
  });

  test('go on over a restart without a second firing, and stop when they are disabled', async () => {
    await putRule({ schedule: 'cron(0/10 * * * ? *)' });
    await runUntil('2026-01-01T00:10:05Z');
    await events.close();
    await open();
    await events.start();
    await runUntil('2026-01-01T00:20:05Z');
    const times = () => sent.map(({ input }) => JSON.parse(input).time.slice(11, 16));
    expect(times()).toEqual(['00:10', '00:20']);
    await events.rules.setEnabled(PLACE, undefined, 'r', false);
    await runUntil('2026-01-01T00:45:00Z');
    await events.rules.setEnabled(PLACE, undefined, 'r', true);
    await runUntil('2026-01-01T00:50:05Z');
    expect(times()).toEqual(['00:10', '00:20', '00:50']);
  });
});
