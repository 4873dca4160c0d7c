import type { RecordStore, RecordWrite } from '../../../store/ports.js';
import { RecordConflict } from '../../../store/ports.js';
import type { Performed } from '../../performed.js';
import { resourceNotFound } from '../fault.js';
import type { TableDirectory } from '../table/directory.js';
import { indexesOf, itemsOf, type Table } from '../table/table.js';
import { type Item, parseItem } from '../values/attribute-value.js';
import { type Change, indexWrites, itemWrite } from './change.js';
import type { Locks } from './locks.js';

/** Who made a change: a client, or the table service itself when an item expires. */
export type Origin = 'client' | 'expiry';

/** What is written besides items and indexes: expiries, streams, logs of changes, copies for backups. */
export interface Journal {
  needsOld(table: Table): boolean;
  writes(change: Change, origin: Origin): readonly RecordWrite[];
}

export interface Target {
  readonly table: Table;
  readonly key: string;
}

export interface Verdict<Body> {
  /** For each target the item as it is to be, null to delete it, or `keep`. */
  readonly items: readonly (Item | null | 'keep')[];
  readonly body: Body;
  /** Written in the same transaction. */
  readonly more?: readonly RecordWrite[];
}

export interface ItemWrite<Body> {
  readonly targets: readonly Target[];
  /** Whether `decide` looks at the items as they are. */
  readonly reads: boolean;
  /** Of a Task's call: with the same key the write is done once, and its answer given again. */
  readonly taskKey: string | undefined;
  readonly origin?: Origin;
  /** `olds` are `unknown` where nobody had to read them. Throws TableFault. */
  readonly decide: (olds: readonly (Item | null | 'unknown')[]) => Verdict<Body>;
}

export interface ItemWriterParts {
  readonly records: Pick<RecordStore, 'get' | 'write'>;
  readonly locks: Locks;
  readonly directory: TableDirectory;
  readonly performed: Performed;
  readonly journal: Journal;
}

/**
 * Every change of items goes through here: one holder an item, one transaction for the item, its index entries, what the journal
 * adds, and the mark that a Task's call has been performed.
 */
export class ItemWriter {
  constructor(private readonly parts: ItemWriterParts) {}

  write<Body>(write: ItemWrite<Body>): Promise<Body> {
    const names = write.targets.map(({ table, key }) => `${table.id}/${key}`);
    return this.parts.locks.hold(names, () => this.#locked(write));
  }

  async #locked<Body>(write: ItemWrite<Body>): Promise<Body> {
    const { taskKey } = write;
    const isReading = write.reads || this.#needsOld(write.targets);
    const [before, olds] = await Promise.all([
      taskKey === undefined ? null : this.parts.performed.find(taskKey),
      isReading ? Promise.all(write.targets.map((target) => this.#read(target))) : null,
    ]);
    if (before !== null) return JSON.parse(before) as Body; // our own text, of the same call
    // Indexes may have been added while it was read; from here on nothing comes in between.
    if (olds === null && this.#needsOld(write.targets)) return this.#locked({ ...write, reads: true });
    const verdict = write.decide(olds ?? write.targets.map(() => 'unknown' as const));
    await this.#commit(write, verdict, olds);
    return verdict.body;
  }

  async #commit<Body>(
    { targets, taskKey, origin = 'client' }: ItemWrite<Body>,
    { items, body, more = [] }: Verdict<Body>,
    olds: readonly (Item | null)[] | null,
  ): Promise<void> {
    const writes: RecordWrite[] = [...more];
    for (const [at, target] of targets.entries()) {
      const item = items[at] ?? null;
      if (item === 'keep') continue;
      const table = this.#current(target);
      const old = olds?.[at];
      const change: Change = { table, key: target.key, old: old === undefined ? 'unknown' : old, item };
      writes.push(itemWrite(change), ...indexWrites(change), ...this.parts.journal.writes(change, origin));
    }
    if (writes.length === 0) return;
    if (taskKey === undefined) return this.parts.records.write(writes);
    await this.#writeOnce(taskKey, JSON.stringify(body), writes);
  }

  /** A conflict says that the same call was performed meanwhile: then this one did nothing, and that one's effect is ours. */
  async #writeOnce(taskKey: string, result: string, writes: readonly RecordWrite[]): Promise<void> {
    const mark = this.parts.performed.markOf(taskKey, result);
    try {
      await this.parts.records.write([mark, ...writes]);
    } catch (fault) {
      if (!(fault instanceof RecordConflict) || fault.collection !== mark.collection) throw fault;
    }
  }

  #needsOld(targets: readonly Target[]): boolean {
    return targets.some((target) => {
      const table = this.#current(target);
      return indexesOf(table).length > 0 || this.parts.journal.needsOld(table);
    });
  }

  #current({ table }: Target): Table {
    const current = this.parts.directory.current(table);
    if (current === null) throw resourceNotFound('Requested resource not found');
    return current;
  }

  async #read({ table, key }: Target): Promise<Item | null> {
    const text = await this.parts.records.get(itemsOf(table), key);
    return text === null ? null : parseItem(text);
  }
}
