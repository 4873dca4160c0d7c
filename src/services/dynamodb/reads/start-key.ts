import type { Item } from '../values/attribute-value.js';
import { checkItem, type RawItem } from '../values/check-attribute.js';
import { orRefused } from '../values/checked.js';

/** AWS puts its own words in front of most faults of a starting key, and not of these. */
const BARE = /contains duplicates|number set|numeric value|significant digits|number with magnitude/;

/** Throws TableFault. */
export function checkedStartKey(raw: RawItem | undefined): Item | null {
  if (raw === undefined) return null;
  return orRefused(
    () => checkItem(raw),
    (text) => (BARE.test(text) ? text : `The provided starting key is invalid: ${text}`),
  );
}
