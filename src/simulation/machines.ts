/** The state machines of the simulation: every way in which an execution waits, each with what must come out of it. */

const ACCOUNT = '000000000000';
const REGION = 'us-east-1';
export const PLACE = { account: ACCOUNT, region: REGION };
export const ROLE = `arn:aws:iam::${ACCOUNT}:role/simulation`;
export const machineArnOf = (name: string): string => `arn:aws:states:${REGION}:${ACCOUNT}:stateMachine:${name}`;
export const executionArnOf = (machine: string, name: string): string =>
  `arn:aws:states:${REGION}:${ACCOUNT}:execution:${machine}:${name}`;

/** What of an execution is asked for after its start. */
export type Afterwards = 'nothing' | 'stop' | 'redrive';

export interface Kind {
  readonly machine: string;
  readonly type: 'STANDARD' | 'EXPRESS';
  readonly definition: object;
  readonly afterwards: Afterwards;
  readonly status: 'SUCCEEDED' | 'ABORTED';
  /** Null where it has none. */
  readonly outputOf: (input: OrderInput) => unknown;
}

export interface OrderInput {
  readonly n: number;
  /** How often the function `busy` fails before it works. */
  readonly failures: number;
  readonly pause: number;
  readonly items: readonly number[];
}

const call = (name: string, more: object = { End: true }): object => ({
  Type: 'Task',
  Resource: `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${name}`,
  ...more,
});

const RETRY = [{ ErrorEquals: ['Busy'], IntervalSeconds: 2, MaxAttempts: 5, BackoffRate: 1 }];
const CATCH = [{ ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: 'Done' }];

const ORDER = {
  StartAt: 'Busy',
  States: {
    Busy: call('busy', {
      Parameters: { 'attempt.$': '$$.State.RetryCount', 'failures.$': '$.failures' },
      Retry: RETRY,
      ResultPath: '$.busy',
      Next: 'Pause',
    }),
    Pause: { Type: 'Wait', SecondsPath: '$.pause', Next: 'Both' },
    Both: {
      Type: 'Parallel',
      ResultPath: null,
      Branches: [
        {
          StartAt: 'Left',
          States: { Left: call('echo', { Next: 'Rest' }), Rest: { Type: 'Wait', Seconds: 1, End: true } },
        },
        { StartAt: 'Right', States: { Right: call('echo') } },
      ],
      Next: 'Each',
    },
    Each: {
      Type: 'Map',
      ItemsPath: '$.items',
      MaxConcurrency: 2,
      ResultPath: '$.each',
      ItemProcessor: { StartAt: 'One', States: { One: call('echo') } },
      Next: 'Declined',
    },
    Declined: call('declined', { Catch: CATCH, End: true }),
    Done: { Type: 'Pass', Parameters: { 'n.$': '$.n', 'each.$': '$.each', 'error.$': '$.error.Error' }, End: true },
  },
};

const TOKEN = {
  StartAt: 'Ask',
  States: {
    Ask: {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
      Parameters: { FunctionName: 'ask', Payload: { 'token.$': '$$.Task.Token', 'n.$': '$.n' } },
      HeartbeatSeconds: 30,
      End: true,
    },
  },
};

const nested = (machine: string, more: object): object => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::states:startExecution.sync:2',
  Parameters: { StateMachineArn: machineArnOf(machine), 'Input.$': '$' },
  ...more,
});

const PARENT = {
  StartAt: 'Child',
  States: { Child: nested('order', { OutputPath: '$.Output', End: true }) },
};

/** One branch waits for a child that nobody ends, until the other has failed. */
const STOPPER = {
  StartAt: 'Both',
  States: {
    Both: {
      Type: 'Parallel',
      Branches: [
        { StartAt: 'Child', States: { Child: nested('patient', { End: true }) } },
        {
          StartAt: 'A While',
          States: { 'A While': { Type: 'Wait', Seconds: 3, Next: 'Fails' }, Fails: call('declined') },
        },
      ],
      Catch: CATCH,
      End: true,
    },
    Done: { Type: 'Pass', Parameters: { 'n.$': '$.n', 'error.$': '$.error.Error' }, End: true },
  },
};

const distributed = (type: string, states: object): object => ({
  StartAt: 'Each',
  States: {
    Each: {
      Type: 'Map',
      Label: 'Each',
      ItemsPath: '$.items',
      MaxConcurrency: 3,
      ItemProcessor: { ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: type }, StartAt: 'One', States: states },
      End: true,
    },
  },
});

const UNLUCKY = {
  StartAt: 'Pause',
  States: {
    Pause: { Type: 'Wait', Seconds: 1, Next: 'Try' },
    Try: call('busy', {
      Parameters: { 'attempt.$': '$$.Execution.RedriveCount', failures: 1 },
      ResultPath: null,
      Next: 'Done',
    }),
    Done: { Type: 'Pass', Parameters: { 'n.$': '$.n' }, End: true },
  },
};

const SLOW = {
  StartAt: 'Hangs',
  States: {
    Hangs: call('hang', { TimeoutSeconds: 5, Catch: CATCH, End: true }),
    Done: { Type: 'Pass', Parameters: { 'n.$': '$.n', 'error.$': '$.error.Error' }, End: true },
  },
};

/** Ten days: nobody waits for its end, not even when somebody sets the clock. */
const PATIENT = { StartAt: 'Wait', States: { Wait: { Type: 'Wait', Seconds: 864_000, End: true } } };

const plain = (machine: string, definition: object, outputOf: Kind['outputOf']): Kind => ({
  machine,
  definition,
  outputOf,
  type: 'STANDARD',
  afterwards: 'nothing',
  status: 'SUCCEEDED',
});

const orderOutput = ({ n, items }: OrderInput): unknown => ({ n, each: items, error: 'Declined' });

export const KINDS: readonly Kind[] = [
  plain('order', ORDER, orderOutput),
  plain('token', TOKEN, ({ n }) => ({ answered: n })),
  plain('parent', PARENT, orderOutput),
  plain('stopper', STOPPER, ({ n }) => ({ n, error: 'Declined' })),
  plain(
    'distributed',
    distributed('STANDARD', { One: call('echo', { Next: 'Rest' }), Rest: { Type: 'Wait', Seconds: 1, End: true } }),
    ({ items }) => items,
  ),
  plain('express-children', distributed('EXPRESS', { One: call('express-echo') }), ({ items }) => items),
  plain('slow', SLOW, ({ n }) => ({ n, error: 'States.Timeout' })),
  { ...plain('unlucky', UNLUCKY, ({ n }) => ({ n })), afterwards: 'redrive' },
  { ...plain('patient', PATIENT, () => null), afterwards: 'stop', status: 'ABORTED' },
];

/** An asynchronous Express execution: it leaves no history, only its calls. */
export const EXPRESS_MACHINE = {
  machine: 'express',
  definition: {
    StartAt: 'One',
    States: { One: call('express-echo', { Next: 'Two' }), Two: call('express-echo') },
  },
};
