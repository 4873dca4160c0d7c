import { describe, expect, it } from 'vitest';
import { parseDefinition } from '../language/index.js';
import { Transcript } from '../testing/transcript.js';

const FUNCTION = 'arn:aws:lambda:us-east-1:000000000000:function:f';

function machine(states: Record<string, unknown>, extra: object = {}): Transcript {
  const [startAt] = Object.keys(states);
  const text = JSON.stringify({ StartAt: startAt, States: states, ...extra });
  const { definition, diagnostics } = parseDefinition(text, { type: 'STANDARD' });
  if (definition === null) throw new Error(JSON.stringify(diagnostics));
  return new Transcript(definition);
}

describe('tasks', () => {
  it('two Busy answers are retried after 1 s and 2 s', () => {
    const retry = [{ ErrorEquals: ['Busy'], IntervalSeconds: 1, MaxAttempts: 2 }];
    const transcript = machine({ Reserve: { Type: 'Task', Resource: FUNCTION, Retry: retry, End: true } });
    transcript.start().fail(3, 'Busy').wait(1000).fail(7, 'Busy').wait(2000).succeed(11, '{"ok": true}');
    expect(transcript.text).toMatchInlineSnapshot(`
      "1<-0 ExecutionStarted {} @0 < StartExecution
      2<-0 TaskStateEntered Reserve {} @0
      3<-2 LambdaFunctionScheduled arn:aws:lambda:us-east-1:000000000000:function:f {} @0 > InvokeTask #3
      4<-3 LambdaFunctionStarted @0 < TaskFailed #3
      5<-4 LambdaFunctionFailed Busy  @0
      - RetryScheduled attempt 1 @0 > ReleaseTask #3, StartTimer #6 due @1000
      6<-5 LambdaFunctionScheduled arn:aws:lambda:us-east-1:000000000000:function:f {} @1000 < TimerFired #6 > StopTimer #6, InvokeTask #7
      7<-6 LambdaFunctionStarted @1000 < TaskFailed #7
      8<-7 LambdaFunctionFailed Busy  @1000
      - RetryScheduled attempt 2 @1000 > ReleaseTask #7, StartTimer #10 due @3000
      9<-8 LambdaFunctionScheduled arn:aws:lambda:us-east-1:000000000000:function:f {} @3000 < TimerFired #10 > StopTimer #10, InvokeTask #11
      10<-9 LambdaFunctionStarted @3000 < TaskSucceeded #11
      11<-10 LambdaFunctionSucceeded {"ok": true} @3000
      12<-11 TaskStateExited Reserve {"ok": true} @3000
      13<-12 ExecutionSucceeded {"ok": true} @3000 > ReleaseTask #11"
    `);
  });

  it('a late and a repeated answer decide nothing', () => {
    const transcript = machine({ A: { Type: 'Task', Resource: FUNCTION, End: true } });
    transcript.start().succeed(3, '1').succeed(3, '2').fail(3, 'Late');
    expect(transcript.text).toMatchInlineSnapshot(`
      "1<-0 ExecutionStarted {} @0 < StartExecution
      2<-0 TaskStateEntered A {} @0
      3<-2 LambdaFunctionScheduled arn:aws:lambda:us-east-1:000000000000:function:f {} @0 > InvokeTask #3
      4<-3 LambdaFunctionStarted @0 < TaskSucceeded #3
      5<-4 LambdaFunctionSucceeded 1 @0
      6<-5 TaskStateExited A 1 @0
      7<-6 ExecutionSucceeded 1 @0 > ReleaseTask #3
        nothing < TaskSucceeded #3
        nothing < TaskFailed #3"
    `);
  });

  it('times out, and the answer after it is stale', () => {
    const transcript = machine({
      A: {
        Type: 'Task',
        Resource: FUNCTION,
        TimeoutSeconds: 5,
        Catch: [{ ErrorEquals: ['States.Timeout'], Next: 'B' }],
        End: true,
      },
      B: { Type: 'Pass', End: true },
    });
    transcript.start().wait(5000).succeed(3, '1');
    expect(transcript.text).toMatchInlineSnapshot(`
      "1<-0 ExecutionStarted {} @0 < StartExecution
      2<-0 TaskStateEntered A {} @0
      3<-2 LambdaFunctionScheduled arn:aws:lambda:us-east-1:000000000000:function:f {} 5 @0 > InvokeTask #3, StartTimer #3 due @5000
      4<-3 LambdaFunctionStarted @5000 < TimerFired #3
      5<-4 LambdaFunctionTimedOut States.Timeout @5000
      6<-5 TaskStateExited A {"Error":"States.Timeout","Cause":""} @5000
      7<-6 PassStateEntered B {"Error":"States.Timeout","Cause":""} @5000
      8<-7 PassStateExited B {"Error":"States.Timeout","Cause":""} @5000
      9<-8 ExecutionSucceeded {"Error":"States.Timeout","Cause":""} @5000 > ReleaseTask #3, StopTimer #3
        nothing < TaskSucceeded #3"
    `);
  });

  it('a catcher puts the error beside the input, and its own variables', () => {
    const transcript = machine({
      A: {
        Type: 'Task',
        Resource: FUNCTION,
        Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.error', Assign: { 'why.$': '$.Error' }, Next: 'B' }],
        End: true,
      },
      B: { Type: 'Pass', Parameters: { 'why.$': '$why' }, End: true },
    });
    transcript.start('{"id": 1}').fail(3, 'Declined', 'no funds');
    expect(transcript.text).toMatchInlineSnapshot(`
      "1<-0 ExecutionStarted {"id": 1} @0 < StartExecution
      2<-0 TaskStateEntered A {"id": 1} @0
      3<-2 LambdaFunctionScheduled arn:aws:lambda:us-east-1:000000000000:function:f {"id": 1} @0 > InvokeTask #3
      4<-3 LambdaFunctionStarted @0 < TaskFailed #3
      5<-4 LambdaFunctionFailed Declined no funds @0
      6<-5 TaskStateExited A {"id":1,"error":{"Error":"Declined","Cause":"no funds"}} $why="Declined" @0
      7<-6 PassStateEntered B {"id":1,"error":{"Error":"Declined","Cause":"no funds"}} @0
      8<-7 PassStateExited B {"why":"Declined"} @0
      9<-8 ExecutionSucceeded {"why":"Declined"} @0 > ReleaseTask #3"
    `);
  });
});

