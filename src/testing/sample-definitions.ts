const FUNCTION = 'arn:aws:lambda:us-east-1:000000000000:function:f';

const RETRY = [
  {
    ErrorEquals: ['E1', 'States.Timeout'],
    IntervalSeconds: 1,
    MaxAttempts: 2,
    BackoffRate: 1.5,
    MaxDelaySeconds: 5,
    JitterStrategy: 'FULL',
  },
  { ErrorEquals: ['States.ALL'], MaxAttempts: 1 },
];
const CATCH = [{ ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: 'Done', Assign: { 'why.$': '$.Cause' } }];

/** Between them they have every state type and nearly every field, in the forms that people write. */
export const SAMPLE_DEFINITIONS: readonly string[] = [
  {
    Comment: 'One after the other',
    StartAt: 'A',
    TimeoutSeconds: 3600,
    States: {
      A: { Type: 'Pass', Result: { n: 1 }, ResultPath: '$.a', Assign: { x: 1, 'y.$': '$.items' }, Next: 'B' },
      B: {
        Type: 'Pass',
        Parameters: { 'n.$': '$.a.n', 'all.$': "States.Format('{} {}', $x, $$.Execution.Name)" },
        OutputPath: '$',
        Next: 'Which',
      },
      Which: {
        Type: 'Choice',
        Choices: [
          { Variable: '$.n', NumericGreaterThan: 5, Next: 'Done' },
          {
            And: [{ Variable: '$.n', IsPresent: true }, { Not: { Variable: '$.all', StringMatches: 'no*' } }],
            Next: 'Wait',
            Assign: { x: 2 },
          },
          {
            Or: [
              { Variable: '$x', NumericEqualsPath: '$.n' },
              { Variable: '$.at', TimestampLessThan: '2026-01-01T00:00:00Z' },
            ],
            Next: 'Oops',
          },
        ],
        Default: 'Done',
      },
      Wait: { Type: 'Wait', Seconds: 5, Next: 'Call' },
      Call: {
        Type: 'Task',
        Resource: 'arn:aws:states:::lambda:invoke',
        Parameters: { FunctionName: FUNCTION, 'Payload.$': '$' },
        ResultSelector: { 'got.$': '$.n' },
        ResultPath: '$.got',
        TimeoutSeconds: 30,
        Retry: RETRY,
        Catch: CATCH,
        Next: 'Done',
      },
      Oops: { Type: 'Fail', Error: 'Oops', CausePath: "States.Format('{}', $.n)" },
      Done: { Type: 'Succeed' },
    },
  },
  {
    StartAt: 'Both',
    States: {
      Both: {
        Type: 'Parallel',
        Branches: [
          { StartAt: 'A', States: { A: { Type: 'Task', Resource: FUNCTION, Retry: RETRY, End: true } } },
          {
            StartAt: 'B',
            States: { B: { Type: 'Wait', SecondsPath: '$.a[0]', Next: 'C' }, C: { Type: 'Pass', End: true } },
          },
        ],
        ResultSelector: { 'first.$': '$[0]' },
        Catch: CATCH,
        Next: 'Done',
      },
      Done: { Type: 'Succeed', InputPath: '$' },
    },
  },
  {
    StartAt: 'Each',
    States: {
      Each: {
        Type: 'Map',
        ItemsPath: '$.items',
        MaxConcurrency: 2,
        ItemSelector: { 'item.$': '$$.Map.Item.Value', 'index.$': '$$.Map.Item.Index', 'all.$': '$' },
        ItemProcessor: {
          ProcessorConfig: { Mode: 'INLINE' },
          StartAt: 'A',
          States: {
            A: {
              Type: 'Task',
              Resource: 'arn:aws:states:::sns:publish.waitForTaskToken',
              Parameters: { TopicArn: 'arn:aws:sns:us-east-1:000000000000:t', Message: { 'token.$': '$$.Task.Token' } },
              HeartbeatSeconds: 10,
              TimeoutSecondsPath: '$.index',
              Catch: [{ ErrorEquals: ['States.Timeout'], Next: 'B' }],
              End: true,
            },
            B: { Type: 'Pass', End: true },
          },
        },
        Retry: RETRY,
        Catch: CATCH,
        ResultPath: null,
        Next: 'Done',
      },
      Done: { Type: 'Fail', ErrorPath: '$.error.Error', Cause: 'because' },
    },
  },
  {
    StartAt: 'A',
    States: {
      A: { Type: 'Wait', Timestamp: '2026-01-01T00:00:00Z', Next: 'B' },
      B: { Type: 'Wait', TimestampPath: '$.at', Next: 'Old' },
      Old: {
        Type: 'Map',
        Parameters: { 'v.$': '$$.Map.Item.Value' },
        Iterator: { StartAt: 'C', States: { C: { Type: 'Succeed' } } },
        ItemsPath: '$.a',
        End: true,
      },
    },
  },
  {
    QueryLanguage: 'JSONata',
    StartAt: 'A',
    States: {
      A: {
        Type: 'Pass',
        Output: { n: '{% $sum($states.input.a[0]) %}', all: '{% $states.input %}' },
        Assign: { x: '{% $states.context.Execution.Name & "!" %}' },
        Next: 'Which',
      },
      Which: {
        Type: 'Choice',
        Choices: [{ Condition: '{% $states.input.n > 5 and $exists($x) %}', Output: '{% $x %}', Next: 'Done' }],
        Default: 'Wait',
      },
      Wait: { Type: 'Wait', Seconds: '{% $states.input.n %}', Next: 'Call' },
      Call: {
        Type: 'Task',
        Resource: 'arn:aws:states:::lambda:invoke',
        Arguments: { FunctionName: FUNCTION, Payload: '{% $merge([$states.input, {"x": $x}]) %}' },
        Output: '{% $states.result %}',
        TimeoutSeconds: '{% 30 + 1 %}',
        Retry: RETRY,
        Catch: [
          { ErrorEquals: ['States.QueryEvaluationError'], Output: '{% $states.errorOutput.Error %}', Next: 'Oops' },
          { ErrorEquals: ['States.ALL'], Next: 'Each' },
        ],
        Next: 'Each',
      },
      Each: {
        Type: 'Map',
        Items: '{% $type($states.input) = "array" ? $states.input : [1, {"b": 2}] %}',
        ItemSelector: { v: '{% $states.context.Map.Item.Value %}' },
        MaxConcurrency: '{% 2 %}',
        ItemProcessor: {
          StartAt: 'B',
          States: { B: { Type: 'Pass', Output: { v: '{% $states.input.v %}' }, End: true } },
        },
        Output: '{% $count($states.result) %}',
        Next: 'Both',
      },
      Both: {
        Type: 'Parallel',
        Arguments: '{% $states.input %}',
        Branches: [{ StartAt: 'C', States: { C: { Type: 'Succeed', Output: '{% $x ~> $uppercase %}' } } }],
        Next: 'Done',
      },
      Oops: { Type: 'Fail', Error: '{% "E" & $states.input %}', Cause: '{% $string($states.input) %}' },
      Done: { Type: 'Succeed' },
    },
  },
].map((definition) => JSON.stringify(definition));
