import type { HistoryRecord } from '../interpreter/index.js';

/** An event as GetExecutionHistory shows it. */
export interface ShownEvent {
  readonly id: number;
  readonly previousEventId: number;
  readonly type: string;
  readonly timestamp: number;
  readonly stateEnteredEventDetails?: { readonly name: string };
  readonly stateExitedEventDetails?: { readonly name: string };
}

/**
 * A whole history as clients see it: ids 1 … n without gaps, pointers to earlier events, times that do not go back, one end at the
 * end, and every state that was entered is left unless the execution, or the branch around it, was given up. Throws where it is not so.
 */
export function checkSequence(shown: readonly unknown[]): void {
  const events = shown as readonly ShownEvent[]; // what `historyEvent` makes
  const open = new Map<string, number>();
  let isGivenUp = false;
  let at = 0;
  for (const [index, event] of events.entries()) {
    const { id, previousEventId, type, timestamp } = event;
    const fail = (what: string): never => {
      throw new Error(`Expected ${what}, but event ${index + 1} of ${events.length} is ${JSON.stringify(event)}`);
    };
    if (id !== index + 1) fail(`id ${index + 1}`);
    if (previousEventId < 0 || previousEventId >= id) fail('an earlier event as the previous one');
    if (timestamp < at) fail('a time that does not go back');
    at = timestamp;
    const isEnd = ENDS.test(type);
    if (
      (index === events.length - 1 && !isEnd) ||
      (isEnd && index < events.length - 1 && !isRedriven(events[index + 1]))
    )
      fail('the end to be the last event');
    const entered = event.stateEnteredEventDetails?.name;
    const exited = event.stateExitedEventDetails?.name;
    if (entered !== undefined) open.set(entered, (open.get(entered) ?? 0) + 1);
    if (exited !== undefined) {
      const count = open.get(exited) ?? 0;
      if (count === 0) fail('a state that was entered');
      open.set(exited, count - 1);
    }
    if (GIVES_UP.test(type)) isGivenUp = true;
  }
  const left = [...open].filter(([, count]) => count > 0).map(([name]) => name);
  if (left.length > 0 && !isGivenUp) throw new Error(`Expected every state to be left, but not so: ${left.join(', ')}`);
}

const ENDS = /^Execution(?:Succeeded|Failed|Aborted|TimedOut)$/;
/** After one of these, states that were entered need not be left. */
const GIVES_UP = /^Execution(?:Failed|Aborted|TimedOut)$|Failed$|Aborted$|TimedOut$/;
const isRedriven = (event: ShownEvent | undefined): boolean => event?.type === 'ExecutionRedriven';

/** No Wait ended early, and no attempt was made before its time. Throws where one was. */
export function checkTimes(records: readonly HistoryRecord[]): void {
  const dueAt = new Map<number, number>();
  for (const record of records) {
    const { frame, type, at } = record;
    if (type === 'TimerStarted' || type === 'RetryScheduled') dueAt.set(frame, record.private.dueAt);
    else if (type === 'WaitStateExited' || type === 'TaskScheduled') {
      const due = dueAt.get(frame);
      if (due !== undefined && at < due)
        throw new Error(`A timer due @${due} fired @${at}, ${due - at} ms early: ${JSON.stringify(record)}`);
      dueAt.delete(frame);
    }
  }
}
