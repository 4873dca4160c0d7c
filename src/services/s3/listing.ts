import { OBJECT_SCAN_ITEMS } from '../../limits/services.js';

export interface ListQuery {
  readonly prefix: string;
  /** Null = none: nothing is folded. */
  readonly delimiter: string | null;
  /** Only what comes after this name: a key (with `\u0001` and an upload's id for uploads), or a common prefix; null = all. */
  readonly after: string | null;
  /** Items and common prefixes together. */
  readonly limit: number;
}

export interface Listing<T> {
  readonly items: readonly T[];
  readonly commonPrefixes: readonly string[];
  /** The last name of this page where more follow, to be given as `after`; else null. */
  readonly next: string | null;
}

/** How the names to be listed are read. */
export interface Names<T> {
  /** Ascending by UTF-8 bytes, all with the query's prefix, after the given one. */
  scan(after: string | null, limit: number): Promise<readonly T[]>;
  keyOf(item: T): string;
  /** What `after` calls it. */
  placeOf(item: T): string;
}

/**
 * One page of names. Those with the delimiter after the prefix are folded into one common prefix, and a page that begins within one
 * does not show it again. Each look at the store brings at least one new line of the answer, however many names are folded.
 */
export async function listNames<T>(query: ListQuery, names: Names<T>): Promise<Listing<T>> {
  const { prefix, delimiter, limit } = query;
  const items: T[] = [];
  const commonPrefixes: string[] = [];
  const foldOf = (name: string): string | null => commonPrefixOf(name, prefix, delimiter);
  let fold = query.after === null ? null : foldOf(query.after);
  let after = fold === null ? query.after : lastWithin(fold);
  let last: string | null = null;
  if (limit === 0) return { items, commonPrefixes, next: null };
  for (;;) {
    const wanted = delimiter === null ? limit - items.length + 1 : OBJECT_SCAN_ITEMS;
    const batch = await names.scan(after, wanted);
    for (const item of batch) {
      const found = foldOf(names.keyOf(item));
      if (found !== null && found === fold) continue;
      if (items.length + commonPrefixes.length === limit) return { items, commonPrefixes, next: last };
      fold = found;
      if (found === null) items.push(item);
      else commonPrefixes.push(found);
      last = found ?? names.placeOf(item);
    }
    const end = batch.at(-1);
    if (end === undefined || batch.length < wanted) return { items, commonPrefixes, next: null };
    after = later(names.placeOf(end), fold === null ? null : lastWithin(fold));
  }
}

/** Null where the name is not folded. */
export function commonPrefixOf(name: string, prefix: string, delimiter: string | null): string | null {
  if (delimiter === null || delimiter === '' || !name.startsWith(prefix)) return null;
  const at = name.indexOf(delimiter, prefix.length);
  return at < 0 ? null : name.slice(0, at + delimiter.length);
}

/** Greater than all names within the common prefix, but for such as have the last code point there: those are met and skipped. */
const lastWithin = (fold: string): string => `${fold}\u{10ffff}`;

/** By UTF-8 bytes; UTF-16 sorts differently. */
const later = (place: string, skipped: string | null): string =>
  skipped !== null && Buffer.compare(Buffer.from(skipped), Buffer.from(place)) > 0 ? skipped : place;
