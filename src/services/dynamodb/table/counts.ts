import type { RecordStore } from '../../../store/ports.js';
import { parseItem } from '../values/attribute-value.js';
import { itemBytes } from '../values/item-size.js';
import type { Counted } from './describe.js';
import { itemsOf, type Table } from './table.js';

interface Count extends Counted {
  readonly at: number;
  /** How long it took; a table that takes long is counted less often. */
  readonly ms: number;
  readonly isUnderWay: boolean;
}

const SLICE_ITEMS = 500;
const SLICE_CHARS = 262_144;
/** AWS counts about every six hours; here when somebody asks, but not all the time. */
const FRESH_MS = 10_000;
const REST_FACTOR = 50;
const NOTHING: Count = { items: 0, bytes: 0, at: 0, ms: 0, isUnderWay: false };

/** How much is in tables. Counting reads a whole table, so it is done in the background and its last result is shown. */
export class TableCounts {
  readonly #counts = new Map<string, Count>();

  constructor(
    private readonly records: Pick<RecordStore, 'scan'>,
    private readonly now: () => number,
    private readonly background: (work: () => Promise<void>) => void,
    private readonly isOpen: () => boolean,
  ) {}

  of(table: Table): Counted {
    const count = this.#counts.get(table.id) ?? NOTHING;
    if (!count.isUnderWay && this.now() - count.at >= Math.max(FRESH_MS, count.ms * REST_FACTOR)) {
      this.#counts.set(table.id, { ...count, isUnderWay: true });
      this.background(() => this.#count(table));
    }
    return { items: count.items, bytes: count.bytes };
  }

  forget({ id }: Pick<Table, 'id'>): void {
    this.#counts.delete(id);
  }

  async #count(table: Table): Promise<void> {
    const begunAt = this.now();
    const query = { collection: itemsOf(table), prefix: '', limit: SLICE_ITEMS, charsMax: SLICE_CHARS };
    let items = 0;
    let bytes = 0;
    for (let after: string | null = null; this.isOpen(); ) {
      const rows: Awaited<ReturnType<RecordStore['scan']>> = await this.records.scan({ ...query, after });
      items += rows.length;
      bytes += rows.reduce((sum, { value }) => sum + itemBytes(parseItem(value)), 0);
      after = rows.at(-1)?.key ?? null;
      if (after === null) break;
    }
    if (!this.#counts.has(table.id)) return; // deleted meanwhile
    const at = this.now();
    this.#counts.set(table.id, { items, bytes, at, ms: at - begunAt, isUnderWay: false });
  }
}
