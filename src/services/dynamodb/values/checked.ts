import { validationFault } from '../fault.js';
import type { AttributeValue, Item } from './attribute-value.js';
import { checkAttribute, checkItem, type RawAttribute, type RawItem, ValueFault } from './check-attribute.js';

/** Throws TableFault. */
export const checkedItem = (raw: RawItem): Item => orRefused(() => checkItem(raw));

/** Throws TableFault. */
export const checkedAttribute = (raw: RawAttribute): AttributeValue => orRefused(() => checkAttribute(raw));

/** `wording` gives the whole text of the refusal. */
export function orRefused<T>(check: () => T, wording: (text: string) => string = (text) => text): T {
  try {
    return check();
  } catch (fault) {
    throw fault instanceof ValueFault ? validationFault(wording(fault.message)) : fault;
  }
}