describe('after a caught error', () => {
  const failing = (next: string) => ({
    A: { Type: 'Task', Resource: FUNCTION, Catch: [{ ErrorEquals: ['States.ALL'], Next: 'P' }], End: true },
    P: { Type: 'Pass', Result: ['a'], Next: next },
  });

  it('a Map waits for its iterations', () => {
    const each = {
      Type: 'Map',
      ItemProcessor: { StartAt: 'T', States: { T: { Type: 'Task', Resource: FUNCTION, End: true } } },
      End: true,
    };
    const transcript = machine({ ...failing('Each'), Each: each });
    transcript.start().fail(3, 'Boom').succeed(13, '"done"');
    expect(transcript.text).toMatchInlineSnapshot(`
      "1<-0 ExecutionStarted {} @0 < StartExecution
      2<-0 TaskStateEntered A {} @0
      3<-2 LambdaFunctionScheduled arn:aws:lambda:us-east-1:000000000000:function:f {} @0 > InvokeTask #3
      4<-3 LambdaFunctionStarted @0 < TaskFailed #3
      5<-4 LambdaFunctionFailed Boom  @0
      6<-5 TaskStateExited A {"Error":"Boom","Cause":""} @0
      7<-6 PassStateEntered P {"Error":"Boom","Cause":""} @0
      8<-7 PassStateExited P ["a"] @0
      9<-8 MapStateEntered Each ["a"] @0
      10<-9 MapStateStarted 1 @0
      11<-10 MapIterationStarted Each 0 @0
      12<-11 TaskStateEntered T "a" @0
      13<-12 LambdaFunctionScheduled arn:aws:lambda:us-east-1:000000000000:function:f "a" @0 > ReleaseTask #3, InvokeTask #13
      14<-13 LambdaFunctionStarted @0 < TaskSucceeded #13
      15<-14 LambdaFunctionSucceeded "done" @0
      16<-15 TaskStateExited T "done" @0
      17<-16 MapIterationSucceeded Each 0 @0
      18<-17 MapStateSucceeded @0
      19<-17 MapStateExited Each ["done"] @0
      20<-19 ExecutionSucceeded ["done"] @0 > ReleaseTask #13"
    `);
  });

  it('a Wait waits', () => {
    const transcript = machine({ ...failing('W'), W: { Type: 'Wait', Seconds: 5, End: true } });
    transcript.start().fail(3, 'Boom').wait(5000);
    expect(transcript.text).toMatchInlineSnapshot(`
      "1<-0 ExecutionStarted {} @0 < StartExecution
      2<-0 TaskStateEntered A {} @0
      3<-2 LambdaFunctionScheduled arn:aws:lambda:us-east-1:000000000000:function:f {} @0 > InvokeTask #3
      4<-3 LambdaFunctionStarted @0 < TaskFailed #3
      5<-4 LambdaFunctionFailed Boom  @0
      6<-5 TaskStateExited A {"Error":"Boom","Cause":""} @0
      7<-6 PassStateEntered P {"Error":"Boom","Cause":""} @0
      8<-7 PassStateExited P ["a"] @0
      9<-8 WaitStateEntered W ["a"] @0
      - TimerStarted @0 > ReleaseTask #3, StartTimer #10 due @5000
      10<-9 WaitStateExited W ["a"] @5000 < TimerFired #10
      11<-10 ExecutionSucceeded ["a"] @5000 > StopTimer #10"
    `);
  });
});

