/** Whoever waits or holds, in order of arrival. */
interface Queue {
  holders: number;
  isExclusive: boolean;
  readonly waiting: { readonly isExclusive: boolean; readonly enter: () => void }[];
}

/**
 * Locks by name within this process (which has the data folder alone): many may share one, or one has it exclusively. First come,
 * first served, so that nobody starves. Held for metadata only, never while a body travels.
 */
export class Locks {
  readonly #queues = new Map<string, Queue>();

  shared<T>(name: string, work: () => Promise<T>): Promise<T> {
    return this.#hold(name, false, work);
  }

  exclusive<T>(name: string, work: () => Promise<T>): Promise<T> {
    return this.#hold(name, true, work);
  }

  async #hold<T>(name: string, isExclusive: boolean, work: () => Promise<T>): Promise<T> {
    const queue = this.#queues.get(name) ?? { holders: 0, isExclusive: false, waiting: [] };
    this.#queues.set(name, queue);
    const isFree = queue.holders === 0 || (!isExclusive && !queue.isExclusive && queue.waiting.length === 0);
    if (isFree) admit(queue, isExclusive);
    else await new Promise<void>((enter) => queue.waiting.push({ isExclusive, enter }));
    try {
      return await work();
    } finally {
      this.#leave(name, queue);
    }
  }

  #leave(name: string, queue: Queue): void {
    queue.holders -= 1;
    for (let next = queue.waiting[0]; next !== undefined; next = queue.waiting[0]) {
      const fits = queue.holders === 0 || (!next.isExclusive && !queue.isExclusive);
      if (!fits) return;
      queue.waiting.shift();
      admit(queue, next.isExclusive);
      next.enter();
    }
    if (queue.holders === 0) this.#queues.delete(name);
  }
}

function admit(queue: Queue, isExclusive: boolean): void {
  queue.holders += 1;
  queue.isExclusive = isExclusive;
}
