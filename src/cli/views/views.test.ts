import pc from 'picocolors';
import { describe, expect, test } from 'vitest';
import type { FollowedRecord } from '../../api/treadle/index.js';
import { causeText, failureText } from './cause-text.js';
import { bytesText, durationText } from './durations.js';
import { FollowView } from './follow-view.js';
import { historyRows } from './history-rows.js';
import { textTable } from './text-table.js';

test.each([
  [0, '0 ms'],
  [42.4, '42 ms'],
  [999, '999 ms'],
  [1000, '1.0 s'],
  [1290, '1.2 s'],
  [10_000, '10 s'],
  [59_999, '59 s'],
  [60_000, '1 min'],
  [184_000, '3 min 4 s'],
  [7_500_000, '2 h 5 min'],
  [273_600_000, '3 d 4 h'],
])('%d ms is %s', (ms, text) => expect(durationText(ms)).toBe(text));

test.each([
  [512, '512 B'],
  [1536, '1.5 KiB'],
  [20 * 1024 * 1024, '20 MiB'],
])('%d bytes are %s', (bytes, text) => expect(bytesText(bytes)).toBe(text));

test.each([
  ['plain', 'plain'],
  ['first\nsecond', 'first'],
  ['{"errorMessage":"declined","errorType":"PaymentError"}', 'declined'],
  ['{"other":1}', '{"other":1}'],
  ['{not json', '{not json'],
])('cause %j reads %j', (cause, text) => expect(causeText(cause)).toBe(text));

test.each([
  ['E', 'c', 'E: c'],
  ['E', null, 'E'],
  [undefined, 'c', 'c'],
  [undefined, undefined, ''],
])('failure %j, %j reads %j', (error, cause, text) => expect(failureText(error, cause)).toBe(text));

test('a table lines up coloured cells and cuts its last column', () => {
  const { green } = pc.createColors(true);
  expect(
    textTable(
      ['A', 'B'],
      [
        [green('ok'), 'x'.repeat(50)],
        ['long cell', 'y'],
      ],
      31,
    ),
  ).toEqual(['A          B', `${green('ok')}         ${'x'.repeat(19)}…`, 'long cell  y']);
});

test('history rows show what matters of each event', () => {
  const at = { timestamp: 1.5, previousEventId: 0 };
  const rows = historyRows(
    [
      {
        ...at,
        id: 1,
        type: 'ExecutionStarted',
        executionStartedEventDetails: { input: '{\n "a": 1 }', roleArn: 'arn:r' },
      },
      { ...at, id: 2, type: 'MapIterationStarted', mapIterationStartedEventDetails: { name: 'Each', index: 3 } },
      {
        ...at,
        id: 3,
        type: 'TaskFailed',
        taskFailedEventDetails: { resourceType: 'lambda', resource: 'invoke', error: 'E', cause: 'c' },
      },
      {
        ...at,
        id: 4,
        type: 'TaskScheduled',
        previousEventId: 3,
        taskScheduledEventDetails: { resourceType: 'lambda', resource: 'invoke', parameters: '{}' },
      },
      { ...at, id: 5, type: 'ParallelStateSucceeded' },
      { ...at, id: 6, type: 'MapRunStarted', mapRunStartedEventDetails: { mapRunArn: 'arn:m' } },
    ],
    1000,
  );
  expect(rows).toEqual([
    ['1', '', '+500 ms', 'ExecutionStarted', '{ "a": 1 }'],
    ['2', '', '+500 ms', 'MapIterationStarted', 'Each[3]'],
    ['3', '', '+500 ms', 'TaskFailed', 'E: c'],
    ['4', '3', '+500 ms', 'TaskScheduled', 'lambda:invoke  {}'],
    ['5', '', '+500 ms', 'ParallelStateSucceeded', ''],
    ['6', '', '+500 ms', 'MapRunStarted', 'arn:m'],
  ]);
});

describe('following', () => {
  let seq = 0;
  const record = (type: string, frame: number, details: FollowedRecord['details'] = null): FollowedRecord => {
    seq++;
    return { seq, id: seq, previousEventId: 0, at: seq * 10, frame, type, details };
  };

  test('iterations carry their index; short states have one line', () => {
    const view = new FollowView(pc.createColors(false));
    seq = 0;
    const lines = [
      record('ExecutionStarted', 1, {}),
      record('PassStateEntered', 1, { name: 'Tidy' }),
      record('PassStateExited', 1, { name: 'Tidy' }),
      record('MapStateEntered', 1, { name: 'Each item' }),
      record('MapStateStarted', 1, { length: 1 }),
      record('MapIterationStarted', 1, { name: 'Each item', index: 0 }),
      record('TaskStateEntered', 6, { name: 'Reserve' }),
      record('TaskTimedOut', 6, { error: 'States.Timeout' }),
      record('RetryScheduled', 6),
      record('TaskStateExited', 6, { name: 'Reserve' }),
      record('WaitStateAborted', 1),
      record('ExecutionSucceeded', 1, { output: '{}' }),
    ].map((each) => view.line(each));
    expect(lines.filter((line) => line !== null)).toEqual([
      '  ✓ Tidy                             10 ms',
      '  → Each item',
      '  → [0] Reserve',
      '  ✗ [0] Reserve                      States.Timeout',
      '  ↻ [0] Reserve                      waits to be tried again',
      '  ✓ [0] Reserve                      30 ms',
      '  ■ Each item                        stopped',
      '✓ SUCCEEDED in 110 ms',
    ]);
  });
});
