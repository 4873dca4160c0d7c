import { randomUUID } from 'node:crypto';
import type { EmbeddedHost } from '../../host/index.js';
import { ACTIVITY_POLL_MS, NAME_CHARS_MAX } from '../../limits.js';
import type { ActivityQueue, TakenTask } from '../../services/activity-queue.js';
import { type Action, ApiError } from '../port.js';
import type { Activities } from './activities.js';
import { readMembers } from './members.js';
import { checkName, readActivityArn } from './names.js';
import { MAX_RESULTS, NEXT_TOKEN, pageSize, readToken, writeToken } from './paging.js';
import type { StoredExecutions } from './stored-executions.js';
import { readTags } from './tags.js';
import { writeTaskToken } from './task-token.js';

const ARN = { type: 'string', required: true, min: 1, max: 256 } as const;

export interface ActivityActionsOptions {
  readonly activities: Activities;
  readonly queue: ActivityQueue;
  readonly host: EmbeddedHost;
  readonly executions: StoredExecutions;
}

export function activityActions(options: ActivityActionsOptions): Readonly<Record<string, Action>> {
  const { activities } = options;
  return {
    CreateActivity: async ({ input, place }) => {
      const members = readMembers(input, {
        name: { type: 'string', required: true, min: 1 },
        tags: { type: 'any' },
        encryptionConfiguration: { type: 'any' },
      });
      checkName(members.name);
      refuseCustomerKey(members.encryptionConfiguration);
      const tags = readTags(members.tags, members.name);
      const { arn, createdAt } = await activities.create(place, members.name, tags);
      return { activityArn: arn, creationDate: createdAt / 1000 };
    },
    DescribeActivity: async ({ input }) => {
      const { activityArn } = readMembers(input, { activityArn: ARN });
      const { arn, name, createdAt } = await activities.get(readActivityArn(activityArn));
      return {
        activityArn: arn,
        name,
        creationDate: createdAt / 1000,
        encryptionConfiguration: { type: 'AWS_OWNED_KEY' },
      };
    },
    DeleteActivity: async ({ input }) => {
      const { activityArn } = readMembers(input, { activityArn: ARN });
      await activities.remove(readActivityArn(activityArn));
      return {};
    },
    ListActivities: async ({ input, place }) => {
      const { maxResults, nextToken } = readMembers(input, { maxResults: MAX_RESULTS, nextToken: NEXT_TOKEN });
      const limit = pageSize(maxResults);
      const after = readToken('activities', nextToken) as string | null; // written by us
      const page = await activities.list(place, after, limit + 1);
      const shown = page.slice(0, limit);
      return {
        activities: shown.map(({ arn, name, createdAt }) => ({
          activityArn: arn,
          name,
          creationDate: createdAt / 1000,
        })),
        ...(page.length > limit && { nextToken: writeToken('activities', shown.at(-1)?.name) }),
      };
    },
    GetActivityTask: ({ input, signal }) => getTask(options, input, signal),
  };
}

function refuseCustomerKey(encryption: unknown): void {
  const type = (encryption as { readonly type?: unknown } | undefined)?.type ?? 'AWS_OWNED_KEY';
  if (type === 'AWS_OWNED_KEY') return;
  throw new ApiError(
    'InvalidEncryptionConfiguration',
    'Treadle does not encrypt with a key of yours: leave encryptionConfiguration out.',
  );
}

/** Waits up to a minute for a task, as AWS does; an answer without a token says that there was none. */
async function getTask(options: ActivityActionsOptions, input: unknown, client: AbortSignal): Promise<object> {
  const { activities, queue } = options;
  const { activityArn, workerName } = readMembers(input, {
    activityArn: ARN,
    workerName: { type: 'string', min: 1, max: NAME_CHARS_MAX },
  });
  const { arn } = await activities.get(readActivityArn(activityArn));
  const signal = AbortSignal.any([client, AbortSignal.timeout(ACTIVITY_POLL_MS)]);
  for (let task = await queue.take(arn, signal); task !== null; task = await queue.take(arn, signal)) {
    const taskToken = await startTask(options, task, workerName);
    if (taskToken !== null) return { taskToken, input: task.input };
  }
  return {};
}

/** The token when the task is this worker's now; null when nobody waits for it any more. */
async function startTask(
  { host, executions, queue }: ActivityActionsOptions,
  task: TakenTask,
  workerName: string | undefined,
): Promise<string | null> {
  try {
    const row = await executions.find(task.executionArn);
    if (row === null || row.status !== 'RUNNING') {
      await queue.drop(task);
      return null;
    }
    const token = writeTaskToken(task.executionArn, task.task, randomUUID());
    const started = { type: 'ActivityStarted', task: task.task, token } as const;
    await host.deliver(row.execution, workerName === undefined ? started : { ...started, workerName });
    const awaited = await host.awaitedTask(row.execution, task.task);
    await queue.drop(task);
    return awaited?.token === token ? token : null;
  } catch (fault) {
    queue.giveBack(task);
    throw fault;
  }
}
