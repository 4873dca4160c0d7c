import { describe, expect, it } from 'vitest';
import { loadMachine } from '../index.js';
import { askForToken, CHECKED, LAMBDA, ORDER, one, rejected, task } from './test-machines.js';

describe('an execution with mocks', () => {
  it('tells the way it took, what was called and what came of it', async () => {
    const machine = await loadMachine({ definition: ORDER });
    const execution = await machine.run({
      input: { id: 7 },
      mocks: {
        Check: ({ input }) => ({ result: { Payload: { ...(input as object), items: ['a', 'b'], total: 101 } } }),
        'Each Item/Reserve': ({ iteration, attempt }) =>
          iteration[0] === 1 && attempt === 1 ? { error: 'Busy', cause: 'try again' } : { result: iteration[0] },
      },
    });
    expect(execution.assertSucceeded()).toEqual({ id: 7, items: ['a', 'b'], total: 101, reserved: [0, 1] });
    expect(execution.visited).toEqual([
      'Check',
      'Each Item',
      'Each Item[0]/Reserve',
      'Each Item[1]/Reserve',
      'Is Large',
      'Wait a Year',
      'Done',
    ]);
    expect(execution.transitions.slice(0, 3)).toEqual([
      { from: null, to: 'Check' },
      { from: 'Check', to: 'Each Item' },
      { from: null, to: 'Each Item[0]/Reserve' },
    ]);
    expect(execution.durationMs).toBe(31_536_000_000 + 2000);
    expect(execution.stopDate).toEqual(new Date('2027-01-01T00:00:02Z'));
    expect(
      execution
        .callsOf('Reserve')
        .map(({ iteration, attempt, retryCount, at }) => [
          iteration,
          attempt,
          retryCount,
          at.getTime() - execution.startDate.getTime(),
        ]),
    ).toEqual([
      [[0], 1, 0, 0],
      [[1], 1, 0, 0],
      [[1], 2, 1, 2000],
    ]);
    expect(execution.callsOf('Each Item[1]/Reserve')[1]?.parameters).toEqual({ TableName: 't', Key: 'b' });
    expect(execution.history.map(({ id }) => id)).toEqual(execution.history.map((_, index) => index + 1));
    expect(execution.history[0]).toEqual({
      id: 1,
      previousEventId: 0,
      type: 'ExecutionStarted',
      timestamp: new Date('2026-01-01T00:00:00Z'),
      executionStartedEventDetails: {
        input: '{"id":7}',
        inputDetails: { truncated: false },
        roleArn: 'arn:aws:iam::000000000000:role/test',
      },
    });
    expect(execution.unusedMocks).toEqual([]);
  });

  it('answers each iteration from the beginning of a list, and goes on in it for retries', async () => {
    const machine = await loadMachine({ definition: ORDER });
    const busy = { error: 'Busy' };
    const execution = await machine.run({ mocks: { Check: CHECKED, Reserve: [busy, busy, { result: 'third' }] } });
    expect(execution.assertSucceeded()).toMatchObject({ reserved: ['third', 'third'] });
    expect(execution.durationMs).toBe(6000);
  });

  it('goes on in a list when a loop comes back to the state', async () => {
    const machine = await loadMachine({
      definition: {
        StartAt: 'Poll',
        States: {
          Poll: {
            Type: 'Task',
            Resource: 'arn:aws:states:::aws-sdk:ec2:describeInstances',
            Parameters: {},
            Next: 'Is It Up',
          },
          'Is It Up': {
            Type: 'Choice',
            Choices: [{ Variable: '$.state', StringEquals: 'up', Next: 'Up' }],
            Default: 'Later',
          },
          Later: { Type: 'Wait', Seconds: 60, Next: 'Poll' },
          Up: { Type: 'Succeed' },
        },
      },
    });
    const pending = { result: { state: 'pending' } };
    const execution = await machine.run({ mocks: { Poll: [pending, pending, { result: { state: 'up' } }] } });
    expect(execution.assertSucceeded()).toEqual({ state: 'up' });
    expect(execution.durationMs).toBe(120_000);
  });

  it('prefers the mock of one iteration, and names mocks that nothing asked for', async () => {
    const machine = await loadMachine({ definition: ORDER });
    const execution = await machine.run({
      mocks: {
        Check: CHECKED,
        'Each Item/Reserve': { result: 'any' },
        'Each Item[1]/Reserve': { result: 'one' },
        'Each Item[5]/Reserve': { result: 'none' },
      },
    });
    expect(execution.assertSucceeded()).toMatchObject({ reserved: ['any', 'one'] });
    expect(execution.unusedMocks).toEqual(['Each Item[5]/Reserve']);
  });

  it('waits for asynchronous mocks while time stands still', async () => {
    const machine = await task({ TimeoutSeconds: 1 });
    const execution = await machine.run({
      mocks: { Do: async () => ({ result: await new Promise((done) => setImmediate(() => done('late'))) }) },
    });
    expect([execution.assertSucceeded(), execution.durationMs]).toEqual(['late', 0]);
  });

  it('fails as the machine fails, with a cause that may be JSON, and says why', async () => {
    const machine = await loadMachine({ definition: ORDER });
    const execution = await machine.run({
      mocks: { Check: CHECKED, Reserve: { error: 'SoldOut', cause: { errorMessage: 'gone' } } },
    });
    expect(execution.assertFailed('Sorry')).toEqual({ error: 'Sorry', cause: '{"errorMessage":"gone"}' });
    expect(execution.output).toBeUndefined();
    expect(execution.explanation).toContain(
      "state 'Reserve' failed with SoldOut (gone), for item 0 of Map 'Each Item'",
    );
    expect(() => execution.assertSucceeded()).toThrow(
      /FAILED: It failed with Sorry.*visited {2}Check → Each Item → Each Item\[0\]\/Reserve.*seed 1/s,
    );
    expect(() => execution.assertFailed('Other')).toThrow("Expected the execution to fail with 'Other'");
  });

  it('draws the same from the same seed, and other things from another', async () => {
    const machine = await task({
      Retry: [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 100, MaxAttempts: 2, JitterStrategy: 'FULL' }],
    });
    const durationWith = async (seed: number) =>
      (await machine.run({ seed, mocks: { Do: { error: 'E' } } })).durationMs;
    expect(await durationWith(5)).toBe(await durationWith(5));
    expect(await durationWith(5)).not.toBe(await durationWith(6));
  });
});

