import type { ExecutionStore, RecordStore, Store } from '../store/ports.js';

/** A store as one process sees it: after its death nothing is written, and nothing is answered. */
export interface MortalStore extends Store {
  /** At once, as SIGKILL: a call under way is never answered. */
  die(): void;
}

export function mortalStore(store: Store): MortalStore {
  let isDead = false;
  const call = async <T>(work: () => Promise<T>): Promise<T> => {
    if (isDead) return await new Promise<T>(() => undefined);
    let outcome: { readonly value: T } | { readonly fault: unknown };
    try {
      outcome = { value: await work() };
    } catch (fault) {
      outcome = { fault };
    }
    if (isDead) return await new Promise<T>(() => undefined);
    if ('fault' in outcome) throw outcome.fault;
    return outcome.value;
  };
  const { executions: e, records: r } = store;
  const executions: ExecutionStore = {
    nextId: () => call(() => e.nextId()),
    load: (execution, options) => call(() => e.load(execution, options)),
    find: (machine, name) => call(() => e.find(machine, name)),
    list: (query) => call(() => e.list(query)),
    outbox: (query) => call(() => e.outbox(query)),
    timers: (query) => call(() => e.timers(query)),
    deleteStopped: (query) => call(() => e.deleteStopped(query)),
  };
  const records: RecordStore = {
    get: (collection, key) => call(() => r.get(collection, key)),
    scan: (query) => call(() => r.scan(query)),
    write: (writes) => call(() => r.write(writes)),
  };
  return {
    executions,
    records,
    commit: (commit) => call(() => store.commit(commit)),
    statistics: () => store.statistics(),
    close: () => store.close(),
    die: () => {
      isDead = true;
    },
  };
}
