import { ACTIVITY_SCAN_ROWS } from '../limits.js';
import type { RecordStore } from '../store/ports.js';
import { putJson } from '../store/record-writes.js';
import type { Clock } from './ports.js';

/** A task that waits for a worker of its activity. */
export interface QueuedTask {
  readonly executionArn: string;
  /** Seq of the execution's scheduled record. */
  readonly task: number;
  readonly input: string;
}

/** A queued task in somebody's hands: nobody else gets it until it is dropped or given back. */
export interface TakenTask extends QueuedTask {
  readonly activityArn: string;
  readonly row: string;
}

const COLLECTION = 'activity-task';

/** The tasks of activities, durable, first in first out. */
export class ActivityQueue {
  readonly #taken = new Set<string>();
  readonly #sleepers = new Map<string, Set<() => void>>();
  #order = 0;

  constructor(
    private readonly records: Pick<RecordStore, 'scan' | 'write'>,
    private readonly clock: Pick<Clock, 'now'>,
  ) {}

  /** The task is durable when it resolves. One that is queued again after a crash stands there twice: whoever takes the second finds it begun. */
  async enqueue(activityArn: string, task: QueuedTask): Promise<void> {
    this.#order = (this.#order + 1) % 1_000_000;
    const at = String(this.clock.now()).padStart(13, '0');
    const row = `${activityArn} ${at}.${String(this.#order).padStart(6, '0')}.${task.task}`;
    await this.records.write([putJson(COLLECTION, row, task)]);
    this.#wake(activityArn);
  }

  /** The oldest task that nobody holds; waits for one until the signal is aborted, and is null then. */
  async take(activityArn: string, signal: AbortSignal): Promise<TakenTask | null> {
    while (!signal.aborted) {
      // Asked before looking: what comes meanwhile wakes us.
      const sleep = this.#sleeper(activityArn, signal);
      try {
        const task = await this.#oldest(activityArn);
        if (task !== null && !signal.aborted) return task;
        if (task !== null) this.giveBack(task);
        else await sleep.woken;
      } finally {
        sleep.end();
      }
    }
    return null;
  }

  /** It has a worker, or nobody waits for it any more. */
  async drop({ row }: TakenTask): Promise<void> {
    await this.records.write([{ type: 'delete', collection: COLLECTION, key: row }]);
    this.#taken.delete(row);
  }

  giveBack({ row, activityArn }: TakenTask): void {
    this.#taken.delete(row);
    this.#wake(activityArn);
  }

  async #oldest(activityArn: string): Promise<TakenTask | null> {
    for (let after: string | null = null; ; ) {
      const query = { collection: COLLECTION, prefix: `${activityArn} `, after, limit: ACTIVITY_SCAN_ROWS };
      const rows: readonly { readonly key: string; readonly value: string }[] = await this.records.scan(query);
      const free = rows.find(({ key }) => !this.#taken.has(key));
      if (free !== undefined) {
        this.#taken.add(free.key);
        return { ...(JSON.parse(free.value) as QueuedTask), activityArn, row: free.key }; // our own text
      }
      after = rows.at(-1)?.key ?? null;
      if (rows.length < ACTIVITY_SCAN_ROWS || after === null) return null;
    }
  }

  #sleeper(activityArn: string, signal: AbortSignal): { readonly woken: Promise<void>; readonly end: () => void } {
    const sleepers = this.#sleepers.get(activityArn) ?? new Set();
    this.#sleepers.set(activityArn, sleepers);
    let wake = (): void => undefined;
    const woken = new Promise<void>((resolve) => {
      wake = resolve;
    });
    sleepers.add(wake);
    signal.addEventListener('abort', wake, { once: true });
    const end = (): void => {
      sleepers.delete(wake);
      signal.removeEventListener('abort', wake);
      if (sleepers.size === 0 && this.#sleepers.get(activityArn) === sleepers) this.#sleepers.delete(activityArn);
    };
    return { woken, end };
  }

  /** All of them look again: which of them are about to give up is not known. */
  #wake(activityArn: string): void {
    for (const wake of this.#sleepers.get(activityArn) ?? []) wake();
  }
}
