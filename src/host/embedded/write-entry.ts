import {
  type CommitEntry,
  type CommitOutcome,
  type CommitResult,
  type Store,
  StoreUnavailable,
} from '../../store/ports.js';
import type { Writes } from './document-writes.js';
import { NO_WRITES } from './open-waits.js';

/** Commits one entry with its documents. Rejects as `Store.commit` does. */
export function writeEntry(
  store: Pick<Store, 'commit'>,
  entry: CommitEntry,
  writes: Writes = NO_WRITES,
): Promise<CommitOutcome> {
  if (writes instanceof Promise) return writes.then((all) => writeEntry(store, entry, all));
  return store.commit({ entries: [entry], writes }).then(onlyOutcome);
}

function onlyOutcome({ outcomes }: CommitResult): CommitOutcome {
  const [outcome] = outcomes;
  if (outcome === undefined) throw new StoreUnavailable('The store gave no outcome.');
  return outcome;
}
