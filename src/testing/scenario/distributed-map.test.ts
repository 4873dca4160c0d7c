import { describe, expect, it } from 'vitest';
import { loadMachine } from '../index.js';
import { LAMBDA } from './test-machines.js';

const eachWith = (fields: object, processor: object = {}) =>
  loadMachine({
    definition: {
      StartAt: 'Each',
      States: {
        Each: {
          Type: 'Map',
          ItemProcessor: {
            ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD', ...processor },
            StartAt: 'Do',
            States: {
              Do: {
                Type: 'Task',
                Resource: LAMBDA,
                Parameters: { FunctionName: 'do', 'Payload.$': '$' },
                OutputPath: '$.Payload',
                Retry: [{ ErrorEquals: ['Busy'], IntervalSeconds: 5, MaxAttempts: 1 }],
                End: true,
              },
            },
          },
          ...fields,
          End: true,
        },
      },
    },
  });

describe('a distributed Map', () => {
  it('has children that mocks reach by path and index', async () => {
    const machine = await eachWith({ MaxConcurrency: 1 });
    const execution = await machine.run({
      input: ['a', 'b'],
      mocks: {
        'Each/Do': ({ input, iteration }) => ({ result: { Payload: [input, iteration] } }),
        'Each[1]/Do': [{ error: 'Busy' }, { result: { Payload: 'second' } }],
      },
    });
    expect(execution.assertSucceeded()).toEqual([['a', [0]], 'second']);
    expect(execution.visited).toEqual(['Each', 'Each[0]/Do', 'Each[1]/Do']);
    expect(execution.durationMs).toBe(5000);
    expect(execution.history.map(({ type }) => type)).toEqual([
      'ExecutionStarted',
      'MapStateEntered',
      'MapStateStarted',
      'MapRunStarted',
      'MapRunSucceeded',
      'MapStateSucceeded',
      'MapStateExited',
      'ExecutionSucceeded',
    ]);
  });

  it('reads and writes the objects of the test', async () => {
    const machine = await eachWith(
      {
        ItemReader: {
          Resource: 'arn:aws:states:::s3:getObject',
          ReaderConfig: { InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW' },
          Parameters: { Bucket: 'in', Key: 'a.csv' },
        },
        ResultWriter: { Resource: 'arn:aws:states:::s3:putObject', Parameters: { Bucket: 'out', Prefix: 'results' } },
      },
      { ExecutionType: 'EXPRESS' },
    );
    const objects = { 'in/a.csv': 'name,n\nx,1\ny,2\n' };
    const execution = await machine.run({ objects, mocks: { Do: ({ input }) => ({ result: { Payload: input } }) } });
    expect(execution.callsOf('Do').map(({ input }) => input)).toEqual([
      { name: 'x', n: '1' },
      { name: 'y', n: '2' },
    ]);
    expect(execution.assertSucceeded()).toMatchObject({ ResultWriterDetails: { Bucket: 'out' } });
    expect(Object.keys(execution.objects).some((name) => name.endsWith('SUCCEEDED_0.json'))).toBe(true);
  });

  it('fails above the tolerated failures, and stops the other children', async () => {
    const machine = await eachWith({});
    const execution = await machine.run({
      input: [1, 2],
      mocks: { 'Each[0]/Do': { error: 'E' }, 'Each[1]/Do': { pending: true } },
    });
    expect(execution.assertFailed('States.ExceedToleratedFailureThreshold')).toBeDefined();
  });

  it('fails the test where a child has no mock, and where an object is missing it says which', async () => {
    await expect((await eachWith({})).run({ input: [1] })).rejects.toThrow(
      "Expected a mock for the task 'Each/Do' in iteration [0]",
    );
    const reading = await eachWith({
      ItemReader: {
        Resource: 'arn:aws:states:::s3:getObject',
        ReaderConfig: { InputType: 'JSON' },
        Parameters: { Bucket: 'in', Key: 'no' },
      },
    });
    expect((await reading.run()).cause).toContain("'in/no'");
  });
});
