import { describe, expect, it } from 'vitest';
import { parseDefinition } from '../language/index.js';
import { AWS_QUOTAS } from '../limits.js';
import { Payload } from '../payload/index.js';
import { TEST_IDENTITY, Transcript } from '../testing/transcript.js';
import { decide, newExecution, STANDARD_POLICY } from './index.js';

const FUNCTION = 'arn:aws:lambda:us-east-1:000000000000:function:f';

function machine(states: Record<string, unknown>, extra: object = { QueryLanguage: 'JSONata' }): Transcript {
  const [startAt] = Object.keys(states);
  const text = JSON.stringify({ StartAt: startAt, States: states, ...extra });
  const { definition, diagnostics } = parseDefinition(text, { type: 'STANDARD' });
  if (definition === null) throw new Error(JSON.stringify(diagnostics));
  return new Transcript(definition);
}

const work = (fields: object) => ({ Type: 'Task', Resource: FUNCTION, ...fields });
const failed = { ErrorEquals: ['States.QueryEvaluationError'] };

describe('the data flow of JSONata states', () => {
  it('Arguments go out; Output and Assign see the result, the input and the variables at entry', () => {
    const transcript = machine({
      A: { Type: 'Pass', Assign: { n: 1, swap: 2 }, Next: 'B' },
      B: work({
        Arguments: { id: '{% $states.input.id %}', n: '{% $n %}', fixed: [1, { a: null }] },
        Assign: { n: '{% $swap %}', swap: '{% $n %}', ok: '{% $states.result.ok %}' },
        Output: { id: '{% $states.input.id %}', result: '{% $states.result %}', n: '{% $n %}' },
        Next: 'C',
      }),
      C: { Type: 'Succeed', Output: ['{% $n %}', '{% $swap %}', '{% $ok %}', '{% $states.input.n %}'] },
    });
    transcript.start('{"id": 7}').succeed(5, '{"ok": true}');
    expect(transcript.text).toMatchInlineSnapshot();
  });

  it('without Arguments and Output a Task gets its input and gives its result', () => {
    const transcript = machine({ A: work({ End: true }) });
    transcript.start('{"id": 1}').succeed(3, '[1, 2]');
    expect(transcript.text).toMatchInlineSnapshot();
  });

  it('a Choice rule has its own Output and Assign; the state’s go with Default', () => {
    const states = {
      A: {
        Type: 'Choice',
        Choices: [{ Condition: '{% $states.input.ok %}', Next: 'B', Output: 'rule', Assign: { who: 'rule' } }],
        Default: 'B',
        Output: 'default',
        Assign: { who: 'default' },
      },
      B: { Type: 'Pass', Output: '{% [$states.input, $who] %}', End: true },
    };
    expect(machine(states).start('{"ok": true}').text).toMatchInlineSnapshot();
    expect(machine(states).start('{"ok": false}').text).toMatchInlineSnapshot();
  });

  it('a Map selects items by the context, and a Parallel gives its Arguments to all branches', () => {
    const transcript = machine({
      M: {
        Type: 'Map',
        Items: ['{% $states.input.first %}', 2],
        MaxConcurrency: '{% 1 %}',
        ItemSelector: {
          i: '{% $states.context.Map.Item.Index %}',
          v: '{% $states.context.Map.Item.Value %}',
          in: '{% $states.input.first %}',
        },
        ItemProcessor: { StartAt: 'I', States: { I: { Type: 'Pass', Output: '{% $states.input.v %}', End: true } } },
        Output: { all: '{% $states.result %}' },
        Next: 'P',
      },
      P: {
        Type: 'Parallel',
        Arguments: '{% $states.input.all %}',
        Branches: [{ StartAt: 'X', States: { X: { Type: 'Pass', End: true } } }],
        End: true,
      },
    });
    expect(transcript.start('{"first": 1}').text).toMatchInlineSnapshot();
  });

  it('a Wait until an expression, and a Fail with one', () => {
    const transcript = machine({
      A: { Type: 'Wait', Seconds: '{% $states.input.s %}', Output: { at: 'A' }, Next: 'B' },
      B: { Type: 'Wait', Timestamp: '{% "1970-01-01T00:00:05Z" %}', Next: 'C' },
      C: { Type: 'Fail', Error: '{% $states.input.at & "1" %}', Cause: 'why' },
    });
    transcript.start('{"s": 2}').wait(2000).wait(3000);
    expect(transcript.text).toMatchInlineSnapshot();
  });

  it('a Task’s limits and role are expressions, evaluated again by a Retry', () => {
    const transcript = machine({
      A: work({
        TimeoutSeconds: '{% 10 + $states.context.State.RetryCount %}',
        Credentials: { RoleArn: '{% "arn:aws:iam::000000000000:role/" & $states.input.r %}' },
        Arguments: { attempt: '{% $states.context.State.RetryCount %}' },
        Retry: [{ ErrorEquals: ['Busy'], IntervalSeconds: 1 }],
        End: true,
      }),
    });
    transcript.start('{"r": "x"}').fail(3, 'Busy').wait(1000);
    expect(transcript.text).toMatchInlineSnapshot();
  });
});

