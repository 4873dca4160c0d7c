import {
  type AwaitsTask,
  type Command,
  type Decision,
  type Execution,
  type Frame,
  hasWaitingTurns,
  timersOf,
} from '../../interpreter/index.js';
import type { CommitEntry, ExecutionId, NewExecution, TimerKey } from '../../store/ports.js';

/** What an entry holds besides its decision. */
export interface EntryExtra {
  readonly start: NewExecution | null;
  readonly data: string | null;
  /** Timers that have fired and commands that were carried out by the stimuli of this decision. */
  readonly firedTimers: readonly TimerKey[];
  /** Timers that were set anew instead of firing. */
  readonly renewedTimers: readonly TimerKey[];
  readonly performed: readonly number[];
}

/** What one decision changes in the store, but for the encoded records. */
export function commitEntry(
  execution: Execution,
  id: ExecutionId,
  decision: Decision,
  options: EntryExtra,
): CommitEntry {
  const [first] = decision.records;
  const outboxAdd: number[] = [];
  const outboxRemove: number[] = [...options.performed];
  const timersAdd: TimerKey[] = [...options.renewedTimers];
  const timersRemove: TimerKey[] = [...options.firedTimers];
  for (const command of decision.commands) {
    switch (command.type) {
      case 'InvokeTask':
        outboxAdd.push(command.task);
        break;
      case 'ReleaseTask':
        outboxRemove.push(command.task);
        break;
      case 'NotifyCaller':
        outboxAdd.push(command.after);
        break;
      case 'StopCallee':
        outboxAdd.push(command.task);
        break;
      case 'StartMapRun':
      case 'StopMapRun': // to be carried out as well: it stays until the run has stopped
        outboxAdd.push(command.mapRun);
        break;
      case 'ReleaseMapRun':
        outboxRemove.push(command.mapRun);
        break;
      case 'Continue':
        outboxAdd.push(command.after);
        break;
      case 'StartTimer':
        timersAdd.push({ seq: command.timer, dueAt: command.dueAt });
        break;
      case 'StopTimer':
        timersRemove.push({ seq: command.timer, dueAt: command.dueAt });
        break;
      default:
        command satisfies never;
    }
  }
  return {
    execution: id,
    firstSeq: first?.seq ?? 0,
    data: options.data,
    start: options.start,
    status: statusOf(execution, decision),
    outboxAdd: outboxAdd.filter((seq) => !outboxRemove.includes(seq)),
    outboxRemove,
    timersAdd: timersAdd.filter((timer) => !timersRemove.some((gone) => isSameTimer(gone, timer))),
    timersRemove,
    snapshot: null,
  };
}

/** Whether the execution had ended before, and goes on. */
export const isReopened = ({ records }: Decision): boolean => records[0]?.type === 'ExecutionRedriven';

/** An entry without a decision. */
export function bareEntry(execution: Execution, id: ExecutionId, performed: readonly number[] = []): CommitEntry {
  const nothing = { records: [], commands: [], inspection: [] };
  return commitEntry(execution, id, nothing, {
    start: null,
    data: null,
    firedTimers: [],
    renewedTimers: [],
    performed,
  });
}

/** Null where it has not changed: the execution goes on. */
function statusOf({ status, at, redriveCount, redrivenAt }: Execution, decision: Decision): CommitEntry['status'] {
  if (status === 'RUNNING' && !isReopened(decision)) return null;
  const redrive = isReopened(decision) && redrivenAt !== null ? { count: redriveCount, at: redrivenAt } : null;
  return { status, stopAt: status === 'RUNNING' ? null : at, redrive };
}

const isSameTimer = (a: TimerKey, b: TimerKey): boolean => a.seq === b.seq && a.dueAt === b.dueAt;

/** The call that a frame of a reloaded execution still waits for. */
export function pendingInvocation(execution: Execution, task: number): (Command & { type: 'InvokeTask' }) | null {
  for (const frame of execution.frames.values()) {
    if (frame.awaits?.type === 'task' && frame.awaits.seq === task) return invocationOf(frame, frame.awaits);
  }
  return null;
}

/** Everything that a reloaded execution waits for, as commands; carrying one out twice does no harm. */
export function pendingCommands(execution: Execution): readonly Command[] {
  if (execution.status !== 'RUNNING') return [];
  const commands: Command[] = [];
  if (execution.timeoutAt !== null) commands.push({ type: 'StartTimer', timer: 1, dueAt: execution.timeoutAt });
  for (const frame of execution.frames.values()) {
    const { awaits } = frame;
    if (awaits?.type === 'task') {
      const invocation = invocationOf(frame, awaits);
      if (invocation !== null) commands.push(invocation);
      for (const dueAt of timersOf(awaits)) commands.push({ type: 'StartTimer', timer: awaits.seq, dueAt });
    } else if (awaits?.type === 'mapRun') {
      commands.push({ type: 'StartMapRun', mapRun: awaits.seq, mapRunArn: awaits.mapRunArn });
    } else if (awaits?.type === 'timer' || awaits?.type === 'retry') {
      commands.push({ type: 'StartTimer', timer: awaits.seq, dueAt: awaits.dueAt });
    }
  }
  if (hasWaitingTurns(execution)) commands.push({ type: 'Continue', after: execution.seq });
  return commands;
}

function invocationOf(frame: Frame, awaits: AwaitsTask): (Command & { type: 'InvokeTask' }) | null {
  if (awaits.isSubmitted || awaits.token !== null) return null;
  const { seq, resourceType, resource, parameters } = awaits;
  return { type: 'InvokeTask', task: seq, resourceType, resource, parameters, stateName: frame.state ?? '' };
}
