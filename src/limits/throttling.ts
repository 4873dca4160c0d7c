/** AWS's quotas of calls of Step Functions' API, and what an owner sets instead. */

/** How many calls of one kind are taken at once, and how many more with each second. */
export interface Bucket {
  readonly size: number;
  readonly perSecond: number;
}

/** What is taken of each action of Step Functions, by its name; `StartExpressExecution` stands for StartExecution of an Express machine. */
export interface ThrottleSettings {
  /** AWS's quotas for whatever `buckets` does not name; otherwise that is not throttled. */
  readonly isAws: boolean;
  /** `*`: every action that is not named. */
  readonly buckets: Readonly<Record<string, Bucket>>;
}

export const EXPRESS_START = 'StartExpressExecution';

/** AWS's larger Regions. */
const LARGE: ReadonlySet<string> = new Set(['us-east-1', 'us-west-2', 'eu-west-1']);

const bucket = (size: number, perSecond: number): Bucket => ({ size, perSecond });
const both = (large: Bucket, others: Bucket = large): readonly [Bucket, Bucket] => [large, others];
const LOOK_UP = both(bucket(200, 1));
const TASK = both(bucket(3000, 500), bucket(1500, 300));
const REST = both(bucket(100, 1));

/** AWS's default quotas of API actions in its larger Regions and in the others (Step Functions Developer Guide, "Service quotas"). */
const AWS_BUCKETS: ReadonlyMap<string, readonly [large: Bucket, others: Bucket] | null> = new Map([
  ['StartSyncExecution', null], // has no such quota
  ['StartExecution', both(bucket(1300, 300), bucket(800, 150))],
  [EXPRESS_START, both(bucket(6000, 6000))],
  ['RedriveExecution', both(bucket(1300, 300), bucket(800, 150))],
  ['GetActivityTask', TASK],
  ['SendTaskSuccess', TASK],
  ['SendTaskFailure', TASK],
  ['SendTaskHeartbeat', TASK],
  ['StopExecution', both(bucket(1000, 200), bucket(500, 25))],
  ['GetExecutionHistory', both(bucket(400, 20))],
  ['DescribeExecution', both(bucket(300, 15), bucket(250, 10))],
  ['DescribeStateMachine', both(bucket(200, 20))],
  ['ListExecutions', both(bucket(200, 5), bucket(100, 2))],
  ['ListStateMachines', both(bucket(100, 5))],
  ['ListActivities', both(bucket(100, 10), bucket(100, 5))],
  ['TestState', both(bucket(50, 10))],
  ['DescribeActivity', LOOK_UP],
  ['DescribeMapRun', LOOK_UP],
  ['DescribeStateMachineAlias', LOOK_UP],
  ['DescribeStateMachineForExecution', LOOK_UP],
  ['TagResource', LOOK_UP],
  ['UntagResource', LOOK_UP],
  ['CreateActivity', REST],
  ['CreateStateMachine', REST],
  ['CreateStateMachineAlias', REST],
  ['DeleteActivity', REST],
  ['DeleteStateMachine', REST],
  ['DeleteStateMachineAlias', REST],
  ['DeleteStateMachineVersion', REST],
  ['ListMapRuns', REST],
  ['ListStateMachineAliases', REST],
  ['ListStateMachineVersions', REST],
  ['ListTagsForResource', REST],
  ['PublishStateMachineVersion', REST],
  ['UpdateMapRun', REST],
  ['UpdateStateMachine', REST],
  ['UpdateStateMachineAlias', REST],
  ['ValidateStateMachineDefinition', REST],
]);

/** Names that a setting may have, besides `*`. */
export const THROTTLED_ACTIONS: readonly string[] = [...AWS_BUCKETS.keys()];

/** Null: not throttled. */
export function bucketOf({ isAws, buckets }: ThrottleSettings, operation: string, region: string): Bucket | null {
  if (Object.hasOwn(buckets, operation)) return buckets[operation] ?? null;
  if (Object.hasOwn(buckets, '*')) return buckets['*'] ?? null;
  const [large, others] = (isAws && AWS_BUCKETS.get(operation)) || [null, null];
  return LARGE.has(region) ? large : others;
}
