/** Below this many items a batch is never cut short. */
const CUT_ITEMS_MIN = 16;

/**
 * Natural batching: one batch is under way at a time, and everything that arrives meanwhile is the next one. A fixed delay, or more
 * batches under way, collapses on a slow disk.
 */
export class BatchQueue<Item, Result> {
  readonly #perform: (items: readonly Item[]) => Promise<readonly (Result | Error)[]>;
  readonly #sizeMax: number;
  #waiting: Waiting<Item, Result>[] = [];
  #underWay = 0;
  /**
   * So many items do not wait for the end of the turn: callers that all wait for the same batch would else take turns with
   * the storage thread. Half of them go ahead, and from then on one half is written while the other is decided. Fewer than half
   * wait for the others, until the turn ends: a small batch and a large one in turns would be no better than one.
   */
  #cutAt = CUT_ITEMS_MIN;
  #isScheduled = false;
  #whenIdle: (() => void)[] = [];

  /** `perform` answers in the order of its items. A batch holds at least one item, and no more than `sizeMax` of size. */
  constructor(
    perform: (items: readonly Item[]) => Promise<readonly (Result | Error)[]>,
    options: { readonly sizeMax: number },
  ) {
    this.#perform = perform;
    this.#sizeMax = options.sizeMax;
  }

  /** Items not answered yet. */
  get length(): number {
    return this.#waiting.length + this.#underWay;
  }

  push(item: Item, options: { readonly size: number }): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, size: options.size, resolve, reject });
      if (this.#waiting.length >= this.#cutAt && this.#underWay === 0)
        void this.#flush(); // never rejects
      else this.#schedule();
    });
  }

  /** Resolves when everything pushed so far, and while waiting, has been answered. */
  idle(): Promise<void> {
    if (this.length === 0) return Promise.resolve();
    return new Promise((resolve) => this.#whenIdle.push(resolve));
  }

  #schedule(): void {
    if (this.#isScheduled || this.#underWay > 0 || this.#waiting.length === 0) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      if (this.#underWay === 0 && this.#waiting.length > 0) void this.#flush(); // never rejects
    });
  }

  async #flush(): Promise<void> {
    const batch = this.#take();
    this.#underWay = batch.length;
    const results = await this.#outcomes(batch);
    this.#underWay = 0;
    this.#cutAt = Math.max(CUT_ITEMS_MIN, (batch.length + this.#waiting.length) >> 1);
    if (this.#waiting.length >= this.#cutAt)
      void this.#flush(); // the storage thread works on while the answers are taken
    else this.#schedule();
    for (const [index, waiting] of batch.entries()) settle(waiting, results[index]);
    if (this.length > 0) return;
    for (const resolve of this.#whenIdle.splice(0)) resolve();
  }

  async #outcomes(batch: readonly Waiting<Item, Result>[]): Promise<readonly (Result | Error | undefined)[]> {
    try {
      return await this.#perform(batch.map((waiting) => waiting.item));
    } catch (error) {
      const fault = error instanceof Error ? error : new Error(String(error));
      return batch.map(() => fault);
    }
  }

  #take(): Waiting<Item, Result>[] {
    let size = 0;
    let count = 0;
    for (const waiting of this.#waiting) {
      size += waiting.size;
      if (count > 0 && size > this.#sizeMax) break;
      count++;
    }
    const batch = this.#waiting.slice(0, count);
    this.#waiting = this.#waiting.slice(count);
    return batch;
  }
}

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly size: number;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: Error) => void;
}

function settle<Item, Result>(waiting: Waiting<Item, Result>, result: Result | Error | undefined): void {
  if (result === undefined)
    waiting.reject(new Error('Expected an answer to every item of the batch, but one is missing.'));
  else if (result instanceof Error) waiting.reject(result);
  else waiting.resolve(result);
}
