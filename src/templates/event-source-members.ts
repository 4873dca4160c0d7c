/** A mapping says all this in both of its forms. */
export const EVENT_SOURCE_MEMBERS: readonly string[] = [
  'BatchSize',
  'Enabled',
  'FilterCriteria',
  'FunctionResponseTypes',
  'MaximumBatchingWindowInSeconds',
  'ScalingConfig',
];

/** What only the mapping of a stream says. */
export const STREAM_MEMBERS: readonly string[] = [
  'BisectBatchOnFunctionError',
  'MaximumRecordAgeInSeconds',
  'MaximumRetryAttempts',
  'StartingPosition',
];