describe('time', () => {
  it('lets a task time out that never answers', async () => {
    const machine = await task({ TimeoutSeconds: 90 });
    const execution = await machine.run({ mocks: { Do: { pending: true } } });
    expect([execution.error, execution.durationMs]).toEqual(['States.Timeout', 90_000]);
    expect(execution.history.map(({ type }) => type)).toContain('TaskTimedOut');
  });

  it('lets an answer come later, and drops it when it comes too late', async () => {
    const machine = await task({ TimeoutSeconds: 90 });
    const inTime = await machine.run({ mocks: { Do: { result: 1, after: { seconds: 89 } } } });
    expect([inTime.output, inTime.durationMs]).toEqual([1, 89_000]);
    const late = await machine.run({ mocks: { Do: { result: 1, after: { minutes: 1, seconds: 31 } } } });
    expect([late.error, late.durationMs]).toEqual(['States.Timeout', 90_000]);
  });

  it('keeps a task alive by heartbeats until they stop', async () => {
    const machine = await askForToken({ HeartbeatSeconds: 30 });
    const alive = await machine.run({
      mocks: { Do: { result: 'done', after: { hours: 5 }, heartbeatEvery: { seconds: 20 } } },
    });
    expect([alive.output, alive.durationMs]).toEqual(['done', 18_000_000]);
    const silent = await machine.run({
      mocks: { Do: { pending: true, heartbeatEvery: { seconds: 20 }, heartbeats: 3 } },
    });
    expect([silent.error, silent.durationMs]).toEqual(['States.Timeout', 90_000]);
  });
});

describe('JSONata', () => {
  it('runs as anything else', async () => {
    const machine = await loadMachine({
      definition: {
        QueryLanguage: 'JSONata',
        StartAt: 'Each',
        States: {
          Each: {
            Type: 'Map',
            Items: '{% $states.input.numbers %}',
            ItemProcessor: {
              StartAt: 'Ask',
              States: {
                Ask: {
                  Type: 'Task',
                  Resource: LAMBDA,
                  Arguments: { FunctionName: 'ask', Payload: '{% $states.input * 2 %}' },
                  Output: '{% $states.result.Payload %}',
                  End: true,
                },
              },
            },
            Output: '{% $sum($states.result) %}',
            End: true,
          },
        },
      },
      functions: { ask: (doubled: number) => doubled + 1 },
    });
    expect((await machine.run({ input: { numbers: [1, 2, 3] } })).assertSucceeded()).toBe(15);
  });
});

