import { TABLE_PAGE_BYTES_MAX, TABLE_READ_CHARS, TABLE_READ_ITEMS } from '../../../limits/services.js';
import type { RecordStore } from '../../../store/ports.js';
import { type Projection, project } from '../expressions/projection.js';
import { type CapacityAsked, consumedMember, readUnits } from '../items/capacity.js';
import { itemKey, keyValue } from '../keys/item-key.js';
import { itemsOf } from '../table/table.js';
import { type Item, newItem, parseItem } from '../values/attribute-value.js';
import { itemBytes } from '../values/item-size.js';
import type { ReadTarget, Select } from './read-target.js';

/** Keys that are read, in the store's order. */
export interface Bounds {
  readonly prefix: string;
  /** Exclusive. */
  readonly after: string | null;
  readonly before: string | null;
  readonly isDescending: boolean;
}

export interface PageQuery {
  readonly target: ReadTarget;
  readonly bounds: Bounds;
  readonly limit: number | undefined;
  readonly filter: ((item: Item) => boolean) | null;
  readonly projection: Projection | null;
  /** Whether items come from the table, not from the index. */
  readonly fetches: boolean;
  readonly select: Select;
  readonly asked: CapacityAsked;
  readonly isConsistent: boolean | undefined;
}

interface Progress {
  scanned: number;
  indexBytes: number;
  tableBytes: number;
  last: Item | null;
  isCut: boolean;
}

/** One page of a Query or Scan: as many items as fit into 1 MB or the limit, filtered afterwards. */
export async function readPage(records: Pick<RecordStore, 'get' | 'scan'>, query: PageQuery): Promise<object> {
  const progress: Progress = { scanned: 0, indexBytes: 0, tableBytes: 0, last: null, isCut: false };
  const items: Item[] = [];
  let { after, before } = query.bounds;
  for (let isEnd = false; !isEnd && !progress.isCut; ) {
    const left = (query.limit ?? Number.POSITIVE_INFINITY) - progress.scanned;
    const limit = Math.min(left, TABLE_READ_ITEMS);
    const { prefix, isDescending } = query.bounds;
    const { collection } = query.target;
    const rows = await records.scan({
      collection,
      prefix,
      after,
      before,
      isDescending,
      limit,
      charsMax: TABLE_READ_CHARS,
    });
    const found = await Promise.all(rows.map(({ value }) => itemOf(records, query, value)));
    for (const { entry, item } of found) {
      if (progress.isCut) break;
      note(progress, query, { entry, item });
      if (query.filter === null || query.filter(item)) items.push(item);
    }
    const last = rows.at(-1);
    if (last === undefined) isEnd = true;
    else if (isDescending) before = last.key;
    else after = last.key;
    if (rows.length < limit && charsOf(rows) < TABLE_READ_CHARS) isEnd = true;
  }
  return answer(query, progress, items);
}

const charsOf = (rows: ReadonlyArray<{ readonly value: string }>): number =>
  rows.reduce((sum, { value }) => sum + value.length, 0);

async function itemOf(
  records: Pick<RecordStore, 'get'>,
  { target, fetches }: PageQuery,
  text: string,
): Promise<{ readonly entry: Item; readonly item: Item }> {
  const entry = parseItem(text);
  if (!fetches) return { entry, item: entry };
  const whole = await records.get(itemsOf(target.table), itemKey(target.table, entry));
  return { entry, item: whole === null ? entry : parseItem(whole) };
}

function note(
  progress: Progress,
  { target, limit, fetches }: PageQuery,
  { entry, item }: { readonly entry: Item; readonly item: Item },
): void {
  progress.scanned += 1;
  progress.last = entry;
  const bytes = itemBytes(entry);
  if (target.index === null) progress.tableBytes += bytes;
  else progress.indexBytes += bytes;
  if (fetches) progress.tableBytes += itemBytes(item);
  const seen = target.index === null ? progress.tableBytes : progress.indexBytes;
  progress.isCut = progress.scanned >= (limit ?? Number.POSITIVE_INFINITY) || seen >= TABLE_PAGE_BYTES_MAX;
}

function answer(query: PageQuery, progress: Progress, items: readonly Item[]): object {
  const { select, projection, asked } = query;
  const { last, isCut } = progress;
  const shown = projection === null ? items : items.map((item) => project(projection, item));
  return {
    ...(select !== 'COUNT' && { Items: shown }),
    Count: items.length,
    ScannedCount: progress.scanned,
    ...(isCut && last !== null && { LastEvaluatedKey: startKeyOf(query.target, last) }),
    ...consumedMember(asked, consumed(query, progress)),
  };
}

function startKeyOf({ startNames }: ReadTarget, item: Item): Item {
  const key = newItem();
  for (const name of startNames) key[name] = keyValue(item, name);
  return key;
}

function consumed({ target, isConsistent, fetches }: PageQuery, { indexBytes, tableBytes }: Progress) {
  const { table, index, isLocal } = target;
  const ofIndex = index === null ? null : new Map([[index.name, readUnits(indexBytes, isConsistent)]]);
  return {
    table: table.name,
    tableUnits: index === null || fetches ? readUnits(tableBytes, isConsistent) : 0,
    ...(ofIndex !== null && (isLocal ? { localIndexes: ofIndex } : { globalIndexes: ofIndex })),
  };
}
