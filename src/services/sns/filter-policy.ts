import {
  isArray,
  isNumber,
  isObject,
  type JsonObject,
  type JsonValue,
  keysOf,
  memberOf,
  numberOf,
  parseJson,
} from '../../payload/index.js';
import { invalidParameter } from './fault.js';
import type { MessageAttribute } from './message.js';

/** Which messages a subscription wants. */
export type FilterPolicy = (message: FilteredMessage) => boolean;

export interface FilteredMessage {
  readonly message: string;
  readonly attributes: Readonly<Record<string, MessageAttribute>>;
}

/** Decides on the values found at one key; none = the key is missing. */
type Condition = (values: readonly JsonValue[]) => boolean;
/** Decides on an object of attributes or on the message's body. */
type Rule = (lookUp: (key: string) => JsonValue | undefined) => boolean;

/** AWS: keys of a policy. Nesting is bounded by the parser. */
const KEYS_MAX = 5;
/** AWS: combinations that a policy's lists make. */
const COMBINATIONS_MAX = 150;

/**
 * Compiles a FilterPolicy. Operators: exact values, `prefix`, `suffix`, `equals-ignore-case`, `anything-but`, `numeric`,
 * `exists`, and `$or`; others are refused by name. Throws SnsFault.
 */
export function compileFilterPolicy(text: string, scope: 'MessageAttributes' | 'MessageBody'): FilterPolicy {
  let policy: JsonValue;
  try {
    policy = parseJson(text);
  } catch {
    throw faulty('failed to parse JSON.');
  }
  if (!isObject(policy)) throw faulty('must be a JSON object.');
  if (keysOf(policy).length > KEYS_MAX) throw faulty(`Filter policy can not have more than ${KEYS_MAX} keys`);
  if (combinationsOf(policy) > COMBINATIONS_MAX) throw faulty('Filter policy is too complex');
  const rule = compileObject(policy, scope === 'MessageBody');
  if (scope === 'MessageAttributes') return ({ attributes }) => rule((key) => attributeValue(attributes, key));
  return ({ message }) => {
    const body = parsedBody(message);
    return body !== null && rule((key) => memberOf(body, key));
  };
}

const faulty = (what: string): Error => invalidParameter(`FilterPolicy: ${what}`);

function combinationsOf(policy: JsonObject): number {
  let product = 1;
  for (const key of keysOf(policy)) {
    const value = memberOf(policy, key);
    if (isArray(value)) product *= value.length;
    else if (isObject(value)) product *= combinationsOf(value);
  }
  return product;
}

function parsedBody(message: string): JsonObject | null {
  try {
    const body = parseJson(message);
    return isObject(body) ? body : null;
  } catch {
    return null;
  }
}

function attributeValue(attributes: Readonly<Record<string, MessageAttribute>>, key: string): JsonValue | undefined {
  const attribute = Object.hasOwn(attributes, key) ? attributes[key] : undefined;
  if (attribute?.stringValue === undefined) return undefined;
  if (attribute.dataType.startsWith('Number')) return Number(attribute.stringValue);
  if (!attribute.dataType.startsWith('String.Array')) return attribute.stringValue;
  try {
    return parseJson(attribute.stringValue);
  } catch {
    return undefined;
  }
}

function compileObject(policy: JsonObject, isNested: boolean): Rule {
  const rules = keysOf(policy).map((key) => compileKey(key, memberOf(policy, key), isNested));
  return (lookUp) => rules.every((rule) => rule(lookUp));
}

