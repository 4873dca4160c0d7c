import { expect, test } from 'vitest';
import { parseDefinition } from '../language/index.js';
import { Transcript } from '../testing/transcript.js';

function transcript(definition: object): Transcript {
  const parsed = parseDefinition(JSON.stringify(definition), { type: 'STANDARD' });
  if (parsed.definition === null) throw new Error(JSON.stringify(parsed.diagnostics));
  return new Transcript(parsed.definition);
}

const call = { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', Parameters: { FunctionName: 'f' } };
const redrive = { type: 'RedriveExecution' } as const;
/** The lines from the redrive on, without what stands at their ends. */
const since = ({ lines }: Transcript): readonly string[] => {
  const from = lines.findIndex((line) => line.includes('ExecutionRedriven'));
  return lines.slice(from).map((line) => line.replace(/ [<>@].*$/, ''));
};

test('a failed task is done again with its input, and the execution goes on', () => {
  const run = transcript({ StartAt: 'A', States: { A: { ...call, Next: 'B' }, B: { Type: 'Pass', End: true } } });
  run.start('{"n": 1}').fail(3, 'Wrong').give(redrive).succeed(8, '{"m": 2}');
  expect(run.execution).toMatchObject({ status: 'SUCCEEDED', redriveCount: 1, failure: null });
  expect(since(run)).toEqual([
    '7<-6 ExecutionRedriven 1',
    '8<-7 TaskScheduled lambda invoke us-east-1 {"FunctionName":"f"}',
    '9<-8 TaskStarted lambda invoke',
    '10<-9 TaskSucceeded lambda invoke {"m": 2}',
    '11<-10 TaskStateExited A {"m": 2}',
    '12<-11 PassStateEntered B {"m": 2}',
    '13<-12 PassStateExited B {"m": 2}',
    '14<-13 ExecutionSucceeded {"m": 2}',
  ]);
});

test('of a Parallel, the branches that have not finished go on; the others keep their outputs', () => {
  const branch = (name: string) => ({ StartAt: name, States: { [name]: { ...call, End: true } } });
  const run = transcript({
    StartAt: 'P',
    States: { P: { Type: 'Parallel', Branches: [branch('X'), branch('Y'), branch('Z')], End: true } },
  });
  const tasks = () => run.records.flatMap((record) => (record.type === 'TaskScheduled' ? [record.seq] : []));
  run.start();
  const [x = 0, y = 0] = tasks();
  run.succeed(x, '"x"').fail(y, 'Wrong');
  expect(run.execution.status).toBe('FAILED');
  run.give(redrive);
  const again = tasks().slice(3);
  expect(again).toHaveLength(2); // Y, which failed, and Z, which was aborted
  for (const [index, task] of again.entries()) run.succeed(task, String(index));
  expect(run.execution).toMatchObject({ status: 'SUCCEEDED', output: { text: '["x",0,1]' } });
});

test('a Map goes on with its unfinished iterations and opens those that have not begun', () => {
  const run = transcript({
    StartAt: 'M',
    States: {
      M: {
        Type: 'Map',
        MaxConcurrency: 1,
        ItemProcessor: { StartAt: 'T', States: { T: { ...call, End: true } } },
        End: true,
      },
    },
  });
  const last = () => run.records.findLast((record) => record.type === 'TaskScheduled')?.seq ?? 0;
  run.start('[1,2,3]').succeed(last(), '"a"').fail(last(), 'Wrong').give(redrive);
  run.succeed(last(), '"b"').succeed(last(), '"c"');
  expect(run.execution).toMatchObject({ status: 'SUCCEEDED', output: { text: '["a","b","c"]' } });
  expect(run.records.filter(({ type }) => type === 'MapIterationStarted')).toHaveLength(3);
});

test('retries count from the beginning, and the time-out too', () => {
  const run = transcript({
    TimeoutSeconds: 10,
    StartAt: 'A',
    States: { A: { ...call, Retry: [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 1, MaxAttempts: 1 }], End: true } },
  });
  const last = () => run.records.findLast((record) => record.type === 'TaskScheduled')?.seq ?? 0;
  run.start().fail(last(), 'One').wait(1000).fail(last(), 'Two');
  expect(run.execution.status).toBe('FAILED');
  run.wait(60_000).give(redrive).fail(last(), 'Three').wait(1000);
  expect(run.execution.status).toBe('RUNNING');
  run.wait(9000);
  expect(run.execution.status).toBe('TIMED_OUT');
});

test.each([
  ['stopped in a Wait', { Type: 'Wait', Seconds: 5, End: true }, (run: Transcript) => run.stop()],
  ['stopped in a Task', { ...call, End: true }, (run: Transcript) => run.stop()],
])('an execution that was %s is in that state again', (_, state, end) => {
  const run = transcript({ StartAt: 'S', States: { S: state } });
  end(run.start()).give(redrive);
  expect(run.execution.status).toBe('RUNNING');
  run.wait(5000);
  const task = run.records.findLast((record) => record.type === 'TaskScheduled')?.seq;
  if (task !== undefined) run.succeed(task, '{}');
  expect(run.execution.status).toBe('SUCCEEDED');
});

test('a Fail fails again; the context knows how often and when', () => {
  const run = transcript({
    StartAt: 'P',
    States: {
      P: { Type: 'Pass', Next: 'F' },
      F: { Type: 'Fail', ErrorPath: "States.Format('{}', $$.Execution.RedriveCount)" },
    },
  });
  run.start().give(redrive).give(redrive);
  expect(run.execution).toMatchObject({ status: 'FAILED', failure: { error: '2' }, redriveCount: 2 });
  expect(since(run)).toEqual([
    '6<-5 ExecutionRedriven 1',
    '7<-6 FailStateEntered F {}',
    '8<-7 ExecutionFailed 1',
    '9<-8 ExecutionRedriven 2',
    '10<-9 FailStateEntered F {}',
    '11<-10 ExecutionFailed 2',
  ]);
});

test('a running or a succeeded execution is not redriven', () => {
  const run = transcript({ StartAt: 'A', States: { A: { ...call, End: true } } });
  run.start().give(redrive);
  expect(run.execution.redriveCount).toBe(0);
  run.succeed(3, '1').give(redrive);
  expect(run.execution).toMatchObject({ status: 'SUCCEEDED', redriveCount: 0 });
});