describe('what cannot be evaluated', () => {
  it('points at what led to the state, and is caught with Output and Assign of the catcher', () => {
    const transcript = machine({
      A: { Type: 'Pass', Next: 'B' },
      B: work({
        Arguments: { a: ['{% $states.input.gone %}'] },
        Catch: [
          {
            ErrorEquals: ['States.QueryEvaluationError'],
            Output: { in: '{% $states.input %}', error: '{% $states.errorOutput.Error %}' },
            Assign: { cause: '{% $substringAfter($states.errorOutput.Cause, "). ") %}' },
            Next: 'C',
          },
        ],
        End: true,
      }),
      C: { Type: 'Pass', Output: '{% $cause %}', End: true },
    });
    expect(transcript.start('{"id": 1}').text).toMatchInlineSnapshot();
  });

  it('is retried, evaluated again and fails the execution at last', () => {
    const transcript = machine({
      A: work({ Arguments: '{% $nope %}', Retry: [{ ...failed, MaxAttempts: 1 }], End: true }),
    });
    transcript.start().wait(1000);
    expect(transcript.text).toMatchInlineSnapshot();
  });

  it('in a catcher goes outward', () => {
    const transcript = machine({
      A: work({
        Catch: [{ ErrorEquals: ['States.ALL'], Output: '{% $states.errorOutput.Nope %}', Next: 'B' }],
        End: true,
      }),
      B: { Type: 'Succeed' },
    });
    transcript.start().fail(3, 'Busy');
    expect(transcript.text).toMatchInlineSnapshot();
  });

  it('fails the Map around it, whose Catch takes it', () => {
    const transcript = machine({
      M: {
        Type: 'Map',
        Items: [1, 2],
        ItemProcessor: {
          StartAt: 'I',
          States: {
            I: { Type: 'Choice', Choices: [{ Condition: '{% $states.input %}', Next: 'J' }] },
            J: { Type: 'Succeed' },
          },
        },
        Catch: [{ ...failed, Next: 'E' }],
        End: true,
      },
      E: { Type: 'Pass', Output: '{% $states.input.Error %}', End: true },
    });
    expect(transcript.start().text).toMatchInlineSnapshot();
  });

  it('an ItemSelector that fails later fails the Map, not the iteration before', () => {
    const transcript = machine({
      M: {
        Type: 'Map',
        Items: [1, 2],
        MaxConcurrency: 1,
        ItemSelector: { v: '{% $states.context.Map.Item.Index = 0 ? 1 %}' },
        ItemProcessor: { StartAt: 'I', States: { I: { Type: 'Pass', End: true } } },
        End: true,
      },
    });
    expect(transcript.start().text).toMatchInlineSnapshot();
  });

  it('after a Map’s success is the fault of its Output', () => {
    const transcript = machine({
      M: {
        Type: 'Map',
        Items: [],
        ItemProcessor: { StartAt: 'I', States: { I: { Type: 'Pass', End: true } } },
        Output: '{% $states.result[7] %}',
        End: true,
      },
    });
    expect(transcript.start().text).toMatchInlineSnapshot();
  });

  const CASES: ReadonlyArray<readonly [string, object, string]> = [
    [
      'Output/a[1]',
      { Type: 'Pass', Output: { a: [1, '{% $nope %}'] }, End: true },
      "expression '$nope' specified for the field 'Output/a[1]' returned nothing (undefined).",
    ],
    [
      'Output',
      { Type: 'Succeed', Output: '{% $sum %}' },
      "expression '$sum' specified for the field 'Output' returned an unsupported result type.",
    ],
    [
      'Assign/x',
      { Type: 'Pass', Assign: { x: '{% $eval("1") %}' }, End: true },
      "expression '$eval(\"1\")' specified for the field 'Assign/x' threw an error during evaluation. T1006: Attempted to invoke a non-function",
    ],
    [
      'Choices[0]/Condition',
      { Type: 'Choice', Choices: [{ Condition: '{% 1 %}', Next: 'E' }], Default: 'E' },
      "expression '1' specified for the field 'Choices[0]/Condition' returned an unexpected result type. Expected 'boolean', but was 'number' for value: 1",
    ],
    [
      'Choices[0]/Output/v',
      { Type: 'Choice', Choices: [{ Condition: true, Output: { v: '{% $nope %}' }, Next: 'E' }], Default: 'E' },
      "expression '$nope' specified for the field 'Choices[0]/Output/v' returned nothing (undefined).",
    ],
    [
      'Seconds',
      { Type: 'Wait', Seconds: '{% "1" %}', End: true },
      "expression '\"1\"' specified for the field 'Seconds' returned an unexpected result type. Expected 'number', but was 'string' for value: \"1\"",
    ],
    [
      'Seconds',
      { Type: 'Wait', Seconds: '{% 1.5 %}', End: true },
      'The Seconds field cannot be parsed as a long value: 1.5',
    ],
    ['Seconds', { Type: 'Wait', Seconds: '{% -1 %}', End: true }, 'The Seconds field has a negative value: -1'],
    [
      'Timestamp',
      { Type: 'Wait', Timestamp: '{% "2016-12-05T21:29:29" %}', End: true },
      'The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string: 2016-12-05T21:29:29',
    ],
    [
      'Error',
      { Type: 'Fail', Error: '{% 1 %}' },
      "expression '1' specified for the field 'Error' returned an unexpected result type. Expected 'string', but was 'number' for value: 1",
    ],
    [
      'TimeoutSeconds',
      work({ TimeoutSeconds: '{% 0 %}', End: true }),
      'The TimeoutSeconds field cannot be parsed as a positive long value: 0',
    ],
    [
      'MaxConcurrency',
      {
        Type: 'Map',
        Items: [1],
        MaxConcurrency: '{% -1 %}',
        ItemProcessor: { StartAt: 'I', States: { I: { Type: 'Succeed' } } },
        End: true,
      },
      'The MaxConcurrency field cannot be parsed as a non-negative integer: -1',
    ],
    [
      'undefined',
      { Type: 'Map', ItemProcessor: { StartAt: 'I', States: { I: { Type: 'Succeed' } } }, End: true },
      'Map state input must be an array but was: {}',
    ],
  ];
  it.each(CASES)('at %s of %j', (location, state, cause) => {
    const { records } = machine({ A: state, E: { Type: 'Succeed' } }, { QueryLanguage: 'JSONata' }).start();
    const record = records.find(({ type }) => type === 'EvaluationFailed');
    expect(record?.details).toMatchObject({ state: 'A', error: 'States.QueryEvaluationError' });
    expect(String((record?.details as { location?: string }).location)).toBe(location);
    expect((record?.details as { cause: string }).cause).toContain(cause);
    expect(record?.previousEventId).toBe(location === 'Timestamp' ? 2 : 0);
    expect(records.at(-1)?.type).toBe('ExecutionFailed');
  });
});

