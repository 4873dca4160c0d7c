import { describe, expect, test } from 'vitest';
import type { AlarmSettings, MissingData } from './alarm.js';
import { evaluateAlarm, periodsRead } from './evaluate.js';

const settings = (changes: Partial<AlarmSettings> = {}): AlarmSettings => ({
  name: 'a',
  description: null,
  actionsEnabled: true,
  okActions: [],
  alarmActions: [],
  insufficientDataActions: [],
  namespace: 'Shop',
  metricName: 'Failures',
  dimensions: [],
  statistic: 'Sum',
  unit: null,
  periodSeconds: 60,
  evaluationPeriods: 3,
  datapointsToAlarm: 3,
  threshold: 10,
  comparison: 'GreaterThanThreshold',
  missingData: 'missing',
  ...changes,
});

/** `0` does not breach, `X` does, `-` is missing; oldest first. */
const periods = (text: string) =>
  text.split(' ').map((mark, index) => ({ at: index * 60_000, value: mark === '-' ? null : mark === 'X' ? 20 : 5 }));

const verdicts = (text: string, datapointsToAlarm: number): string =>
  (['missing', 'ignore', 'breaching', 'notBreaching'] satisfies MissingData[])
    .map((missingData) => {
      const made = settings({ datapointsToAlarm, missingData });
      return evaluateAlarm(made, periods(text), 0)?.value ?? 'as it is';
    })
    .join(', ');

describe("AWS's tables of missing data: missing, ignore, breaching, notBreaching", () => {
  test.each([
    ['0 - X - X', 'OK, OK, OK, OK'],
    ['0 - - - -', 'OK, OK, OK, OK'],
    ['- - - - -', 'INSUFFICIENT_DATA, as it is, ALARM, OK'],
    ['0 X X - X', 'ALARM, ALARM, ALARM, ALARM'],
    ['- - X - -', 'ALARM, as it is, ALARM, OK'],
  ])('3 of 3: %s', (text, expected) => {
    expect(verdicts(text, 3)).toBe(expected);
  });

  test.each([
    ['0 - X - X', 'ALARM, ALARM, ALARM, ALARM'],
    ['0 0 X 0 X', 'ALARM, ALARM, ALARM, ALARM'],
    ['0 - X - -', 'OK, OK, ALARM, OK'],
    ['- - - - 0', 'OK, OK, ALARM, OK'],
    ['- - - X -', 'ALARM, as it is, ALARM, OK'],
  ])('2 of 3: %s', (text, expected) => {
    expect(verdicts(text, 2)).toBe(expected);
  });
});

test.each([
  ['GreaterThanThreshold', 10, 'OK'],
  ['GreaterThanOrEqualToThreshold', 10, 'ALARM'],
  ['LessThanThreshold', 10, 'OK'],
  ['LessThanOrEqualToThreshold', 10, 'ALARM'],
  ['GreaterThanThreshold', 10.5, 'ALARM'],
  ['LessThanThreshold', 9.5, 'ALARM'],
] as const)('%s at %d: %s', (comparison, value, expected) => {
  const one = settings({ comparison, evaluationPeriods: 1, datapointsToAlarm: 1 });
  expect(evaluateAlarm(one, [{ at: 0, value }], 0)?.value).toBe(expected);
});

test.each([
  [
    { evaluationPeriods: 1, datapointsToAlarm: 1 },
    '0 0 X',
    'Threshold Crossed: 1 out of the last 1 datapoints [20.0 (01/01/70 00:02:00)] was greater than the threshold (10.0) (minimum 1 datapoint for OK -> ALARM transition).',
  ],
  [
    { datapointsToAlarm: 2 },
    'X 0 0',
    'Threshold Crossed: 2 out of the last 3 datapoints [5.0 (01/01/70 00:01:00), 5.0 (01/01/70 00:02:00)] were not greater than the threshold (10.0) (minimum 2 datapoints for ALARM -> OK transition).',
  ],
  [{}, '- - - - -', 'Insufficient Data: 3 datapoints were unknown.'],
  [
    { missingData: 'notBreaching' as const, evaluationPeriods: 1, datapointsToAlarm: 1 },
    '- - -',
    'Threshold Crossed: no datapoints were received for 1 period and 1 missing datapoint was treated as [NonBreaching].',
  ],
])('the reason in AWS’s words: %j', (changes, text, reason) => {
  expect(evaluateAlarm(settings(changes), periods(text), 0)?.reason).toBe(reason);
});

test('what it rests on can be read by a program', () => {
  const verdict = evaluateAlarm(settings({ evaluationPeriods: 1, datapointsToAlarm: 1 }), periods('- X -'), 180_000);
  expect(verdict?.reasonData).toEqual({
    version: '1.0',
    queryDate: '1970-01-01T00:03:00.000+0000',
    startDate: '1970-01-01T00:01:00.000+0000',
    statistic: 'Sum',
    period: 60,
    recentDatapoints: [20],
    threshold: 10,
    evaluatedDatapoints: [
      { timestamp: '1970-01-01T00:02:00.000+0000' },
      { timestamp: '1970-01-01T00:01:00.000+0000', value: 20 },
      { timestamp: '1970-01-01T00:00:00.000+0000' },
    ],
  });
  expect(periodsRead(settings())).toBe(5);
});
