import type { CommitEntry, CommitOutcome, ExecutionId, NewExecution, RecordWrite, Store } from './ports.js';

export const ORDERS = 'arn:aws:states:us-east-1:000000000000:stateMachine:orders';
export const BOOKINGS = 'arn:aws:states:us-east-1:000000000000:stateMachine:bookings';

/** Commits entries and says what became of them. */
export async function commit(store: Store, ...entries: readonly CommitEntry[]): Promise<readonly CommitOutcome[]> {
  return (await store.commit({ entries, writes: [] })).outcomes;
}

const NO_ENTRY: CommitEntry = {
  execution: 0,
  firstSeq: 0,
  data: null,
  start: null,
  status: null,
  outboxAdd: [],
  outboxRemove: [],
  timersAdd: [],
  timersRemove: [],
  snapshot: null,
};

/** An entry with the given parts and nothing else. */
export function entry(execution: ExecutionId, parts: Partial<CommitEntry>): CommitEntry {
  return { ...NO_ENTRY, execution, ...parts };
}

const NEW_EXECUTION: NewExecution = {
  machine: ORDERS,
  name: '',
  startAt: 1000,
  revision: 'r1',
  version: null,
  alias: null,
};

/** The first entry of an execution of the machine `ORDERS`. */
export function starting(
  execution: ExecutionId,
  start: Partial<NewExecution>,
  parts: Partial<CommitEntry>,
): CommitEntry {
  return entry(execution, { ...parts, start: { ...NEW_EXECUTION, ...start } });
}

export function row(execution: ExecutionId, parts: Partial<ReturnType<typeof emptyRow>>) {
  return { ...emptyRow(), ...parts, execution };
}

function emptyRow() {
  const redrivenAt: number | null = null;
  return { ...NEW_EXECUTION, status: 'RUNNING', stopAt: null as number | null, redriveCount: 0, redrivenAt };
}

export function due(dueAt: number, seq: number) {
  return { dueAt, seq };
}

export function put(key: string, value: string): RecordWrite {
  return { type: 'put', collection: 'c', key, value, expect: 'any' };
}

export function putAbsent(key: string, value: string): RecordWrite {
  return { type: 'put', collection: 'c', key, value, expect: 'absent' };
}
