import { FOLLOW_ITEMS_MAX } from '../../limits.js';

/**
 * Stands between a source that pushes and a reader that pulls. At most `capacity` items wait; when one more comes the
 * buffer drops all, and the reader gets FollowerTooSlow: it asks again from the last item that it saw.
 */
export class FollowBuffer<Item> implements AsyncIterable<Item> {
  readonly #items: Item[] = [];
  #state: 'open' | 'ended' | 'overflowed' = 'open';
  #wake: (() => void) | null = null;

  constructor(private readonly capacity: number = FOLLOW_ITEMS_MAX) {}

  /** Does nothing after `end` or an overflow. */
  push(item: Item): void {
    if (this.#state !== 'open') return;
    if (this.#items.length >= this.capacity) {
      this.#items.length = 0;
      this.#state = 'overflowed';
    } else {
      this.#items.push(item);
    }
    this.#wake?.();
  }

  /** No more items come; those that wait are still read. */
  end(): void {
    if (this.#state === 'open') this.#state = 'ended';
    this.#wake?.();
  }

  /** One reader only. Throws FollowerTooSlow after an overflow. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Item> {
    while (true) {
      const item = this.#items.shift();
      if (item !== undefined) yield item;
      else if (this.#state === 'overflowed') throw new FollowerTooSlow(this.capacity);
      else if (this.#state === 'ended') return;
      else await this.#changed();
    }
  }

  #changed(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#wake = null;
        resolve();
      };
    });
  }
}

export class FollowerTooSlow extends Error {
  override readonly name = 'FollowerTooSlow';
  constructor(capacity: number) {
    super(
      `Expected the follower to keep up, but more than ${capacity} items waited. Ask again after the last one seen.`,
    );
  }
}
