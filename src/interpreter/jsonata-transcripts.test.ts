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
    expect(transcript.text).toMatchInlineSnapshot(`
      "1<-0 ExecutionStarted {"id": 7} @0 < StartExecution
      2<-0 PassStateEntered A {"id": 7} @0
      3<-2 PassStateExited A {"id": 7} $n=1 $swap=2 @0
      4<-3 TaskStateEntered B {"id": 7} @0
      5<-4 LambdaFunctionScheduled arn:aws:lambda:us-east-1:000000000000:function:f {"id":7,"n":1,"fixed":[1,{"a":null}]} @0 > InvokeTask #5
      6<-5 LambdaFunctionStarted @0 < TaskSucceeded #5
      7<-6 LambdaFunctionSucceeded {"ok": true} @0
      8<-7 TaskStateExited B {"id":7,"result":{"ok":true},"n":1} $n=2 $swap=1 $ok=true @0
      9<-8 SucceedStateEntered C {"id":7,"result":{"ok":true},"n":1} @0
      10<-9 SucceedStateExited C [2,1,true,1] @0
      11<-10 ExecutionSucceeded [2,1,true,1] @0 > ReleaseTask #5"
    `);
  });

  it('without Arguments and Output a Task gets its input and gives its result', () => {
    const transcript = machine({ A: work({ End: true }) });
    transcript.start('{"id": 1}').succeed(3, '[1, 2]');
    expect(transcript.text).toMatchInlineSnapshot(`
      "1<-0 ExecutionStarted {"id": 1} @0 < StartExecution
      2<-0 TaskStateEntered A {"id": 1} @0
      3<-2 LambdaFunctionScheduled arn:aws:lambda:us-east-1:000000000000:function:f {"id": 1} @0 > InvokeTask #3
      4<-3 LambdaFunctionStarted @0 < TaskSucceeded #3
      5<-4 LambdaFunctionSucceeded [1, 2] @0
      6<-5 TaskStateExited A [1, 2] @0
      7<-6 ExecutionSucceeded [1, 2] @0 > ReleaseTask #3"
    `);
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
    expect(machine(states).start('{"ok": true}').text).toMatchInlineSnapshot(`
      "1<-0 ExecutionStarted {"ok": true} @0 < StartExecution
      2<-0 ChoiceStateEntered A {"ok": true} @0
      3<-2 ChoiceStateExited A "rule" $who="rule" @0
      4<-3 PassStateEntered B "rule" @0
      5<-4 PassStateExited B ["rule","rule"] @0
      6<-5 ExecutionSucceeded ["rule","rule"] @0"
    `);
    expect(machine(states).start('{"ok": false}').text).toMatchInlineSnapshot(`
      "1<-0 ExecutionStarted {"ok": false} @0 < StartExecution
      2<-0 ChoiceStateEntered A {"ok": false} @0
      3<-2 ChoiceStateExited A "default" $who="default" @0
      4<-3 PassStateEntered B "default" @0
      5<-4 PassStateExited B ["default","default"] @0
      6<-5 ExecutionSucceeded ["default","default"] @0"
    `);
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
    expect(transcript.start('{"first": 1}').text).toMatchInlineSnapshot(`
      "1<-0 ExecutionStarted {"first": 1} @0 < StartExecution
      2<-0 MapStateEntered M {"first": 1} @0
      3<-2 MapStateStarted 2 @0
      4<-3 MapIterationStarted M 0 @0
      5<-4 PassStateEntered I {"i":0,"v":1,"in":1} @0
      6<-5 PassStateExited I 1 @0
      7<-6 MapIterationSucceeded M 0 @0
      8<-6 MapIterationStarted M 1 @0
      9<-8 PassStateEntered I {"i":1,"v":2,"in":1} @0
      10<-9 PassStateExited I 2 @0
      11<-10 MapIterationSucceeded M 1 @0
      12<-11 MapStateSucceeded @0
      13<-11 MapStateExited M {"all":[1,2]} @0
      14<-13 ParallelStateEntered P {"all":[1,2]} @0
      15<-14 ParallelStateStarted @0
      - BranchStarted @0
      16<-15 PassStateEntered X [1,2] @0
      17<-16 PassStateExited X [1,2] @0
      18<-17 ParallelStateSucceeded @0
      19<-17 ParallelStateExited P [[1,2]] @0
      20<-19 ExecutionSucceeded [[1,2]] @0"
    `);
  });

  it('a Wait until an expression, and a Fail with one', () => {
    const transcript = machine({
      A: { Type: 'Wait', Seconds: '{% $states.input.s %}', Output: { at: 'A' }, Next: 'B' },
      B: { Type: 'Wait', Timestamp: '{% "1970-01-01T00:00:05Z" %}', Next: 'C' },
      C: { Type: 'Fail', Error: '{% $states.input.at & "1" %}', Cause: 'why' },
    });
    transcript.start('{"s": 2}').wait(2000).wait(3000);
    expect(transcript.text).toMatchInlineSnapshot(`
      "1<-0 ExecutionStarted {"s": 2} @0 < StartExecution
      2<-0 WaitStateEntered A {"s": 2} @0
      - TimerStarted @0 > StartTimer #3 due @2000
      3<-2 WaitStateExited A {"at":"A"} @2000 < TimerFired #3
      4<-3 WaitStateEntered B {"at":"A"} @2000
      - TimerStarted @2000 > StopTimer #3, StartTimer #6 due @5000
      5<-4 WaitStateExited B {"at":"A"} @5000 < TimerFired #6
      6<-5 FailStateEntered C {"at":"A"} @5000
      7<-6 ExecutionFailed A1 why @5000 > StopTimer #6"
    `);
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
    expect(transcript.text).toMatchInlineSnapshot(`
      "1<-0 ExecutionStarted {"r": "x"} @0 < StartExecution
      2<-0 TaskStateEntered A {"r": "x"} @0
      3<-2 LambdaFunctionScheduled arn:aws:lambda:us-east-1:000000000000:function:f {"attempt":0} 10 arn:aws:iam::000000000000:role/x @0 > InvokeTask #3, StartTimer #3 due @10000
      4<-3 LambdaFunctionStarted @0 < TaskFailed #3
      5<-4 LambdaFunctionFailed Busy  @0
      - RetryScheduled attempt 1 @0 > ReleaseTask #3, StopTimer #3, StartTimer #6 due @1000
      6<-5 LambdaFunctionScheduled arn:aws:lambda:us-east-1:000000000000:function:f {"attempt":1} 11 arn:aws:iam::000000000000:role/x @1000 < TimerFired #6 > StopTimer #6, InvokeTask #7, StartTimer #7 due @12000"
    `);
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
    expect(transcript.start('{"id": 1}').text).toMatchInlineSnapshot(`
      "1<-0 ExecutionStarted {"id": 1} @0 < StartExecution
      2<-0 PassStateEntered A {"id": 1} @0
      3<-2 PassStateExited A {"id": 1} @0
      4<-3 TaskStateEntered B {"id": 1} @0
      5<-3 EvaluationFailed States.QueryEvaluationError An error occurred while executing the state 'B' (entered at the event id #4). The JSONata expression '$states.input.gone' specified for the field 'Arguments/a[0]' returned nothing (undefined). Arguments/a[0] B @0
      6<-5 TaskStateExited B {"in":{"id":1},"error":"States.QueryEvaluationError"} $cause="The JSONata expression '$states.input.gone' specified for the field 'Arguments/a[0]' returned nothing (undefined)." @0
      7<-6 PassStateEntered C {"in":{"id":1},"error":"States.QueryEvaluationError"} @0
      8<-7 PassStateExited C "The JSONata expression '$states.input.gone' specified for the field 'Arguments/a[0]' returned nothing (undefined)." @0
      9<-8 ExecutionSucceeded "The JSONata expression '$states.input.gone' specified for the field 'Arguments/a[0]' returned nothing (undefined)." @0"
    `);
  });

  it('is retried, evaluated again and fails the execution at last', () => {
    const transcript = machine({
      A: work({ Arguments: '{% $nope %}', Retry: [{ ...failed, MaxAttempts: 1 }], End: true }),
    });
    transcript.start().wait(1000);
    expect(transcript.text).toMatchInlineSnapshot(`
      "1<-0 ExecutionStarted {} @0 < StartExecution
      2<-0 TaskStateEntered A {} @0
      3<-0 EvaluationFailed States.QueryEvaluationError An error occurred while executing the state 'A' (entered at the event id #2). The JSONata expression '$nope' specified for the field 'Arguments' returned nothing (undefined). Arguments A @0
      - RetryScheduled attempt 1 @0 > StartTimer #4 due @1000
      4<-0 EvaluationFailed States.QueryEvaluationError An error occurred while executing the state 'A' (entered at the event id #2). The JSONata expression '$nope' specified for the field 'Arguments' returned nothing (undefined). Arguments A @1000 < TimerFired #4
      5<-4 ExecutionFailed States.QueryEvaluationError An error occurred while executing the state 'A' (entered at the event id #2). The JSONata expression '$nope' specified for the field 'Arguments' returned nothing (undefined). @1000 > StopTimer #4"
    `);
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
    expect(transcript.text).toMatchInlineSnapshot(`
      "1<-0 ExecutionStarted {} @0 < StartExecution
      2<-0 TaskStateEntered A {} @0
      3<-2 LambdaFunctionScheduled arn:aws:lambda:us-east-1:000000000000:function:f {} @0 > InvokeTask #3
      4<-3 LambdaFunctionStarted @0 < TaskFailed #3
      5<-4 LambdaFunctionFailed Busy  @0
      6<-0 EvaluationFailed States.QueryEvaluationError An error occurred while executing the state 'A' (entered at the event id #2). The JSONata expression '$states.errorOutput.Nope' specified for the field 'Catch[0]/Output' returned nothing (undefined). Catch[0]/Output A @0
      7<-6 ExecutionFailed States.QueryEvaluationError An error occurred while executing the state 'A' (entered at the event id #2). The JSONata expression '$states.errorOutput.Nope' specified for the field 'Catch[0]/Output' returned nothing (undefined). @0 > ReleaseTask #3"
    `);
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
    expect(transcript.start().text).toMatchInlineSnapshot(`
      "1<-0 ExecutionStarted {} @0 < StartExecution
      2<-0 MapStateEntered M {} @0
      3<-2 MapStateStarted 2 @0
      4<-3 MapIterationStarted M 0 @0
      5<-3 MapIterationStarted M 1 @0
      6<-4 ChoiceStateEntered I 1 @0
      7<-4 EvaluationFailed States.QueryEvaluationError An error occurred while executing the state 'I' (entered at the event id #6). The JSONata expression '$states.input' specified for the field 'Choices[0]/Condition' returned an unexpected result type. Expected 'boolean', but was 'number' for value: 1 Choices[0]/Condition I @0
      8<-7 MapIterationFailed M 0 @0
      9<-7 MapIterationAborted M 1 @0
      10<-7 MapStateFailed @0
      11<-10 MapStateExited M {"Error":"States.QueryEvaluationError","Cause":"An error occurred while executing the state 'I' (entered at the event id #6). The JSONata expression '$states.input' specified for the field 'Choices[0]/Condition' returned an unexpected result type. Expected 'boolean', but was 'number' for value: 1"} @0
      12<-11 PassStateEntered E {"Error":"States.QueryEvaluationError","Cause":"An error occurred while executing the state 'I' (entered at the event id #6). The JSONata expression '$states.input' specified for the field 'Choices[0]/Condition' returned an unexpected result type. Expected 'boolean', but was 'number' for value: 1"} @0
      13<-12 PassStateExited E "States.QueryEvaluationError" @0
      14<-13 ExecutionSucceeded "States.QueryEvaluationError" @0"
    `);
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
    expect(transcript.start().text).toMatchInlineSnapshot(`
      "1<-0 ExecutionStarted {} @0 < StartExecution
      2<-0 MapStateEntered M {} @0
      3<-2 MapStateStarted 2 @0
      4<-3 MapIterationStarted M 0 @0
      5<-4 PassStateEntered I {"v":1} @0
      6<-5 PassStateExited I {"v":1} @0
      7<-6 MapIterationSucceeded M 0 @0
      8<-0 EvaluationFailed States.QueryEvaluationError An error occurred while executing the state 'M' (entered at the event id #2). The JSONata expression '$states.context.Map.Item.Index = 0 ? 1' specified for the field 'ItemSelector/v' returned nothing (undefined). ItemSelector/v M @0
      9<-8 MapStateFailed @0
      10<-9 ExecutionFailed States.QueryEvaluationError An error occurred while executing the state 'M' (entered at the event id #2). The JSONata expression '$states.context.Map.Item.Index = 0 ? 1' specified for the field 'ItemSelector/v' returned nothing (undefined). @0"
    `);
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
    expect(transcript.start().text).toMatchInlineSnapshot(`
      "1<-0 ExecutionStarted {} @0 < StartExecution
      2<-0 MapStateEntered M {} @0
      3<-2 MapStateStarted 0 @0
      4<-3 MapStateSucceeded @0
      5<-0 EvaluationFailed States.QueryEvaluationError An error occurred while executing the state 'M' (entered at the event id #2). The JSONata expression '$states.result[7]' specified for the field 'Output' returned nothing (undefined). Output M @0
      6<-5 ExecutionFailed States.QueryEvaluationError An error occurred while executing the state 'M' (entered at the event id #2). The JSONata expression '$states.result[7]' specified for the field 'Output' returned nothing (undefined). @0"
    `);
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
    const states = 'Choices' in state ? { A: state, E: { Type: 'Succeed' } } : { A: state };
    const { records } = machine(states).start();
    const record = records.find(({ type }) => type === 'EvaluationFailed');
    if (record?.type !== 'EvaluationFailed') throw new Error('Expected an EvaluationFailed');
    expect(record.details).toMatchObject({ state: 'A', error: 'States.QueryEvaluationError' });
    expect(String(record.details.location)).toBe(location);
    expect(record.details.cause).toContain(cause);
    expect(record.previousEventId).toBe(location === 'Timestamp' ? 2 : 0);
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
    expect(transcript.start('{"a": 41}').text).toMatchInlineSnapshot(`
      "1<-0 ExecutionStarted {"a": 41} @0 < StartExecution
      2<-0 PassStateEntered A {"a": 41} @0
      3<-2 PassStateExited A {"a": 41} $x=41 $y={"z":1} @0
      4<-3 PassStateEntered B {"a": 41} @0
      5<-4 PassStateExited B {"a": 41} $x=42 @0
      6<-5 PassStateEntered C {"a": 41} @0
      7<-6 PassStateExited C {"x":42,"in":{"a":41}} @0
      8<-7 ExecutionSucceeded {"x":42,"in":{"a":41}} @0"
    `);
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
