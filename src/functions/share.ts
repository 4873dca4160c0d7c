import type { Call } from './sandbox.js';

/** Who waits for calls of the same function to end. */
export interface Sharer {
  advance(): void;
}

/** The calls at once that a function allows: to all of its versions together. */
export class Share {
  readonly #underWay = new Set<Call>();
  /** Whoever took last is asked last. */
  readonly #sharers = new Set<Sharer>();

  /** At most so many calls; 0 refuses every one. */
  constructor(public callsMax: number) {}

  /** Is asked again when a call is over, until it leaves. */
  join(sharer: Sharer): void {
    this.#sharers.add(sharer);
  }

  leave(sharer: Sharer): void {
    this.#sharers.delete(sharer);
  }

  get hasRoom(): boolean {
    return this.#underWay.size < this.callsMax;
  }

  take(call: Call, sharer: Sharer): void {
    this.#underWay.add(call);
    if (!this.#sharers.delete(sharer)) return;
    this.#sharers.add(sharer);
  }

  /** Of a call that is over, whether it was under way or not. */
  giveBack(call: Call): void {
    if (this.#underWay.delete(call)) this.wake();
  }

  wake(): void {
    for (const sharer of [...this.#sharers]) sharer.advance();
  }
}
