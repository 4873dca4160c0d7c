import {
  type AwaitsTask,
  CALLBACK_SUFFIX,
  type Decision,
  type Execution,
  isOpenWait,
  type RecordType,
} from '../../interpreter/index.js';
import { OPEN_WAIT_PARAMETERS_CHARS_MAX } from '../../limits.js';
import type { ExecutionId, RecordStore, RecordWrite } from '../../store/ports.js';
import { putJson } from '../../store/record-writes.js';

/** One row for each task that waits for a token or for a worker, written and deleted in the commits that open and end the wait. */
export const OPEN_WAITS = 'open-wait';

export interface OpenWait {
  readonly execution: ExecutionId;
  /** Seq of its scheduled record. */
  readonly task: number;
  readonly executionArn: string;
  readonly stateMachineArn: string;
  readonly state: string;
  /** E.g. `sqs:sendMessage`; `activity`. */
  readonly resource: string;
  /** Whose workers it waits for; null where it waits for its token. */
  readonly activityArn: string | null;
  /** Who has it, once a worker of the activity has; what he does not say is null. */
  readonly worker: { readonly name: string | null } | null;
  /** Epoch milliseconds. */
  readonly openedAt: number;
  /** When it times out at last, epoch milliseconds; null where it waits for ever, or a worker has to come first. */
  readonly dueAt: number | null;
  /** What was sent, as JSON text: the start of it where it is long. */
  readonly parameters: string;
  /** How often it was sent again, and why the last time was refused; null where it was not. */
  readonly sends: number;
  readonly sendFault: string | null;
}

/** Keys sort by the age of the wait. */
export const openWaitKey = (openedAt: number, execution: ExecutionId, task: number): string =>
  `${String(openedAt).padStart(15, '0')}.${execution}.${task}`;

/** When the oldest open wait began, epoch milliseconds; null where nothing waits. Reads one row. */
export async function oldestOpenWaitAt(records: Pick<RecordStore, 'scan'>): Promise<number | null> {
  const [oldest] = await records.scan({ collection: OPEN_WAITS, prefix: '', after: null, limit: 1 });
  return oldest === undefined ? null : Number.parseInt(oldest.key, 10);
}

/** Records after which the row of the wait is another one. */
const CHANGES: ReadonlySet<RecordType> = new Set([
  'TaskScheduled',
  'ActivityScheduled',
  'ActivityStarted',
  'TaskSentAgain',
]);

export const NO_WRITES: readonly RecordWrite[] = [];

/** The execution is as it is after the decision. */
export function openWaitWrites(
  execution: Execution,
  id: ExecutionId,
  { records, commands }: Pick<Decision, 'records' | 'commands'>,
): readonly RecordWrite[] {
  const writes: RecordWrite[] = [];
  const ended = new Set<number>();
  for (const command of commands) {
    if (command.type !== 'ReleaseTask' || command.waitedSince === null) continue;
    ended.add(command.task);
    const key = openWaitKey(command.waitedSince, id, command.task);
    writes.push({ type: 'delete', collection: OPEN_WAITS, key });
  }
  for (const { type, frame } of records) {
    if (!CHANGES.has(type)) continue;
    const found = execution.frames.get(frame);
    const awaits = found?.awaits;
    if (awaits?.type !== 'task' || !isOpenWait(awaits) || ended.has(awaits.seq)) continue;
    const key = openWaitKey(awaits.scheduledAt, id, awaits.seq);
    writes.push(putJson(OPEN_WAITS, key, rowOf(execution, id, awaits, found?.state ?? '')));
  }
  return writes.length === 0 ? NO_WRITES : writes;
}

function rowOf({ identity }: Execution, id: ExecutionId, awaits: AwaitsTask, state: string): OpenWait {
  const { seq, resourceType, resource, token, workerName, scheduledAt, dueAt, parameters, sends, sendFault } = awaits;
  const isActivity = resourceType === 'activity';
  return {
    execution: id,
    task: seq,
    executionArn: identity.arn,
    stateMachineArn: identity.stateMachineArn,
    state,
    resource: isActivity ? 'activity' : `${resourceType}:${resource.slice(0, -CALLBACK_SUFFIX.length)}`,
    activityArn: isActivity ? resource : null,
    worker: token === null ? null : { name: workerName },
    openedAt: scheduledAt,
    dueAt,
    parameters: parameters.text.slice(0, OPEN_WAIT_PARAMETERS_CHARS_MAX),
    sends,
    sendFault,
  };
}
