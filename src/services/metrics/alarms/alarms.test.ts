import { afterEach, beforeEach, expect, test } from 'vitest';
import { memoryStore } from '../../../testing/memory-store.js';
import { VirtualClock } from '../../../testing/virtual-clock.js';
import type { TargetCall, TargetOutcome } from '../../ports.js';
import { Metrics } from '../metrics.js';
import type { AlarmSettings } from './alarm.js';
import { Alarms } from './alarms.js';

const PLACE = { region: 'us-east-1', account: '000000000000' };
const TOPIC = 'arn:aws:sns:us-east-1:000000000000:alarms';
const FUNCTION = 'arn:aws:lambda:us-east-1:000000000000:function:page-somebody';
const START = Date.parse('2026-01-01T00:00:30Z');
const SETTINGS: AlarmSettings = {
  name: 'failures',
  description: 'Too many',
  actionsEnabled: true,
  okActions: [],
  alarmActions: [TOPIC, FUNCTION],
  insufficientDataActions: [],
  namespace: 'Shop',
  metricName: 'Failures',
  dimensions: [{ name: 'Shop', value: 'lake' }],
  statistic: 'Sum',
  unit: null,
  periodSeconds: 60,
  evaluationPeriods: 1,
  datapointsToAlarm: 1,
  threshold: 2,
  comparison: 'GreaterThanThreshold',
  missingData: 'notBreaching',
};

let clock: VirtualClock;
let store: ReturnType<typeof memoryStore>;
let metrics: Metrics;
let alarms: Alarms;
let sent: TargetCall[];
let outcome: TargetOutcome;
let published: unknown[];

async function open({ isStarted } = { isStarted: true }): Promise<void> {
  metrics = await Metrics.open({ records: store.records, clock, report: () => undefined });
  alarms = await Alarms.open({
    records: store.records,
    clock,
    metrics,
    units: ['Count', 'None'],
    targets: {
      send: async (call) => {
        sent.push(call);
        return outcome;
      },
      giveUp: async () => ({ type: 'done' }),
    },
    prepareEvent: (_, event) => ({ writes: [], accept: () => void published.push(event) }),
    report: () => undefined,
  });
  if (isStarted) await alarms.start();
}

beforeEach(async () => {
  clock = new VirtualClock(START);
  store = memoryStore();
  [sent, published, outcome] = [[], [], { type: 'done' }];
  await open();
});
afterEach(async () => {
  await alarms.close();
  await metrics.close();
});

function fail(count: number): void {
  const { namespace, metricName: name, dimensions } = SETTINGS;
  const series = metrics.series({ place: PLACE, namespace, name, dimensions, unit: 'Count' });
  if (series !== null) metrics.add(series, count, clock.now());
}

async function after(seconds: number): Promise<string> {
  clock.goTo(clock.now() + seconds * 1000);
  await alarms.idle();
  await alarms.look();
  await alarms.idle();
  return `${alarms.find(PLACE, 'failures')?.state.value} ${sent.length}`;
}

test('an alarm rings once when the threshold is crossed, and is over when the values are', async () => {
  await alarms.put(PLACE, SETTINGS);
  expect(await after(10)).toBe('OK 0');
  fail(3);
  expect(await after(10)).toBe('ALARM 2'); // within the minute: a sum only grows
  expect(await after(10)).toBe('ALARM 2');
  expect(await after(300)).toBe('OK 2');
  expect(sent.map(({ arn }) => arn)).toEqual([TOPIC, FUNCTION]);
  expect(sent[0]?.subject).toBe('ALARM: "failures" in us-east-1');
  expect(JSON.parse(sent[0]?.input ?? '')).toMatchObject({
    AlarmName: 'failures',
    OldStateValue: 'OK',
    NewStateValue: 'ALARM',
    NewStateReason: expect.stringContaining('[3.0 (01/01/26 00:00:00)] was greater than the threshold (2.0)'),
    Trigger: { MetricName: 'Failures', Statistic: 'SUM', Dimensions: [{ name: 'Shop', value: 'lake' }] },
  });
  expect(JSON.parse(sent[1]?.input ?? '')).toMatchObject({
    source: 'aws.cloudwatch',
    alarmData: { alarmName: 'failures', state: { value: 'ALARM' }, previousState: { value: 'OK' } },
  });
  expect(published).toHaveLength(3);
  expect(published[1]).toMatchObject({
    detailType: 'CloudWatch Alarm State Change',
    detail: { state: { value: 'ALARM' }, configuration: { description: 'Too many' } },
  });
});

test('a low average is judged when its minute is over', async () => {
  await alarms.put(PLACE, { ...SETTINGS, statistic: 'Average', comparison: 'LessThanThreshold' });
  fail(1);
  expect(await after(20)).toBe('OK 0');
  expect(await after(20)).toBe('ALARM 2');
});

test('after a restart the state is known, and an action that was not done is done', async () => {
  await metrics.close();
  await alarms.close();
  await open({ isStarted: false }); // delivers nothing
  await alarms.put(PLACE, SETTINGS);
  fail(3);
  await alarms.look();
  await metrics.close();
  await alarms.close();
  expect(sent).toEqual([]);
  await open();
  await alarms.idle();
  expect(alarms.find(PLACE, 'failures')?.state.value).toBe('ALARM');
  expect(sent.map(({ arn }) => arn)).toEqual([TOPIC, FUNCTION]);
});

test('what was done is in the history, also of an alarm that is gone', async () => {
  await alarms.put(PLACE, SETTINGS);
  fail(3);
  await after(10);
  await alarms.setActions(PLACE, ['failures', 'nobody'], false);
  await alarms.setState(PLACE, 'failures', { value: 'OK', reason: 'by hand', reasonData: '' });
  await alarms.delete(PLACE, ['failures']);
  const history = await alarms.history(PLACE, 'failures');
  expect(history.map(({ summary }) => summary)).toEqual([
    'Alarm "failures" created',
    'Alarm updated from INSUFFICIENT_DATA to ALARM',
    `Action ${TOPIC} is carried out`,
    `Action ${FUNCTION} is carried out`,
    'Alarm "failures" updated',
    'Alarm updated from ALARM to OK',
    'Alarm "failures" deleted',
  ]);
  clock.goTo(clock.now() + 31 * 86_400_000);
  await alarms.look();
  expect(await alarms.history(PLACE, null)).toEqual([]);
});

test('a change keeps the state; names that are not there are refused, and nothing is deleted', async () => {
  await alarms.put(PLACE, SETTINGS, { owner: 'ada' });
  fail(3);
  await after(10);
  const changed = await alarms.put(PLACE, { ...SETTINGS, threshold: 1 }, { owner: 'bob' });
  expect(changed).toMatchObject({ threshold: 1, state: { value: 'ALARM' }, tags: { owner: 'ada' } });
  await expect(alarms.delete(PLACE, ['failures', 'nobody'])).rejects.toMatchObject({ code: 'ResourceNotFound' });
  expect(alarms.list(PLACE)).toHaveLength(1);
});
