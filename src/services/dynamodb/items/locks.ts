/** One holder a name at a time, in the order of asking. Several names are taken in one order, so nobody waits in a circle. */
export class Locks {
  readonly #tails = new Map<string, Promise<void>>();

  async hold<T>(names: readonly string[], work: () => Promise<T>): Promise<T> {
    const releases: (() => void)[] = [];
    const ordered = names.length > 1 ? [...new Set(names)].sort() : names;
    try {
      for (const name of ordered) releases.push(await this.#take(name));
      return await work();
    } finally {
      for (const release of releases) release();
    }
  }

  async #take(name: string): Promise<() => void> {
    const before = this.#tails.get(name);
    let free: () => void = () => undefined;
    const tail = new Promise<void>((resolve) => {
      free = resolve;
    });
    this.#tails.set(name, tail);
    if (before !== undefined) await before;
    return () => {
      if (this.#tails.get(name) === tail) this.#tails.delete(name);
      free();
    };
  }
}
