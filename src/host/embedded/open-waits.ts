import { type AwaitsTask, CALLBACK_SUFFIX, type Command, type Execution } from '../../interpreter/index.js';
import { OPEN_WAIT_PARAMETERS_CHARS_MAX } from '../../limits.js';
import type { ExecutionId, RecordWrite } from '../../store/ports.js';
import { putJson } from '../../store/record-writes.js';

/** One row for each task that waits for a token, written and deleted in the commits that open and end the wait. */
export const OPEN_WAITS = 'open-wait';

export interface OpenWait {
  readonly execution: ExecutionId;
  /** Seq of its scheduled record. */
  readonly task: number;
  readonly executionArn: string;
  readonly stateMachineArn: string;
  readonly state: string;
  /** E.g. `sqs:sendMessage`. */
  readonly resource: string;
  /** Epoch milliseconds. */
  readonly openedAt: number;
  /** When it times out at last, epoch milliseconds; null where it waits for ever. */
  readonly dueAt: number | null;
  /** What was sent, as JSON text: the start of it where it is long. */
  readonly parameters: string;
}

/** Keys sort by the age of the execution. */
export const openWaitKey = (execution: ExecutionId, task: number): string =>
  `${String(execution).padStart(15, '0')}.${task}`;

export const NO_WRITES: readonly RecordWrite[] = [];

export function openWaitWrites(
  execution: Execution,
  id: ExecutionId,
  commands: readonly Command[],
): readonly RecordWrite[] {
  if (!commands.some(isAboutToken)) return NO_WRITES;
  const ended = commands.flatMap((command) =>
    command.type === 'ReleaseTask' && command.isCallback ? [command.task] : [],
  );
  const opened = commands.flatMap((command) =>
    command.type === 'InvokeTask' && command.resource.endsWith(CALLBACK_SUFFIX) && !ended.includes(command.task)
      ? [command]
      : [],
  );
  return [
    ...ended.map((task): RecordWrite => ({ type: 'delete', collection: OPEN_WAITS, key: openWaitKey(id, task) })),
    ...opened.map((command) => putJson(OPEN_WAITS, openWaitKey(id, command.task), rowOf(execution, id, command))),
  ];
}

const isAboutToken = (command: Command): boolean =>
  (command.type === 'ReleaseTask' && command.isCallback) ||
  (command.type === 'InvokeTask' && command.resource.endsWith(CALLBACK_SUFFIX));

function rowOf(execution: Execution, id: ExecutionId, command: Command & { type: 'InvokeTask' }): OpenWait {
  const { task, resourceType, resource, parameters, stateName } = command;
  const awaits = [...execution.frames.values()].flatMap((frame): AwaitsTask[] =>
    frame.awaits?.type === 'task' && frame.awaits.seq === task ? [frame.awaits] : [],
  )[0];
  return {
    execution: id,
    task,
    executionArn: execution.identity.arn,
    stateMachineArn: execution.identity.stateMachineArn,
    state: stateName,
    resource: `${resourceType}:${resource.slice(0, -CALLBACK_SUFFIX.length)}`,
    openedAt: execution.at,
    dueAt: awaits?.dueAt ?? null,
    parameters: parameters.text.slice(0, OPEN_WAIT_PARAMETERS_CHARS_MAX),
  };
}
