/** A queue's mapping says all this in both of its forms. */
export const EVENT_SOURCE_MEMBERS: readonly string[] = [
  'BatchSize',
  'Enabled',
  'FilterCriteria',
  'FunctionResponseTypes',
  'MaximumBatchingWindowInSeconds',
  'ScalingConfig',
];