describe('an Express machine', () => {
  it('runs too, and may not wait for tokens', async () => {
    const pass = {
      type: 'EXPRESS',
      definition: { StartAt: 'A', States: { A: { Type: 'Wait', Seconds: 30, End: true } } },
    } as const;
    const execution = await (await loadMachine(pass)).run();
    expect(execution.durationMs).toBe(30_000);
    expect(execution.arn).toMatch(/:express:machine:execution:/);
    expect(
      await rejected(
        one(
          { Type: 'Task', Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken', Parameters: {} },
          { type: 'EXPRESS' },
        ),
      ),
    ).toMatch(/valid state machine/);
  });
});

describe('a bound', () => {
  const loop = {
    StartAt: 'A',
    States: {
      A: { Type: 'Pass', Next: 'B' },
      B: { Type: 'Choice', Choices: [{ Variable: '$.x', IsPresent: true, Next: 'C' }], Default: 'A' },
      C: { Type: 'Succeed' },
    },
  };

  it('ends a loop: of a Standard machine its events, of an Express machine the records that a test keeps', async () => {
    const { cause } = await (await loadMachine({ definition: loop })).run();
    expect(cause).toContain('maximum number of history events (25000)');
    const express = await loadMachine({ definition: loop, type: 'EXPRESS' });
    expect(await rejected(express.run())).toMatch(
      /^Expected the execution to end within 200000 records, but it goes on, now in '[AB]'. Does it loop\? \(seed 1\)$/,
    );
  });

  it('ends an Express execution after five minutes', async () => {
    const machine = await one({ Type: 'Wait', Seconds: 3600 }, { type: 'EXPRESS' });
    expect(await machine.run()).toMatchObject({ status: 'TIMED_OUT', durationMs: 300_000 });
  });
});

describe('an activity', () => {
  const activity = (more: object = {}) =>
    one({ Type: 'Task', Resource: 'arn:aws:states:us-east-1:000000000000:activity:work', ...more });

  it('is mocked like any task: a worker takes it and answers', async () => {
    const machine = await activity({ TimeoutSeconds: 60, HeartbeatSeconds: 10 });
    const { history, output, durationMs } = await machine.run({
      mocks: { Do: { result: 'made', after: { seconds: 50 }, heartbeatEvery: { seconds: 9 } } },
    });
    expect([output, durationMs]).toEqual(['made', 50_000]);
    expect(history.map(({ type }) => type).slice(2, 5)).toEqual([
      'ActivityScheduled',
      'ActivityStarted',
      'ActivitySucceeded',
    ]);
    const silent = await machine.run({ mocks: { Do: { pending: true } } });
    expect([silent.error, silent.durationMs]).toEqual(['States.Timeout', 10_000]);
  });

  it('is answered by its token', async () => {
    const handle = await (await activity()).start();
    await handle.sendTaskSuccess(handle.calls[0]?.token ?? '', 'done');
    expect((await handle.result()).output).toBe('done');
  });
});

describe('handlers', () => {
  const invoke = { Type: 'Task', Resource: LAMBDA, Parameters: { FunctionName: `\${Charge}`, 'Payload.$': '$' } };

  it('are called behind lambda:invoke, with the result as the server gives it', async () => {
    const charge = ({ amount }: { readonly amount: number }) => ({ charged: amount });
    const machine = await one(
      { ...invoke, ResultSelector: { 'p.$': '$.Payload', 's.$': '$.StatusCode' } },
      { functions: { charge }, substitutions: { Charge: 'charge' } },
    );
    expect((await machine.run({ input: { amount: 3 } })).output).toEqual({ p: { charged: 3 }, s: 200 });
  });

  it('are called by their ARN, and fail the task by what they throw', async () => {
    class CardDeclined extends Error {
      override readonly name = 'CardDeclined';
    }
    const functions = {
      pay: async () => {
        throw new CardDeclined('no money');
      },
    };
    const machine = await one(
      { Type: 'Task', Resource: 'arn:aws:lambda:us-east-1:000000000000:function:pay' },
      { functions },
    );
    const { error, cause } = await machine.run();
    expect(error).toBe('CardDeclined');
    expect(JSON.parse(cause ?? '')).toMatchObject({ errorType: 'CardDeclined', errorMessage: 'no money' });
  });
});

describe('what is wrong with a test', () => {
  it('is a task without a mock: the run rejects, whatever the machine catches', async () => {
    const machine = await loadMachine({ definition: ORDER });
    expect(
      await rejected(machine.run({ mocks: { Check: CHECKED } })),
    ).toBe(`Expected a mock for the task 'Each Item/Reserve' in iteration [0] (call 1), for nothing is called for real, but there is none.
  It calls arn:aws:states:::dynamodb:updateItem with {"TableName":"t","Key":"a"}
  Add mocks: { 'Each Item/Reserve': { result: {} } } (seed 1)`);
    expect(await rejected(machine.run())).toContain(
      `mocks: { 'Check': { result: { Payload: {} } } }\n   or functions: { 'check': (event) => … }`,
    );
  });

  it.each([
    [
      { 'Each Item/Reserv': { result: 1 } },
      "Expected a mock to name a state of the definition, but there is no 'Each Item/Reserv'. Did you mean 'Each Item/Reserve'?",
    ],
    [
      { 'Is Large': { result: 1 } },
      "Expected a mock to name a Task state, but 'Is Large' is a Choice state, which calls nothing.",
    ],
    [
      { Check: { reslt: 1 } as never },
      "Expected the mock 'Check' to be { result }, { error, cause }, { pending: true }, a function or a list of these, but it is {\"reslt\":1}. Did you mean 'result'?",
    ],
    [{ Check: { result: 1, cuase: '' } as never }, "'cuase' does not belong there."],
    [{ Check: 5 as never }, 'but it is 5.'],
    [{ Check: [] }, "Expected the mock 'Check' to list answers, but the list is empty."],
    [
      { Check: [{ result: 1 }, { error: 5 as never }] },
      "Expected 'error' of answer 2 of the mock 'Check' to be a text of at most 256 characters, but it is 5.",
    ],
    [
      { Check: { result: 1n } },
      "Expected 'result' of the mock 'Check' to be a JSON value, but: Do not know how to serialize a BigInt.",
    ],
    [
      { Check: { result: 1, after: { hour: 1 } as never } },
      `Expected 'after' of the mock 'Check' to be a duration such as { hours: 1, minutes: 30 }, but it is {"hour":1}.`,
    ],
    [
      { Check: CHECKED, Reserve: [{ error: 'Busy' }] },
      "Expected the mock 'Reserve' to be asked at most 1 times in iteration [0], for it lists 1 answer, but there is call 2 (retry 1).",
    ],
  ])('is a mock that is none (%#)', async (mocks, message) => {
    expect(await rejected((await loadMachine({ definition: ORDER })).run({ mocks }))).toContain(message);
  });

  it('is what a mock throws', async () => {
    const fault = new TypeError('oops');
    const thrown = () => {
      throw fault;
    };
    await expect((await task()).run({ mocks: { Do: thrown } })).rejects.toBe(fault);
    await expect((await task()).run({ mocks: { Do: async () => thrown() } })).rejects.toBe(fault);
  });

  it('is a wait for what never comes', async () => {
    expect(await rejected((await task()).run({ mocks: { Do: { pending: true } } }))).toBe(
      "Expected the execution to come to an end, but it waits for ever in 'Do': answer it (sendTaskSuccess, or a mock with a result), or give the state a TimeoutSeconds. (seed 1)",
    );
  });

  it('is a definition that is none', async () => {
    expect(
      await rejected(
        loadMachine({
          definition: { StartAt: 'A', States: { A: { Type: 'Pass', Next: 'Shp' }, Ship: { Type: 'Succeed' } } },
        }),
      ),
    ).toMatch(
      /^Expected the definition to be a valid state machine, but:\n {2}.*there is no state 'Shp'. Did you mean 'Ship'\? \(\/States\/A\/Next, line 1, column \d+\)/,
    );
    expect(await rejected(loadMachine('nowhere.asl.json'))).toMatch(
      /^Expected an ASL file at 'nowhere.asl.json', but: ENOENT/,
    );
    expect(await rejected(one({ Type: 'Task', Resource: `\${Arn}` }))).toContain(
      "Give the values of placeholders in 'substitutions'.",
    );
  });
});
