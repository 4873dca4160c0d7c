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
  /** Timers that have fired and commands that were carried out by the stimuli of this decision. */
  readonly firedTimers: readonly TimerKey[];
  /** Timers that were set anew instead of firing. */
  readonly renewedTimers: readonly TimerKey[];
  readonly performed: readonly number[];
}

export const NOTHING_EXTRA: EntryExtra = { start: null, firedTimers: [], renewedTimers: [], performed: [] };

/** What one decision changes in the store; `data` are its records, encoded. */
export function commitEntry(
  execution: Execution,
  id: ExecutionId,
  decision: Decision,
  options: EntryExtra & { readonly data: string | null },
): CommitEntry {
  const changes = changesOf(decision.commands);
  const outboxRemove = joined(options.performed, changes.outboxRemove);
  const timersAdd = joined(options.renewedTimers, changes.timersAdd);
  const timersRemove = joined(options.firedTimers, changes.timersRemove);
  return {
    execution: id,
    firstSeq: decision.records[0]?.seq ?? 0,
    data: options.data,
    start: options.start,
    status: statusOf(execution, decision),
    outboxAdd: without(changes.outboxAdd, outboxRemove),
    outboxRemove,
    timersAdd:
      timersRemove.length === 0
        ? timersAdd
        : timersAdd.filter((timer) => !timersRemove.some((gone) => isSameTimer(gone, timer))),
    timersRemove,
    snapshot: null,
  };
}

interface Changes {
  outboxAdd: number[];
  outboxRemove: number[];
  timersAdd: TimerKey[];
  timersRemove: TimerKey[];
}

/** What the commands add to outbox and timers, and take away. */
function changesOf(commands: readonly Command[]): Changes {
  const changes: Changes = { outboxAdd: [], outboxRemove: [], timersAdd: [], timersRemove: [] };
  for (const command of commands) {
    switch (command.type) {
      case 'InvokeTask':
      case 'StopCallee':
        changes.outboxAdd.push(command.task);
        break;
      case 'ReleaseTask':
        changes.outboxRemove.push(command.task);
        break;
      case 'NotifyCaller':
      case 'Continue':
        changes.outboxAdd.push(command.after);
        break;
      case 'StartMapRun':
      case 'StopMapRun': // to be carried out as well: it stays until the run has stopped
        changes.outboxAdd.push(command.mapRun);
        break;
      case 'ReleaseMapRun':
        changes.outboxRemove.push(command.mapRun);
        break;
      case 'StartTimer':
        changes.timersAdd.push({ seq: command.timer, dueAt: command.dueAt });
        break;
      case 'StopTimer':
        changes.timersRemove.push({ seq: command.timer, dueAt: command.dueAt });
        break;
      default:
        command satisfies never;
    }
  }
  return changes;
}

const joined = <Item>(first: readonly Item[], second: readonly Item[]): readonly Item[] =>
  first.length === 0 ? second : [...first, ...second];

function without(seqs: readonly number[], removed: readonly number[]): readonly number[] {
  if (seqs.length === 0 || removed.length === 0) return seqs;
  const gone = new Set(removed);
  return seqs.filter((seq) => !gone.has(seq));
}

/** Whether the execution had ended before, and goes on. */
export const isReopened = ({ records }: Decision): boolean => records[0]?.type === 'ExecutionRedriven';

/** An entry without a decision. */
export function bareEntry(execution: Execution, id: ExecutionId, performed: readonly number[] = []): CommitEntry {
  const nothing = { records: [], commands: [], inspection: [] };
  return commitEntry(execution, id, nothing, { data: null, ...NOTHING_EXTRA, performed });
}

/** Null where it has not changed: the execution goes on. */
function statusOf({ status, at, redriveCount, redrivenAt }: Execution, decision: Decision): CommitEntry['status'] {
  if (decision.records.length === 0) return null; // one without a fence must not overwrite what has happened since
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
  if ((awaits.isSubmitted && !awaits.isSendingAgain) || awaits.token !== null) return null;
  const { seq, resourceType, resource, parameters, isSendingAgain, sends } = awaits;
  const send = isSendingAgain ? { send: sends + 1 } : {};
  return { type: 'InvokeTask', task: seq, resourceType, resource, parameters, stateName: frame.state ?? '', ...send };
}
