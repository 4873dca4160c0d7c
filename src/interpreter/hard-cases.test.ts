import { describe, expect, it } from 'vitest';
import { type Definition, parseDefinition } from '../language/index.js';
import { Payload } from '../payload/index.js';
import { encodeSegment, PayloadNumbers } from '../store/segment.js';
import { encodeSnapshot } from '../store/snapshot.js';
import { fingerprintOf, restore } from '../testing/random-driver.js';
import { TEST_IDENTITY, Transcript } from '../testing/transcript.js';
import { decide, newExecution, type Seed } from './index.js';

const FUNCTION = 'arn:aws:lambda:us-east-1:000000000000:function:f';
const SEED: Seed = [1, 2, 3, 4];
const task = { Type: 'Task', Resource: FUNCTION, End: true };
const block = (states: Record<string, unknown>) => ({ StartAt: Object.keys(states)[0], States: states });

function definitionOf(states: Record<string, unknown>, extra: object = {}): Definition {
  const { definition, diagnostics } = parseDefinition(JSON.stringify({ ...block(states), ...extra }), {
    type: 'STANDARD',
  });
  if (definition === null) throw new Error(JSON.stringify(diagnostics));
  return definition;
}

const machine = (states: Record<string, unknown>, extra: object = {}): Transcript =>
  new Transcript(definitionOf(states, extra));

/** Found by the properties of `history.property.test.ts`. */
describe('timers', () => {
  it('that fires twice in one decision ends one Wait, not the next one too', () => {
    const transcript = machine({
      First: { Type: 'Wait', Seconds: 1, Next: 'Second' },
      Second: { Type: 'Wait', Seconds: 60, End: true },
    });
    const fired = { type: 'TimerFired', timer: 3, dueAt: 1000 } as const;
    transcript.start().give(fired, fired);
    expect(transcript.text).toMatchInlineSnapshot(`
      "1<-0 ExecutionStarted {} @0 < StartExecution
      2<-0 WaitStateEntered First {} @0
      - TimerStarted @0 > StartTimer #3 due @1000
      3<-2 WaitStateExited First {} @1000 < TimerFired #3, TimerFired #3
      4<-3 WaitStateEntered Second {} @1000
      - TimerStarted @1000 > StopTimer #3, StartTimer #6 due @61000"
    `);
  });

  it('of a Wait is not made early by a stimulus of the same decision that came from a clock set back', () => {
    const definition = definitionOf({ W: { Type: 'Wait', Seconds: 5, End: true } });
    const execution = newExecution(TEST_IDENTITY);
    decide(definition, execution, [{ type: 'StartExecution', input: Payload.ofText('{}'), at: 100, seed: SEED }]);
    const { records } = decide(definition, execution, [
      { type: 'TimerFired', timer: 3, dueAt: 5100, at: 5000, seed: SEED },
      { type: 'TaskStarted', task: 99, at: 4000, seed: SEED },
    ]);
    expect(records.map(({ type, at }) => [type, at])).toEqual([
      ['WaitStateExited', 5100],
      ['ExecutionSucceeded', 5100],
    ]);
  });

  it('that nobody started times nothing out, and sets no clock forward', () => {
    const transcript = machine({ A: task });
    transcript.start();
    transcript.give({ type: 'TimerFired', timer: 1, dueAt: 9000 }).give({ type: 'TimerFired', timer: 3, dueAt: 9000 });
    transcript.give({ type: 'TimerFired', timer: 3, dueAt: 9000 }, { type: 'TaskStarted', task: 3 });
    expect(transcript.text).toMatchInlineSnapshot(`
      "1<-0 ExecutionStarted {} @0 < StartExecution
      2<-0 TaskStateEntered A {} @0
      3<-2 LambdaFunctionScheduled arn:aws:lambda:us-east-1:000000000000:function:f {} @0 > InvokeTask #3
        nothing < TimerFired #1
        nothing < TimerFired #3
      4<-3 LambdaFunctionStarted @0 < TimerFired #3, TaskStarted #3"
    `);
  });

  it('of the execution fires when it is due, not before', () => {
    const transcript = machine({ A: task }, { TimeoutSeconds: 10 });
    transcript.start().give({ type: 'TimerFired', timer: 1, dueAt: 9999 });
    expect(transcript.execution.status).toBe('RUNNING');
    transcript.wait(10_000);
    expect(transcript.execution.status).toBe('TIMED_OUT');
  });

  it('of a retry is stopped once when the new attempt fails at once', () => {
    const transcript = machine({
      Each: {
        Type: 'Map',
        ItemSelector: { 'v.$': 'States.ArrayGetItem($.few, 7)' },
        ItemsPath: '$.few',
        Retry: [{ ErrorEquals: ['States.ALL'], MaxAttempts: 1 }],
        ItemProcessor: block({ A: task }),
        End: true,
      },
    });
    transcript.start('{"few":[1]}').wait(1000);
    expect(transcript.text).toMatchInlineSnapshot(`
      "1<-0 ExecutionStarted {"few":[1]} @0 < StartExecution
      2<-0 MapStateEntered Each {"few":[1]} @0
      3<-2 MapStateStarted 1 @0
      - RetryScheduled attempt 1 @0 > StartTimer #4 due @1000
      4<-3 MapStateStarted 1 @1000 < TimerFired #4
      5<-4 ExecutionFailed States.IntrinsicFailure An error occurred while executing the state 'Each' (entered at the event id #2). The function 'States.ArrayGetItem($.few, 7)' had the following error: Invalid arguments in States.ArrayGetItem: Expected an index between 0 and 0, but it is 7. @1000 > StopTimer #4"
    `);
  });
});

