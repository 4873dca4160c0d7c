import type { HistoryRecord } from '../../interpreter/index.js';
import { HISTORY_KEPT_CHARS_MAX, HISTORY_KEPT_MS } from '../../limits/services.js';
import type { ExecutionRow } from '../../store/ports.js';

/**
 * The history that was read last, for the client that reads it page by page: records refer to earlier ones, so each page needs all of
 * them. Only an ended execution's is kept, which does not change, and for some seconds.
 */
export class EndedHistory {
  #kept: { readonly key: string; readonly records: readonly HistoryRecord[] } | null = null;
  #timer: NodeJS.Timeout | null = null;

  find(row: ExecutionRow): readonly HistoryRecord[] | null {
    if (row.status === 'RUNNING' || this.#kept?.key !== keyOf(row)) return null;
    this.#timer?.refresh();
    return this.#kept.records;
  }

  /** `chars`: of its stored text. */
  keep(row: ExecutionRow, records: readonly HistoryRecord[], chars: number): void {
    if (row.status === 'RUNNING' || chars > HISTORY_KEPT_CHARS_MAX) return;
    this.#kept = { key: keyOf(row), records };
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#kept = null;
    }, HISTORY_KEPT_MS).unref();
  }
}

/** A redrive opens the execution again, and has its own number. */
const keyOf = ({ execution, redriveCount }: ExecutionRow): string => `${execution}/${redriveCount}`;