describe('Parallel and Map', () => {
  const wait = { Type: 'Wait', Seconds: 10, End: true };
  const task = { Type: 'Task', Resource: FUNCTION, End: true };

  it('a failing branch aborts its siblings, and all that they awaited is released', () => {
    const transcript = machine({
      Both: {
        Type: 'Parallel',
        Branches: [
          { StartAt: 'A', States: { A: task } },
          { StartAt: 'W', States: { W: wait } },
          { StartAt: 'B', States: { B: task } },
        ],
        End: true,
      },
    });
    transcript.start().fail(8, 'Boom', 'bang');
    expect(transcript.text).toMatchInlineSnapshot(`
      "1<-0 ExecutionStarted {} @0 < StartExecution
      2<-0 ParallelStateEntered Both {} @0
      3<-2 ParallelStateStarted @0
      - BranchStarted @0
      - BranchStarted @0
      - BranchStarted @0
      4<-3 TaskStateEntered A {} @0
      5<-4 LambdaFunctionScheduled arn:aws:lambda:us-east-1:000000000000:function:f {} @0
      6<-3 WaitStateEntered W {} @0
      - TimerStarted @0
      7<-3 TaskStateEntered B {} @0
      8<-7 LambdaFunctionScheduled arn:aws:lambda:us-east-1:000000000000:function:f {} @0 > InvokeTask #8, StartTimer #10 due @10000, InvokeTask #12
      9<-5 LambdaFunctionStarted @0 < TaskFailed #8
      10<-9 LambdaFunctionFailed Boom bang @0
      11<-10 TaskStateAborted @0
      12<-10 WaitStateAborted @0
      13<-10 TaskStateAborted @0
      14<-10 ParallelStateFailed @0
      15<-14 ExecutionFailed Boom bang @0 > ReleaseTask #8, StopTimer #10, ReleaseTask #12"
    `);
  });

  it('a Map of two slots opens the next iteration at the last event of the one that made room', () => {
    const transcript = machine({
      Each: {
        Type: 'Map',
        MaxConcurrency: 2,
        ItemProcessor: { StartAt: 'T', States: { T: task } },
        End: true,
      },
    });
    transcript.start('["a", "b", "c"]').succeed(9, '"B"').succeed(7, '"A"').succeed(16, '"C"');
    expect(transcript.text).toMatchInlineSnapshot(`
      "1<-0 ExecutionStarted ["a", "b", "c"] @0 < StartExecution
      2<-0 MapStateEntered Each ["a", "b", "c"] @0
      3<-2 MapStateStarted 3 @0
      4<-3 MapIterationStarted Each 0 @0
      5<-3 MapIterationStarted Each 1 @0
      6<-4 TaskStateEntered T "a" @0
      7<-6 LambdaFunctionScheduled arn:aws:lambda:us-east-1:000000000000:function:f "a" @0
      8<-5 TaskStateEntered T "b" @0
      9<-8 LambdaFunctionScheduled arn:aws:lambda:us-east-1:000000000000:function:f "b" @0 > InvokeTask #7, InvokeTask #9
      10<-9 LambdaFunctionStarted @0 < TaskSucceeded #9
      11<-10 LambdaFunctionSucceeded "B" @0
      12<-11 TaskStateExited T "B" @0
      13<-12 MapIterationSucceeded Each 1 @0
      14<-12 MapIterationStarted Each 2 @0
      15<-14 TaskStateEntered T "c" @0
      16<-15 LambdaFunctionScheduled arn:aws:lambda:us-east-1:000000000000:function:f "c" @0 > ReleaseTask #9, InvokeTask #16
      17<-7 LambdaFunctionStarted @0 < TaskSucceeded #7
      18<-17 LambdaFunctionSucceeded "A" @0
      19<-18 TaskStateExited T "A" @0
      20<-19 MapIterationSucceeded Each 0 @0 > ReleaseTask #7
      21<-16 LambdaFunctionStarted @0 < TaskSucceeded #16
      22<-21 LambdaFunctionSucceeded "C" @0
      23<-22 TaskStateExited T "C" @0
      24<-23 MapIterationSucceeded Each 2 @0
      25<-24 MapStateSucceeded @0
      26<-24 MapStateExited Each ["A","B","C"] @0
      27<-26 ExecutionSucceeded ["A","B","C"] @0 > ReleaseTask #16"
    `);
  });

  it('a retried Parallel starts anew without a failed event, and answers to the old attempt are stale', () => {
    const transcript = machine({
      Both: {
        Type: 'Parallel',
        Retry: [{ ErrorEquals: ['Busy'], MaxAttempts: 1 }],
        Branches: [
          { StartAt: 'A', States: { A: task } },
          { StartAt: 'B', States: { B: task } },
        ],
        End: true,
      },
    });
    transcript.start().fail(7, 'Busy').wait(1000).succeed(9, '"old"').succeed(19, '"a"').succeed(21, '"b"');
    expect(transcript.text).toMatchInlineSnapshot(`
      "1<-0 ExecutionStarted {} @0 < StartExecution
      2<-0 ParallelStateEntered Both {} @0
      3<-2 ParallelStateStarted @0
      - BranchStarted @0
      - BranchStarted @0
      4<-3 TaskStateEntered A {} @0
      5<-4 LambdaFunctionScheduled arn:aws:lambda:us-east-1:000000000000:function:f {} @0
      6<-3 TaskStateEntered B {} @0
      7<-6 LambdaFunctionScheduled arn:aws:lambda:us-east-1:000000000000:function:f {} @0 > InvokeTask #7, InvokeTask #9
      8<-5 LambdaFunctionStarted @0 < TaskFailed #7
      9<-8 LambdaFunctionFailed Busy  @0
      10<-9 TaskStateAborted @0
      11<-9 TaskStateAborted @0
      - RetryScheduled attempt 1 @0 > ReleaseTask #7, ReleaseTask #9, StartTimer #14 due @1000
      12<-9 ParallelStateStarted @1000 < TimerFired #14
      - BranchStarted @1000
      - BranchStarted @1000
      13<-12 TaskStateEntered A {} @1000
      14<-13 LambdaFunctionScheduled arn:aws:lambda:us-east-1:000000000000:function:f {} @1000
      15<-12 TaskStateEntered B {} @1000
      16<-15 LambdaFunctionScheduled arn:aws:lambda:us-east-1:000000000000:function:f {} @1000 > StopTimer #14, InvokeTask #19, InvokeTask #21
        nothing < TaskSucceeded #9
      17<-14 LambdaFunctionStarted @1000 < TaskSucceeded #19
      18<-17 LambdaFunctionSucceeded "a" @1000
      19<-18 TaskStateExited A "a" @1000 > ReleaseTask #19
      20<-16 LambdaFunctionStarted @1000 < TaskSucceeded #21
      21<-20 LambdaFunctionSucceeded "b" @1000
      22<-21 TaskStateExited B "b" @1000
      23<-22 ParallelStateSucceeded @1000
      24<-22 ParallelStateExited Both ["a","b"] @1000
      25<-24 ExecutionSucceeded ["a","b"] @1000 > ReleaseTask #21"
    `);
  });

  it('nested containers fail outward, one event each', () => {
    const transcript = machine({
      Outer: {
        Type: 'Map',
        ItemProcessor: {
          StartAt: 'Inner',
          States: {
            Inner: {
              Type: 'Parallel',
              Branches: [{ StartAt: 'F', States: { F: { Type: 'Fail', Error: 'E' } } }],
              End: true,
            },
          },
        },
        Catch: [{ ErrorEquals: ['E'], Next: 'Done' }],
        End: true,
      },
      Done: { Type: 'Succeed' },
    });
    transcript.start('[1]');
    expect(transcript.text).toMatchInlineSnapshot(`
      "1<-0 ExecutionStarted [1] @0 < StartExecution
      2<-0 MapStateEntered Outer [1] @0
      3<-2 MapStateStarted 1 @0
      4<-3 MapIterationStarted Outer 0 @0
      5<-4 ParallelStateEntered Inner 1 @0
      6<-5 ParallelStateStarted @0
      - BranchStarted @0
      7<-6 FailStateEntered F 1 @0
      8<-7 ParallelStateFailed @0
      9<-8 MapIterationFailed Outer 0 @0
      10<-8 MapStateFailed @0
      11<-10 MapStateExited Outer {"Error":"E","Cause":null} @0
      12<-11 SucceedStateEntered Done {"Error":"E","Cause":null} @0
      13<-12 SucceedStateExited Done {"Error":"E","Cause":null} @0
      14<-13 ExecutionSucceeded {"Error":"E","Cause":null} @0"
    `);
  });

  it('an empty Map ends at once', () => {
    const transcript = machine({
      Each: { Type: 'Map', ItemProcessor: { StartAt: 'T', States: { T: task } }, End: true },
    });
    transcript.start('[]');
    expect(transcript.text).toMatchInlineSnapshot(`
      "1<-0 ExecutionStarted [] @0 < StartExecution
      2<-0 MapStateEntered Each [] @0
      3<-2 MapStateStarted 0 @0
      4<-3 MapStateSucceeded @0
      5<-3 MapStateExited Each [] @0
      6<-5 ExecutionSucceeded [] @0"
    `);
  });
});