it('a wide Map comes back from a snapshot without holes', () => {
  const definition = definitionOf({ Each: { Type: 'Map', ItemProcessor: block({ A: task }), End: true } });
  const execution = newExecution(TEST_IDENTITY);
  const numbers = new PayloadNumbers();
  const at = { at: 0, seed: SEED };
  const start = { type: 'StartExecution', input: Payload.ofText('[1,2,3]'), ...at } as const;
  const answer = { type: 'TaskSucceeded', task: 12, output: Payload.ofText('"third"'), ...at } as const;
  encodeSegment(decide(definition, execution, [start]).records, numbers);
  encodeSegment(decide(definition, execution, [answer]).records, numbers);
  const snapshot = { seq: execution.seq, text: encodeSnapshot(execution, numbers) };
  expect(fingerprintOf(restore([], snapshot, new PayloadNumbers()))).toBe(fingerprintOf(execution));
  expect(execution.frames.get(1)?.awaits).toMatchObject({ results: [null, null, { text: '"third"' }] });
});

describe('the limit of 25,000 events', () => {
  const loop = {
    A: { Type: 'Pass', Next: 'B' },
    B: { Type: 'Choice', Choices: [{ Variable: '$.done', IsPresent: true, Next: 'T' }], Default: 'A' },
    T: task,
  };

  it('ends a Map in the midst of its iterations, and what they await is released', () => {
    const transcript = machine({
      Each: {
        Type: 'Map',
        ItemProcessor: block({ C: { ...loop.B, Default: 'A' }, A: loop.A, B: loop.B, T: loop.T }),
        Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Caught' }],
        End: true,
      },
      Caught: { Type: 'Succeed' },
    });
    transcript.start('[{"done":1},{},{}]');
    while (transcript.execution.status === 'RUNNING') transcript.give({ type: 'Continue' });
    expect(transcript.execution.eventId).toBe(25_000);
    expect(transcript.lines.at(-1)).toMatchInlineSnapshot(
      `"25000<-24999 ExecutionFailed States.Runtime The execution reached the maximum number of history events (25000). @0 > ReleaseTask #10"`,
    );
  });

  it('does not keep an execution from being stopped', () => {
    const transcript = machine({
      Start: { Type: 'Pass', Assign: { n: 0 }, Next: 'A' },
      A: { Type: 'Pass', Assign: { 'n.$': 'States.MathAdd($n, 1)' }, Next: 'B' },
      B: { Type: 'Choice', Choices: [{ Variable: '$n', NumericLessThan: 6248, Next: 'A' }], Default: 'P' },
      P: { Type: 'Pass', Next: 'T' },
      T: task,
    });
    transcript.start();
    while (transcript.execution.eventId < 24_999) transcript.give({ type: 'Continue' });
    transcript.stop('Why');
    expect(transcript.lines.slice(-2).join('\n')).toMatchInlineSnapshot(`
      "24999<-24998 LambdaFunctionScheduled arn:aws:lambda:us-east-1:000000000000:function:f {} @0 > InvokeTask #24999
      25000<-0 ExecutionAborted Why @0 < StopExecution > ReleaseTask #24999"
    `);
  });
});

