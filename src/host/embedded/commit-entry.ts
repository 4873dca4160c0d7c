import type { Command, Decision, Execution } from '../../interpreter/index.js';
import type { CommitEntry, ExecutionId, NewExecution, TimerKey } from '../../store/ports.js';

/** What one decision changes in the store, but for the encoded records. */
export function commitEntry(
  execution: Execution,
  id: ExecutionId,
  decision: Decision,
  options: {
    readonly start: NewExecution | null;
    readonly data: string | null;
    /** Timers that have fired and commands that were carried out by the stimuli of this decision. */
    readonly firedTimers: readonly TimerKey[];
    readonly performed: readonly number[];
  },
): CommitEntry {
  const [first] = decision.records;
  const outboxAdd: number[] = [];
  const outboxRemove: number[] = [...options.performed];
  const timersAdd: TimerKey[] = [];
  const timersRemove: TimerKey[] = [...options.firedTimers];
  for (const command of decision.commands) {
    switch (command.type) {
      case 'InvokeTask':
        outboxAdd.push(command.task);
        break;
      case 'ReleaseTask':
        outboxRemove.push(command.task);
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
    status: execution.status === 'RUNNING' ? null : { status: execution.status, stopAt: execution.at },
    outboxAdd: outboxAdd.filter((seq) => !outboxRemove.includes(seq)),
    outboxRemove,
    timersAdd: timersAdd.filter((timer) => !timersRemove.some((gone) => isSameTimer(gone, timer))),
    timersRemove,
    snapshot: null,
  };
}

const isSameTimer = (a: TimerKey, b: TimerKey): boolean => a.seq === b.seq && a.dueAt === b.dueAt;

/** The call that a frame of a reloaded execution still waits for. */
export function pendingInvocation(execution: Execution, task: number): (Command & { type: 'InvokeTask' }) | null {
  for (const frame of execution.frames.values()) {
    const { awaits } = frame;
    if (awaits?.type !== 'task' || awaits.seq !== task || awaits.isSubmitted) continue;
    const { resourceType, resource, parameters } = awaits;
    return { type: 'InvokeTask', task, resourceType, resource, parameters, stateName: frame.state ?? '' };
  }
  return null;
}