describe('the execution', () => {
  it('is stopped from outside', () => {
    const transcript = machine({ W: { Type: 'Wait', Seconds: 60, End: true } });
    transcript.start().stop('Why', 'because').wait(60_000);
    expect(transcript.text).toMatchInlineSnapshot(`
      "1<-0 ExecutionStarted {} @0 < StartExecution
      2<-0 WaitStateEntered W {} @0
      - TimerStarted @0 > StartTimer #3 due @60000
      3<-0 ExecutionAborted Why because @0 < StopExecution > StopTimer #3"
    `);
  });

  it('runs out of time', () => {
    const transcript = machine({ W: { Type: 'Wait', Seconds: 60, End: true } }, { TimeoutSeconds: 3 });
    transcript.start().wait(60_000);
    expect(transcript.text).toMatchInlineSnapshot(`
      "1<-0 ExecutionStarted {} @0 < StartExecution
      2<-0 WaitStateEntered W {} @0
      - TimerStarted @0 > StartTimer #1 due @3000, StartTimer #3 due @60000
      3<-0 ExecutionTimedOut @3000 < TimerFired #1 > StopTimer #3, StopTimer #1"
    `);
  });

  it('is not caught by its own machine when the interpreter fails it', () => {
    const transcript = machine({
      A: {
        Type: 'Task',
        Resource: FUNCTION,
        OutputPath: '$.nothing',
        Catch: [{ ErrorEquals: ['States.ALL', 'States.Runtime'].slice(1), Next: 'B' }],
        End: true,
      },
      B: { Type: 'Pass', End: true },
    });
    transcript.start().succeed(3, '{}');
    expect(transcript.text).toMatchInlineSnapshot(`
      "1<-0 ExecutionStarted {} @0 < StartExecution
      2<-0 TaskStateEntered A {} @0
      3<-2 LambdaFunctionScheduled arn:aws:lambda:us-east-1:000000000000:function:f {} @0 > InvokeTask #3
      4<-3 LambdaFunctionStarted @0 < TaskSucceeded #3
      5<-4 LambdaFunctionSucceeded {} @0
      6<-5 ExecutionFailed States.Runtime An error occurred while executing the state 'A' (entered at the event id #2). Invalid path '$.nothing' : No results for path: $['nothing'] @0 > ReleaseTask #3"
    `);
  });

  it('makes at most so many transitions in one decision, and goes on after it', () => {
    const transcript = machine({
      A: { Type: 'Pass', Next: 'B' },
      B: { Type: 'Choice', Choices: [{ Variable: '$.done', IsPresent: true, Next: 'C' }], Default: 'A' },
      C: { Type: 'Succeed' },
    });
    transcript.start();
    expect(transcript.lines.at(-1)).toMatch(/ChoiceStateExited B \{\} @0 > Continue after #1001$/);
    while (transcript.execution.status === 'RUNNING') transcript.give({ type: 'Continue' });
    expect(transcript.execution.eventId).toBe(25_000);
    expect(transcript.lines.at(-1)).toContain(
      'ExecutionFailed States.Runtime The execution reached the maximum number of history events (25000).',
    );
  });
});
