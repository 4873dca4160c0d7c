import {
  type Commit,
  type CommitOutcome,
  type CommitResult,
  type ExecutionStore,
  type RecordStore,
  type Store,
  StoreUnavailable,
} from '../store/ports.js';

/** How often each fault happens, as chances from 0 to 1; the same seed and the same calls give the same faults. */
export interface StoreFaults {
  readonly seed: number;
  /** A commit rejects and nothing was written. */
  readonly rejectedBefore?: number;
  /** A commit rejects although everything was written; the caller cannot know. */
  readonly rejectedAfter?: number;
  /** An entry's outcome is `conflict`, and it is not written. */
  readonly conflict?: number;
  /** A commit is answered some turns of the event loop later, so that others overtake it. */
  readonly delayed?: number;
  /** A read rejects. */
  readonly rejectedRead?: number;
}

export type StoreFault = Exclude<keyof StoreFaults, 'seed'>;

export interface FaultyStore extends Store {
  /** How many faults of each kind have happened, so that a test can prove that they did. */
  readonly happened: Readonly<Record<StoreFault, number>>;
  /** No faults from now on: a test lets everything settle before it compares. */
  calm(): void;
}

/** Wraps a store and makes it fail in every way that the port allows, by a seeded plan. */
export function faultyStore(store: Store, faults: StoreFaults): FaultyStore {
  const plan = new FaultPlan(faults);
  return {
    executions: faultyExecutions(store.executions, plan),
    records: faultyRecords(store, plan),
    commit: (commit) => commitFaultily(store, commit, plan),
    statistics: () => store.statistics(),
    close: () => store.close(),
    happened: plan.happened,
    calm: () => plan.calm(),
  };
}

class FaultPlan {
  readonly happened: Record<StoreFault, number> = {
    rejectedBefore: 0,
    rejectedAfter: 0,
    conflict: 0,
    delayed: 0,
    rejectedRead: 0,
  };
  readonly #faults: StoreFaults;
  #state: number;
  #isCalm = false;

  constructor(faults: StoreFaults) {
    this.#faults = faults;
    this.#state = faults.seed >>> 0;
  }

  calm(): void {
    this.#isCalm = true;
  }

  strikes(fault: StoreFault): boolean {
    if (this.#isCalm || this.fraction() >= (this.#faults[fault] ?? 0)) return false;
    this.happened[fault]++;
    return true;
  }

  /** The next pseudo-random number from 0 to 1 (mulberry32). */
  fraction(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
}

/** Chances are drawn at the call, in its order, so that the plan does not depend on how long the store takes. */
async function commitFaultily(store: Store, commit: Commit, plan: FaultPlan): Promise<CommitResult> {
  const turns = plan.strikes('delayed') ? 1 + Math.floor(plan.fraction() * DELAY_TURNS_MAX) : 0;
  const isLost = plan.strikes('rejectedBefore');
  const isUnknown = !isLost && plan.strikes('rejectedAfter');
  const isConflict = isLost ? [] : commit.entries.map(() => plan.strikes('conflict'));
  for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
  if (isLost) throw new StoreUnavailable('Expected the commit to be written, but a planned fault came before it.');
  const entries = commit.entries.filter((_, index) => !isConflict[index]);
  const written = [...(await store.commit({ entries, writes: commit.writes })).outcomes];
  if (isUnknown) throw new StoreUnavailable('Expected an answer to the commit, but a planned fault came after it.');
  return { outcomes: isConflict.map((skipped) => (skipped ? CONFLICT : (written.shift() ?? CONFLICT))) };
}

const DELAY_TURNS_MAX = 8;
const CONFLICT: CommitOutcome = { type: 'conflict' };

function faultyExecutions(executions: ExecutionStore, plan: FaultPlan): ExecutionStore {
  return {
    nextId: () => readFaultily(plan, () => executions.nextId()),
    load: (execution, options) => readFaultily(plan, () => executions.load(execution, options)),
    find: (machine, name) => readFaultily(plan, () => executions.find(machine, name)),
    list: (query) => readFaultily(plan, () => executions.list(query)),
    outbox: (query) => readFaultily(plan, () => executions.outbox(query)),
    timers: (query) => readFaultily(plan, () => executions.timers(query)),
    deleteStopped: (query) => readFaultily(plan, () => executions.deleteStopped(query)),
  };
}

function faultyRecords(store: Store, plan: FaultPlan): RecordStore {
  return {
    get: (collection, key) => readFaultily(plan, () => store.records.get(collection, key)),
    scan: (query) => readFaultily(plan, () => store.records.scan(query)),
    write: async (writes) => {
      await commitFaultily(store, { entries: [], writes }, plan);
    },
  };
}

async function readFaultily<T>(plan: FaultPlan, read: () => Promise<T>): Promise<T> {
  if (plan.strikes('rejectedRead'))
    throw new StoreUnavailable('Expected an answer to the read, but a fault was planned.');
  return await read();
}
