import { loadMachine, type MachineOptions, type TestMachine } from '../index.js';

export const LAMBDA = 'arn:aws:states:::lambda:invoke';
const RETRY = [{ ErrorEquals: ['Busy'], IntervalSeconds: 2, MaxAttempts: 3, BackoffRate: 2 }];

/** Check, then for each item a Reserve with retries, then a choice by the total. */
export const ORDER = {
  StartAt: 'Check',
  States: {
    Check: {
      Type: 'Task',
      Resource: LAMBDA,
      Parameters: { FunctionName: 'check', 'Payload.$': '$' },
      OutputPath: '$.Payload',
      Next: 'Each Item',
    },
    'Each Item': {
      Type: 'Map',
      ItemsPath: '$.items',
      ItemProcessor: {
        StartAt: 'Reserve',
        States: {
          Reserve: {
            Type: 'Task',
            Resource: 'arn:aws:states:::dynamodb:updateItem',
            Parameters: { TableName: 't', 'Key.$': '$' },
            Retry: RETRY,
            End: true,
          },
        },
      },
      ResultPath: '$.reserved',
      Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.failure', Next: 'Sorry' }],
      Next: 'Is Large',
    },
    'Is Large': {
      Type: 'Choice',
      Choices: [{ Variable: '$.total', NumericGreaterThan: 100, Next: 'Wait a Year' }],
      Default: 'Done',
    },
    'Wait a Year': { Type: 'Wait', Seconds: 31_536_000, Next: 'Done' },
    Sorry: { Type: 'Fail', Error: 'Sorry', CausePath: '$.failure.Cause' },
    Done: { Type: 'Succeed' },
  },
};
export const CHECKED = { result: { Payload: { items: ['a', 'b'], total: 1 } } };

/** A machine of one state, `Do`. */
export const one = (state: object, more: Partial<MachineOptions> = {}): Promise<TestMachine> =>
  loadMachine({ definition: { StartAt: 'Do', States: { Do: { ...state, End: true } } }, ...more });
export const task = (more: object = {}): Promise<TestMachine> =>
  one({
    Type: 'Task',
    Resource: 'arn:aws:states:::sqs:sendMessage',
    Parameters: { QueueUrl: 'q', MessageBody: 'm' },
    ...more,
  });
export const askForToken = (more: object = {}): Promise<TestMachine> =>
  one({
    Type: 'Task',
    Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
    Parameters: {
      QueueUrl: 'q',
      MessageBody: { 'link.$': "States.Format('https://shop/?token={}&a=1', $$.Task.Token)" },
    },
    ...more,
  });

export const rejected = async (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'nothing was wrong',
    (fault: Error) => fault.message,
  );