function compileKey(key: string, value: JsonValue | undefined, isNested: boolean): Rule {
  if (key === '$or' && isArray(value) && value.length > 1 && value.every((item) => isObject(item))) {
    const options = value.map((item) => compileObject(isObject(item) ? item : {}, isNested));
    return (lookUp) => options.some((option) => option(lookUp));
  }
  if (isArray(value)) {
    if (value.length === 0) throw faulty('Empty arrays are not allowed');
    const conditions = value.map(compileCondition);
    return (lookUp) => {
      const found = lookUp(key);
      const values = found === undefined ? [] : isArray(found) ? found : [found];
      return conditions.some((condition) => condition(values));
    };
  }
  if (!isObject(value)) throw faulty(`"${key}" must be an object or an array`);
  if (!isNested) throw faulty('Filter policy scope MessageAttributes does not support nested filter policy');
  const inner = compileObject(value, true);
  return (lookUp) => {
    const found = lookUp(key);
    return isObject(found) && inner((name) => memberOf(found, name));
  };
}

function compileCondition(condition: JsonValue): Condition {
  if (!isObject(condition)) {
    if (isArray(condition)) throw faulty('Match value must be String, number, true, false, or null');
    return (values) => values.some((value) => isSame(value, condition));
  }
  const [operator, ...more] = keysOf(condition);
  if (operator === undefined || more.length > 0) throw faulty('Only one key allowed in match expression');
  const operand = memberOf(condition, operator);
  switch (operator) {
    case 'exists':
      if (typeof operand !== 'boolean') throw faulty('exists match pattern must be either true or false.');
      return (values) => values.length > 0 === operand;
    case 'anything-but':
      return compileAnythingBut(operand);
    case 'numeric':
      return compileNumeric(operand);
    default:
      return ofTexts(compileTextOperator(operator, operand));
  }
}

const ofTexts =
  (matches: (text: string) => boolean): Condition =>
  (values) =>
    values.some((value) => typeof value === 'string' && matches(value));

function compileTextOperator(operator: string, operand: JsonValue | undefined): (text: string) => boolean {
  if (operator !== 'prefix' && operator !== 'suffix' && operator !== 'equals-ignore-case') {
    throw faulty(
      `Unrecognized match type ${operator} (Treadle knows prefix, suffix, equals-ignore-case, anything-but, numeric, exists)`,
    );
  }
  if (typeof operand !== 'string') throw faulty(`${operator} match pattern must be a string`);
  if (operator === 'prefix') return (text) => text.startsWith(operand);
  if (operator === 'suffix') return (text) => text.endsWith(operand);
  return (text) => text.toLowerCase() === operand.toLowerCase();
}

function compileAnythingBut(operand: JsonValue | undefined): Condition {
  if (operand === undefined) throw faulty('anything-but needs a value');
  if (isObject(operand)) {
    const [operator = ''] = keysOf(operand);
    const matches = compileTextOperator(operator, memberOf(operand, operator));
    return (values) => values.some((value) => !(typeof value === 'string' && matches(value)));
  }
  const excluded = isArray(operand) ? operand : [operand];
  return (values) => values.some((value) => !excluded.some((item) => isSame(value, item)));
}

const COMPARISONS: Readonly<Record<string, (value: number, bound: number) => boolean>> = {
  '=': (value, bound) => value === bound,
  '<': (value, bound) => value < bound,
  '<=': (value, bound) => value <= bound,
  '>': (value, bound) => value > bound,
  '>=': (value, bound) => value >= bound,
};

function compileNumeric(operand: JsonValue | undefined): Condition {
  if (!isArray(operand) || (operand.length !== 2 && operand.length !== 4)) {
    throw faulty('Value of numeric must be an array of one or two operators with numbers');
  }
  const tests: ((value: number) => boolean)[] = [];
  for (let i = 0; i < operand.length; i += 2) {
    const [operator, bound] = [operand[i], operand[i + 1]];
    const compare = typeof operator === 'string' ? COMPARISONS[operator] : undefined;
    if (compare === undefined || !isNumber(bound)) throw faulty('Unrecognized numeric range operator or value');
    tests.push((value) => compare(value, numberOf(bound)));
  }
  return (values) => values.some((value) => isNumber(value) && tests.every((test) => test(numberOf(value))));
}

const isSame = (a: JsonValue, b: JsonValue): boolean =>
  isNumber(a) && isNumber(b) ? numberOf(a) === numberOf(b) : a === b;