describe('errors within and around', () => {
  it('an ItemSelector that fails for the third item fails the Map, whose open iteration is aborted', () => {
    const transcript = machine({
      Each: {
        Type: 'Map',
        MaxConcurrency: 2,
        ItemsPath: '$.items',
        ItemSelector: { 'v.$': 'States.ArrayGetItem($.few, $$.Map.Item.Index)' },
        ItemProcessor: block({ A: task }),
        Catch: [{ ErrorEquals: ['States.IntrinsicFailure'], Next: 'Caught' }],
        End: true,
      },
      Caught: { Type: 'Succeed' },
    });
    transcript.start('{"items":[1,2,3],"few":[1,2]}').succeed(7, '"a"').succeed(9, '"late"');
    expect(transcript.text).toMatchInlineSnapshot(`
      "1<-0 ExecutionStarted {"items":[1,2,3],"few":[1,2]} @0 < StartExecution
      2<-0 MapStateEntered Each {"items":[1,2,3],"few":[1,2]} @0
      3<-2 MapStateStarted 3 @0
      4<-3 MapIterationStarted Each 0 @0
      5<-3 MapIterationStarted Each 1 @0
      6<-4 TaskStateEntered A {"v":1} @0
      7<-6 LambdaFunctionScheduled arn:aws:lambda:us-east-1:000000000000:function:f {"v":1} @0
      8<-5 TaskStateEntered A {"v":2} @0
      9<-8 LambdaFunctionScheduled arn:aws:lambda:us-east-1:000000000000:function:f {"v":2} @0 > InvokeTask #7, InvokeTask #9
      10<-7 LambdaFunctionStarted @0 < TaskSucceeded #7
      11<-10 LambdaFunctionSucceeded "a" @0
      12<-11 TaskStateExited A "a" @0
      13<-12 MapIterationSucceeded Each 0 @0
      14<-13 MapIterationAborted Each 1 @0
      15<-13 TaskStateAborted @0
      16<-13 MapStateExited Each {"Error":"States.IntrinsicFailure","Cause":"An error occurred while executing the state 'Each' (entered at the event id #2). The function 'States.ArrayGetItem($.few, $$.Map.Item.Index)' had the following error: Invalid arguments in States.ArrayGetItem: Expected an index between 0 and 1, but it is 2."} @0
      17<-16 SucceedStateEntered Caught {"Error":"States.IntrinsicFailure","Cause":"An error occurred while executing the state 'Each' (entered at the event id #2). The function 'States.ArrayGetItem($.few, $$.Map.Item.Index)' had the following error: Invalid arguments in States.ArrayGetItem: Expected an index between 0 and 1, but it is 2."} @0
      18<-17 SucceedStateExited Caught {"Error":"States.IntrinsicFailure","Cause":"An error occurred while executing the state 'Each' (entered at the event id #2). The function 'States.ArrayGetItem($.few, $$.Map.Item.Index)' had the following error: Invalid arguments in States.ArrayGetItem: Expected an index between 0 and 1, but it is 2."} @0
      19<-18 ExecutionSucceeded {"Error":"States.IntrinsicFailure","Cause":"An error occurred while executing the state 'Each' (entered at the event id #2). The function 'States.ArrayGetItem($.few, $$.Map.Item.Index)' had the following error: Invalid arguments in States.ArrayGetItem: Expected an index between 0 and 1, but it is 2."} @0 > ReleaseTask #7, ReleaseTask #9
        nothing < TaskSucceeded #9"
    `);
  });

  it('States.Runtime inside a branch ends the execution: nobody around catches it', () => {
    const everything = [{ ErrorEquals: ['States.ALL'], Next: 'Caught' }];
    const transcript = machine({
      Both: {
        Type: 'Parallel',
        Branches: [block({ A: { Type: 'Pass', InputPath: '$.nowhere', End: true } }), block({ B: task })],
        Retry: [{ ErrorEquals: ['States.ALL'] }],
        Catch: everything,
        End: true,
      },
      Caught: { Type: 'Succeed' },
    });
    transcript.start();
    expect(transcript.text).toMatchInlineSnapshot(`
      "1<-0 ExecutionStarted {} @0 < StartExecution
      2<-0 ParallelStateEntered Both {} @0
      3<-2 ParallelStateStarted @0
      - BranchStarted @0
      - BranchStarted @0
      4<-3 PassStateEntered A {} @0
      5<-4 ExecutionFailed States.Runtime An error occurred while executing the state 'A' (entered at the event id #4). Invalid path '$.nowhere' : No results for path: $['nowhere'] @0"
    `);
  });

  it('a retried Map forgets the variables of its iterations and keeps those around it', () => {
    const transcript = machine({
      Start: { Type: 'Pass', Assign: { outer: 'kept' }, Next: 'Each' },
      Each: {
        Type: 'Map',
        Retry: [{ ErrorEquals: ['Busy'], MaxAttempts: 1 }],
        ItemProcessor: block({
          C: {
            Type: 'Choice',
            Choices: [{ Variable: '$inner', IsPresent: true, Next: 'V' }],
            Default: 'A',
          },
          A: { Type: 'Pass', Assign: { inner: 'of the first attempt' }, Next: 'B' },
          B: { ...task, Parameters: { 'inner.$': '$inner', 'outer.$': '$outer' } },
          V: { Type: 'Pass', End: true },
        }),
        End: true,
      },
    });
    transcript.start('[1]').fail(12, 'Busy');
    const variables = () => [...transcript.execution.frames.values()].map((frame) => [...(frame.variables ?? [])]);
    expect(variables()).toEqual([[['outer', expect.objectContaining({ text: '"kept"' })]]]);
    transcript.wait(1000);
    expect(transcript.lines.slice(-8).join('\n')).toMatchInlineSnapshot(`
      "17<-14 MapStateStarted 1 @1000 < TimerFired #17
      18<-17 MapIterationStarted Each 0 @1000
      19<-18 ChoiceStateEntered C 1 @1000
      20<-19 ChoiceStateExited C 1 @1000
      21<-20 PassStateEntered A 1 @1000
      22<-21 PassStateExited A 1 $inner="of the first attempt" @1000
      23<-22 TaskStateEntered B 1 @1000
      24<-23 LambdaFunctionScheduled arn:aws:lambda:us-east-1:000000000000:function:f {"inner":"of the first attempt","outer":"kept"} @1000 > StopTimer #17, InvokeTask #25"
    `);
  });

  it('an error goes outward to the first Catch that takes it', () => {
    const inner = {
      Type: 'Parallel',
      Branches: [block({ A: task })],
      Catch: [{ ErrorEquals: ['Other'], Next: 'Never' }],
      End: true,
    };
    const transcript = machine({
      Outer: {
        Type: 'Map',
        ItemProcessor: block({ Inner: inner, Never: { Type: 'Pass', End: true } }),
        Catch: [{ ErrorEquals: ['Boom'], ResultPath: '$[0]', Next: 'Caught' }],
        End: true,
      },
      Caught: { Type: 'Succeed' },
    });
    transcript.start('[1]').fail(9, 'Boom', 'bang');
    expect(transcript.text).toMatchInlineSnapshot(`
      "1<-0 ExecutionStarted [1] @0 < StartExecution
      2<-0 MapStateEntered Outer [1] @0
      3<-2 MapStateStarted 1 @0
      4<-3 MapIterationStarted Outer 0 @0
      5<-4 ParallelStateEntered Inner 1 @0
      6<-5 ParallelStateStarted @0
      - BranchStarted @0
      7<-6 TaskStateEntered A 1 @0
      8<-7 LambdaFunctionScheduled arn:aws:lambda:us-east-1:000000000000:function:f 1 @0 > InvokeTask #9
      9<-8 LambdaFunctionStarted @0 < TaskFailed #9
      10<-9 LambdaFunctionFailed Boom bang @0
      11<-10 TaskStateAborted @0
      12<-10 ParallelStateFailed @0
      13<-12 MapIterationFailed Outer 0 @0
      14<-12 MapStateFailed @0
      15<-14 MapStateExited Outer [{"Error":"Boom","Cause":"bang"}] @0
      16<-15 SucceedStateEntered Caught [{"Error":"Boom","Cause":"bang"}] @0
      17<-16 SucceedStateExited Caught [{"Error":"Boom","Cause":"bang"}] @0
      18<-17 ExecutionSucceeded [{"Error":"Boom","Cause":"bang"}] @0 > ReleaseTask #9"
    `);
  });

  it('a Catch whose own ResultPath does not fit ends the execution', () => {
    const transcript = machine({
      A: {
        Type: 'Task',
        Resource: FUNCTION,
        Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: 'B' }],
        End: true,
      },
      B: { Type: 'Pass', End: true },
    });
    transcript.start('"text"').fail(3, 'Boom');
    expect(transcript.text).toMatchInlineSnapshot(`
      "1<-0 ExecutionStarted "text" @0 < StartExecution
      2<-0 TaskStateEntered A "text" @0
      3<-2 LambdaFunctionScheduled arn:aws:lambda:us-east-1:000000000000:function:f "text" @0 > InvokeTask #3
      4<-3 LambdaFunctionStarted @0 < TaskFailed #3
      5<-4 LambdaFunctionFailed Boom  @0
      6<-5 ExecutionFailed States.ResultPathMatchFailure An error occurred while executing the state 'A' (entered at the event id #2). Unable to apply ReferencePath $.error to input "text" @0 > ReleaseTask #3"
    `);
  });

  it('a Catch that fails inside a branch is an error of the branch, which the Parallel may catch', () => {
    const inner = { ...task, Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: 'B' }] };
    const transcript = machine({
      Both: {
        Type: 'Parallel',
        Branches: [block({ A: inner, B: { Type: 'Pass', End: true } })],
        Catch: [{ ErrorEquals: ['States.ResultPathMatchFailure'], ResultPath: null, Next: 'Caught' }],
        End: true,
      },
      Caught: { Type: 'Succeed' },
    });
    transcript.start('"text"').fail(6, 'Boom');
    expect(transcript.text).toMatchInlineSnapshot(`
      "1<-0 ExecutionStarted "text" @0 < StartExecution
      2<-0 ParallelStateEntered Both "text" @0
      3<-2 ParallelStateStarted @0
      - BranchStarted @0
      4<-3 TaskStateEntered A "text" @0
      5<-4 LambdaFunctionScheduled arn:aws:lambda:us-east-1:000000000000:function:f "text" @0 > InvokeTask #6
      6<-5 LambdaFunctionStarted @0 < TaskFailed #6
      7<-6 LambdaFunctionFailed Boom  @0
      8<-7 TaskStateAborted @0
      9<-7 ParallelStateFailed @0
      10<-9 ParallelStateExited Both "text" @0
      11<-10 SucceedStateEntered Caught "text" @0
      12<-11 SucceedStateExited Caught "text" @0
      13<-12 ExecutionSucceeded "text" @0 > ReleaseTask #6"
    `);
  });

  it('an execution that runs out of time while a Parallel is under way lets go of everything', () => {
    const transcript = machine(
      {
        Both: {
          Type: 'Parallel',
          Branches: [
            block({ A: { ...task, TimeoutSeconds: 60 } }),
            block({ W: { Type: 'Wait', Seconds: 9, End: true } }),
          ],
          Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Caught' }],
          End: true,
        },
        Caught: { Type: 'Succeed' },
      },
      { TimeoutSeconds: 5 },
    );
    transcript.start().wait(5000).succeed(7, '"late"').wait(60_000);
    expect(transcript.text).toMatchInlineSnapshot(`
      "1<-0 ExecutionStarted {} @0 < StartExecution
      2<-0 ParallelStateEntered Both {} @0
      3<-2 ParallelStateStarted @0
      - BranchStarted @0
      - BranchStarted @0
      4<-3 TaskStateEntered A {} @0
      5<-4 LambdaFunctionScheduled arn:aws:lambda:us-east-1:000000000000:function:f {} 60 @0
      6<-3 WaitStateEntered W {} @0
      - TimerStarted @0 > StartTimer #1 due @5000, InvokeTask #7, StartTimer #7 due @60000, StartTimer #9 due @9000
      7<-0 ExecutionTimedOut @5000 < TimerFired #1 > ReleaseTask #7, StopTimer #7, StopTimer #9, StopTimer #1
        nothing < TaskSucceeded #7"
    `);
  });
});

it('full jitter draws the delay from the seed alone', () => {
  const definition = definitionOf({
    A: { ...task, Retry: [{ ErrorEquals: ['Busy'], IntervalSeconds: 10, JitterStrategy: 'FULL' }] },
  });
  const delayOf = (seed: Seed): number => {
    const execution = newExecution(TEST_IDENTITY);
    decide(definition, execution, [{ type: 'StartExecution', input: Payload.ofText('{}'), at: 0, seed }]);
    const failed = { type: 'TaskFailed', task: 3, error: 'Busy', phase: 'call', at: 0, seed } as const;
    const retry = decide(definition, execution, [failed]).records.find(({ type }) => type === 'RetryScheduled');
    return retry?.type === 'RetryScheduled' ? retry.private.delayMs : -1;
  };
  const seeds: Seed[] = Array.from({ length: 50 }, (_, i) => [i + 1, i * 7919, 3, 99]);
  const delays = seeds.map(delayOf);
  expect(delays).toEqual(seeds.map(delayOf));
  expect(new Set(delays).size).toBeGreaterThan(45);
  expect(delays.every((delay) => delay >= 0 && delay <= 10_000)).toBe(true);
});
