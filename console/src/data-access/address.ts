import { useMemo, useSyncExternalStore } from 'react';
import type { ExecutionStatus, ExecutionsFilter } from './server.js';

const STATUSES: readonly string[] = ['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'];
const CHANGED = 'treadle:address';

/** The filter that the page's address asks for; it is kept nowhere else. Unknown values are left out. */
export function filterOf(search: string): ExecutionsFilter {
  const query = new URLSearchParams(search);
  const status = query.get('status');
  return { machine: query.get('machine'), status: isStatus(status) ? status : null, after: query.get('after') };
}

/** The address' query for a filter; empty when it asks for everything. */
export function searchOf(filter: ExecutionsFilter): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(filter)) if (value !== null) query.set(name, value);
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}

const isStatus = (text: string | null): text is ExecutionStatus => text !== null && STATUSES.includes(text);

/** The filter in the address, and how to go to another one (the browser's back button returns). */
export function useFilter(): [ExecutionsFilter, (filter: ExecutionsFilter) => void] {
  const search = useSyncExternalStore(subscribe, () => window.location.search);
  const filter = useMemo(() => filterOf(search), [search]);
  return [filter, goTo];
}

function goTo(filter: ExecutionsFilter): void {
  window.history.pushState(null, '', `${window.location.pathname}${searchOf(filter)}`);
  window.dispatchEvent(new Event(CHANGED));
}

function subscribe(changed: () => void): () => void {
  window.addEventListener('popstate', changed);
  window.addEventListener(CHANGED, changed);
  return () => {
    window.removeEventListener('popstate', changed);
    window.removeEventListener(CHANGED, changed);
  };
}
