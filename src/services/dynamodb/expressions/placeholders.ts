import { validationFault } from '../fault.js';
import type { AttributeValue } from '../values/attribute-value.js';
import { checkAttribute, type RawItem, ValueFault } from '../values/check-attribute.js';

/** What `#name` and `:value` stand for in the expressions of one request; knows which have been used. */
export class Placeholders {
  readonly #names: ReadonlyMap<string, string>;
  readonly #values: ReadonlyMap<string, AttributeValue>;
  readonly #unusedNames: Set<string>;
  readonly #unusedValues: Set<string>;

  constructor(names: ReadonlyMap<string, string>, values: ReadonlyMap<string, AttributeValue>) {
    this.#names = names;
    this.#values = values;
    this.#unusedNames = new Set(names.keys());
    this.#unusedValues = new Set(values.keys());
  }

  name(placeholder: string): string | undefined {
    this.#unusedNames.delete(placeholder);
    return this.#names.get(placeholder);
  }

  value(placeholder: string): AttributeValue | undefined {
    this.#unusedValues.delete(placeholder);
    return this.#values.get(placeholder);
  }

  /** Throws TableFault when something was said and never used. */
  checkUsed(): void {
    for (const [what, unused] of [
      ['Names', this.#unusedNames],
      ['Values', this.#unusedValues],
    ] as const) {
      if (unused.size === 0) continue;
      throw validationFault(
        `Value provided in ExpressionAttribute${what} unused in expressions: keys: {${[...unused].join(', ')}}`,
      );
    }
  }
}

export interface PlaceholderInput {
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>>;
  readonly ExpressionAttributeValues?: RawItem;
}

/** Throws TableFault. */
export function placeholdersOf(input: PlaceholderInput): Placeholders {
  const { ExpressionAttributeNames: names, ExpressionAttributeValues: values } = input;
  if (names !== undefined) checkKeys('Names', names, /^#[0-9a-zA-Z_]+$/);
  if (values !== undefined) checkKeys('Values', values, /^:[0-9a-zA-Z_]+$/);
  return new Placeholders(new Map(Object.entries(names ?? {})), checkedValues(values ?? {}));
}

function checkKeys(what: 'Names' | 'Values', given: object, form: RegExp): void {
  const keys = Object.keys(given);
  if (keys.length === 0) throw validationFault(`ExpressionAttribute${what} must not be empty`);
  const wrong = keys.find((key) => !form.test(key));
  if (wrong === undefined) return;
  throw validationFault(`ExpressionAttribute${what} contains invalid key: Syntax error; key: "${wrong}"`);
}

function checkedValues(values: RawItem): ReadonlyMap<string, AttributeValue> {
  const checked = new Map<string, AttributeValue>();
  for (const [key, value] of Object.entries(values)) {
    try {
      checked.set(key, checkAttribute(value));
    } catch (fault) {
      if (!(fault instanceof ValueFault)) throw fault;
      throw validationFault(`ExpressionAttributeValues contains invalid value: ${fault.message} for key ${key}`);
    }
  }
  return checked;
}
