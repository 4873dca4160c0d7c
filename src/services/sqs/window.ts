interface Entry {
  readonly sequence: string;
  readonly groupId: string | null;
  /** Epoch milliseconds; in the past: it can be taken. */
  visibleAt: number;
  /** Somebody has it; its group is blocked meanwhile. */
  isTaken: boolean;
}

/** Order and visibility of a queue's next messages; bodies are elsewhere. */
export class Window {
  /** Those that can be taken, by sequence. */
  #visible: Entry[] = [];
  readonly #hidden = new Map<string, Entry>();
  /** How many of each group somebody has. */
  readonly #busyGroups = new Map<string, number>();
  #nextAt: number | null = null;
  /** The last `take` found messages, but none whose group is free. */
  isBlocked = false;

  constructor(private readonly hasGroups: boolean) {}

  get size(): number {
    return this.#visible.length + this.#hidden.size;
  }

  get visible(): number {
    return this.#visible.length;
  }

  /** When the next hidden message becomes visible; may be too early, never too late. */
  get nextAt(): number | null {
    return this.#nextAt;
  }

  /** The highest sequence held. */
  get last(): string | null {
    let last = this.#visible.at(-1)?.sequence ?? null;
    for (const sequence of this.#hidden.keys()) if (last === null || sequence > last) last = sequence;
    return last;
  }

  /** `visibleAt` 0: at once. */
  add(entry: Readonly<Entry>): void {
    const own = { ...entry };
    if (own.visibleAt === 0) this.#visible.splice(this.#placeOf(own.sequence), 0, own);
    else {
      this.#count(own, 1);
      this.#hide(own);
    }
  }

  /**
   * The first that can be taken; hidden from now on until the given time. Null when there is none. A group that somebody has
   * is blocked, but for those of `ownGroups`, to which the group is added.
   */
  take(visibleAgainAt: number, ownGroups: Set<string>): string | null {
    const index = this.hasGroups ? this.#visible.findIndex((entry) => this.#isFree(entry, ownGroups)) : 0;
    const entry = this.#visible[index];
    this.isBlocked = entry === undefined && this.#visible.length > 0;
    if (entry === undefined) return null;
    if (index === 0) this.#visible.shift();
    else this.#visible.splice(index, 1);
    if (entry.groupId !== null) ownGroups.add(entry.groupId);
    entry.isTaken = true;
    entry.visibleAt = visibleAgainAt;
    this.#count(entry, 1);
    this.#hide(entry);
    return entry.sequence;
  }

  isHidden(sequence: string): boolean {
    return this.#hidden.has(sequence);
  }

  hidden(): readonly string[] {
    return [...this.#hidden.keys()];
  }

  hideUntil(sequence: string, visibleAt: number): void {
    const entry = this.#hidden.get(sequence);
    if (entry === undefined) return;
    entry.visibleAt = visibleAt;
    this.#note(visibleAt);
  }

  drop(sequence: string): void {
    const entry = this.#hidden.get(sequence);
    this.#hidden.delete(sequence);
    if (entry !== undefined) this.#count(entry, -1);
    else this.#visible = this.#visible.filter((other) => other.sequence !== sequence);
  }

  clear(): void {
    this.#visible = [];
    this.#hidden.clear();
    this.#busyGroups.clear();
    this.#nextAt = null;
  }

  /** What is due becomes visible, in its old place. */
  release(now: number): void {
    if (this.#nextAt === null || this.#nextAt > now) return;
    this.#nextAt = null;
    for (const [sequence, { visibleAt }] of this.#hidden) {
      if (visibleAt <= now) this.#show(sequence);
      else this.#note(visibleAt);
    }
  }

  #hide(entry: Entry): void {
    this.#hidden.set(entry.sequence, entry);
    this.#note(entry.visibleAt);
  }

  #show(sequence: string): void {
    const entry = this.#hidden.get(sequence);
    if (entry === undefined) return;
    this.#hidden.delete(sequence);
    this.#count(entry, -1);
    entry.isTaken = false;
    this.#visible.splice(this.#placeOf(sequence), 0, entry);
  }

  /** Binary search: the visible ones are sorted. */
  #placeOf(sequence: string): number {
    let [low, high] = [0, this.#visible.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#visible[middle]?.sequence ?? '') < sequence) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** A message in hand counts for its group. */
  #count({ groupId, isTaken }: Entry, change: 1 | -1): void {
    if (groupId === null || !isTaken) return;
    const count = (this.#busyGroups.get(groupId) ?? 0) + change;
    if (count > 0) this.#busyGroups.set(groupId, count);
    else this.#busyGroups.delete(groupId);
  }

  #isFree({ groupId }: Entry, ownGroups: ReadonlySet<string>): boolean {
    return groupId === null || ownGroups.has(groupId) || !this.#busyGroups.has(groupId);
  }

  #note(visibleAt: number): void {
    if (this.#nextAt === null || visibleAt < this.#nextAt) this.#nextAt = visibleAt;
  }
}
