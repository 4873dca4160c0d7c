import { type HistoryRecord, isEnd } from '../../interpreter/index.js';
import type { ExecutionId } from '../../store/ports.js';
import type { RecordListener } from '../ports.js';

/** Who follows which execution, whether that is in memory or not. */
export class Followers {
  readonly #listeners = new Map<ExecutionId, Set<RecordListener>>();

  /** Returns how to stop. */
  add(execution: ExecutionId, listener: RecordListener): () => void {
    const listeners = this.#listeners.get(execution) ?? new Set();
    this.#listeners.set(execution, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.#listeners.delete(execution);
    };
  }

  /** These records have become durable. */
  tell(execution: ExecutionId, records: readonly HistoryRecord[]): void {
    for (const listener of this.#listeners.get(execution) ?? []) listener(records);
  }

  /** Resolves with the execution's end; `isOver` may say that it has ended before. */
  end(execution: ExecutionId, isOver: () => Promise<boolean>): Promise<void> {
    return new Promise((resolve, reject) => {
      const stop = this.add(execution, (records) => {
        if (records.some(isEnd)) over();
      });
      const over = (): void => {
        stop();
        resolve();
      };
      isOver().then((hasEnded) => hasEnded && over(), reject);
    });
  }
}
