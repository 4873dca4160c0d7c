import {
  type Commit,
  type CommitEntry,
  type CommitOutcome,
  type CommitResult,
  type ExecutionStore,
  type RecordStore,
  type Store,
  StoreUnavailable,
} from '../store/ports.js';
import { SeededRandom } from './seeded-random.js';

/** How often each fault happens, as chances from 0 to 1; the same seed and the same calls give the same faults. */
export interface StoreFaults {
  readonly seed: number;
  /** A commit rejects and nothing was written. */
  readonly rejectedBefore?: number;
  /** A commit rejects although everything was written; the caller cannot know. */
  readonly rejectedAfter?: number;
  /** An entry's outcome is `conflict`, and it is not written. */
  readonly conflict?: number;
  /** A commit is written, or answered, some turns of the event loop later, so that others overtake it. */
  readonly delayed?: number;
  /** A read rejects. */
  readonly rejectedRead?: number;
  /** The disk is full from this commit on, for `NO_SPACE_COMMITS` commits: none of them is written. */
  readonly noSpace?: number;
  /** Faults at certain commits, counted from 0, instead of by chance. */
  readonly planned?: ReadonlyMap<number, CommitFault>;
  /** Waits for delayed commits; turns of the event loop unless given. */
  readonly delay?: (fraction: number) => Promise<void>;
}

/** What may befall one commit. */
export type CommitFault = 'rejectedBefore' | 'rejectedAfter' | 'conflict' | 'delayed' | 'noSpace';

export const COMMIT_FAULTS: readonly CommitFault[] = [
  'rejectedBefore',
  'rejectedAfter',
  'conflict',
  'delayed',
  'noSpace',
];

export type StoreFault = CommitFault | 'rejectedRead';

/** A full disk stays full for a while: several commits in a row, repetitions among them, find no room. */
export const NO_SPACE_COMMITS = 5;

export interface FaultyStore extends Store {
  /** Commits asked for so far. */
  readonly commits: number;
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
    get commits() {
      return plan.commits;
    },
    calm: () => plan.calm(),
  };
}

class FaultPlan {
  readonly happened: Record<StoreFault, number> = {
    rejectedBefore: 0,
    rejectedAfter: 0,
    conflict: 0,
    delayed: 0,
    noSpace: 0,
    rejectedRead: 0,
  };
  commits = 0;
  readonly #faults: StoreFaults;
  readonly #random: SeededRandom;
  #fullFor = 0;
  #isCalm = false;

  constructor(faults: StoreFaults) {
    this.#faults = faults;
    this.#random = new SeededRandom(faults.seed);
  }

  calm(): void {
    this.#isCalm = true;
  }

  /** What the next commit meets. Everything is drawn now, so that it does not depend on how long the store takes. */
  next(entries: readonly CommitEntry[]): CommitPlan {
    const planned = this.#isCalm ? undefined : this.#faults.planned?.get(this.commits);
    this.commits++;
    const strikes = (fault: CommitFault): boolean => this.#strikes(fault, planned);
    const wait = strikes('delayed') ? this.#random.fraction() : null;
    if (this.#fullFor > 0) this.#fullFor--;
    else if (strikes('noSpace')) this.#fullFor = NO_SPACE_COMMITS - 1;
    else {
      const isLost = strikes('rejectedBefore');
      const isUnknown = !isLost && strikes('rejectedAfter');
      // Only where there are records: an entry without them has no fence.
      const isConflict = entries.map(({ data }) => !isLost && data !== null && strikes('conflict'));
      return { wait, isFull: false, isLost, isUnknown, isConflict };
    }
    return { wait, isFull: !this.#isCalm, isLost: false, isUnknown: false, isConflict: [] };
  }

  strikesRead(): boolean {
    return this.#strikes('rejectedRead', undefined);
  }

  wait(fraction: number): Promise<void> {
    return (this.#faults.delay ?? delayTurns)(fraction);
  }

  #strikes(fault: StoreFault, planned: CommitFault | undefined): boolean {
    if (this.#isCalm) return false;
    const drawn = this.#random.fraction() < (this.#faults[fault] ?? 0);
    if (!drawn && planned !== fault) return false;
    this.happened[fault]++;
    return true;
  }
}

interface CommitPlan {
  /** From 0 to 1; null = it is not delayed. */
  readonly wait: number | null;
  readonly isFull: boolean;
  readonly isLost: boolean;
  readonly isUnknown: boolean;
  readonly isConflict: readonly boolean[];
}

async function delayTurns(fraction: number): Promise<void> {
  const turns = 1 + Math.floor(fraction * DELAY_TURNS_MAX);
  for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
}

async function commitFaultily(store: Store, commit: Commit, plan: FaultPlan): Promise<CommitResult> {
  const { wait, isFull, isLost, isUnknown, isConflict } = plan.next(commit.entries);
  if (wait !== null && wait < 0.5) await plan.wait(wait);
  if (isFull) throw new StoreUnavailable('Expected room for the commit, but the disk is full, as planned.');
  if (isLost) throw new StoreUnavailable('Expected the commit to be written, but a planned fault came before it.');
  const entries = commit.entries.filter((_, index) => !isConflict[index]);
  const writes = isConflict.includes(true) ? [] : commit.writes;
  const written = [...(await store.commit({ entries, writes })).outcomes];
  if (wait !== null && wait >= 0.5) await plan.wait(wait);
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
  if (plan.strikesRead()) throw new StoreUnavailable('Expected an answer to the read, but a fault was planned.');
  return await read();
}