describe('both query languages in one machine', () => {
  it('share variables', () => {
    const transcript = machine(
      {
        A: { Type: 'Pass', Assign: { 'x.$': '$.a', y: { z: 1 } }, Next: 'B' },
        B: { Type: 'Pass', QueryLanguage: 'JSONata', Assign: { x: '{% $x + $y.z %}' }, Next: 'C' },
        C: { Type: 'Pass', Parameters: { 'x.$': '$x', 'in.$': '$' }, End: true },
      },
      {},
    );
    expect(transcript.start('{"a": 41}').text).toMatchInlineSnapshot();
  });
});

describe('the sizes of variables', () => {
  const run = (states: Record<string, unknown>, quotas: object) => {
    const text = JSON.stringify({ StartAt: Object.keys(states)[0], States: states });
    const { definition } = parseDefinition(text, { type: 'STANDARD' });
    if (definition === null) throw new Error('Expected a valid machine');
    const execution = newExecution(TEST_IDENTITY);
    const start = { type: 'StartExecution', input: Payload.ofText('{}'), at: 0, seed: [0, 0, 0, 1] } as const;
    decide(definition, execution, [start], { ...STANDARD_POLICY, quotas: { ...AWS_QUOTAS, ...quotas } });
    return execution.failure?.cause ?? execution.status;
  };
  const text = 'x'.repeat(98); // 100 bytes of JSON
  const assigning = {
    A: { Type: 'Pass', Assign: { a: text }, Next: 'B' },
    B: { Type: 'Pass', Assign: { b: text, c: 1 }, End: true },
  };

  it('one Assign', () => {
    expect(run(assigning, { variableBytesMax: 101 })).toBe('SUCCEEDED');
    expect(run(assigning, { variableBytesMax: 100 })).toContain(
      'The size of the variables assigned exceeds the maximum of 100 bytes.',
    );
  });

  it('all of them, in every scope', () => {
    expect(run(assigning, { variableBytesMax: 101, variablesBytesMax: 201 })).toBe('SUCCEEDED');
    expect(run(assigning, { variableBytesMax: 101, variablesBytesMax: 200 })).toContain(
      'The size of all variables of the execution exceeds the maximum of 200 bytes.',
    );
    const again = {
      A: { Type: 'Pass', Assign: { a: text }, Next: 'B' },
      B: { Type: 'Pass', Assign: { a: text }, End: true },
    };
    expect(run(again, { variableBytesMax: 101, variablesBytesMax: 150 })).toBe('SUCCEEDED');
  });
});
