import { EVENT_PATTERN_WILDCARDS_MAX } from '../../limits/services.js';
import { entriesOf, isArray, isNumber, isObject, type JsonValue, numberOf } from '../../payload/index.js';
import { parseCidr } from './cidr.js';
import { invalidPattern } from './fault.js';

/** One element of a leaf of an event pattern. */
export type ValueMatcher =
  | { readonly type: 'exists'; readonly isWanted: boolean }
  | { readonly type: 'value'; readonly test: (value: JsonValue) => boolean };

type Test = (value: JsonValue) => boolean;

/** Of one element of field `name`'s list. Throws EventsFault. */
export function parseMatcher(name: string, given: JsonValue): ValueMatcher {
  if (isArray(given)) throw invalidPattern(`Expected the values of "${name}" to be no lists`);
  if (!isObject(given)) return { type: 'value', test: equalTo(given) };
  const [entry, ...more] = entriesOf(given);
  if (entry === undefined || more.length > 0) {
    throw invalidPattern('Only one key allowed in match expression');
  }
  const [operator, operand] = entry;
  if (operator === 'exists') {
    if (typeof operand !== 'boolean') throw invalidPattern('exists match pattern must be either true or false.');
    return { type: 'exists', isWanted: operand };
  }
  return { type: 'value', test: parseTest(operator, operand) };
}

function parseTest(operator: string, operand: JsonValue): Test {
  switch (operator) {
    case 'prefix':
    case 'suffix':
    case 'equals-ignore-case':
    case 'wildcard':
      return textTest(operator, operand);
    case 'anything-but':
      return anythingBut(operand);
    case 'numeric':
      return numericRange(operand);
    case 'cidr':
      return onTexts(parseCidr(typeof operand === 'string' ? operand : ''));
    default:
      throw invalidPattern(`Unrecognized match type ${operator}`);
  }
}

const onTexts =
  (test: (text: string) => boolean): Test =>
  (value) =>
    typeof value === 'string' && test(value);

function equalTo(given: JsonValue): Test {
  if (!isNumber(given)) return (value) => value === given;
  const number = numberOf(given);
  return (value) => isNumber(value) && numberOf(value) === number;
}

function textTest(operator: 'prefix' | 'suffix' | 'equals-ignore-case' | 'wildcard', operand: JsonValue): Test {
  const affix = operator === 'prefix' || operator === 'suffix';
  const ignored = affix && isObject(operand) ? ignoreCaseOperand(operand) : null;
  const text = ignored ?? operand;
  if (typeof text !== 'string') throw invalidPattern(`${operator} match pattern must be a string`);
  if (text === '' && affix) throw invalidPattern(`Null ${operator} not allowed`);
  const fold = ignored === null ? (value: string): string => value : foldCase;
  switch (operator) {
    case 'prefix':
      return onTexts((value) => fold(value).startsWith(fold(text)));
    case 'suffix':
      return onTexts((value) => fold(value).endsWith(fold(text)));
    case 'equals-ignore-case':
      return onTexts((value) => foldCase(value) === foldCase(text));
    case 'wildcard':
      return onTexts(parseWildcard(text));
    default:
      return operator satisfies never;
  }
}

const foldCase = (text: string): string => text.toLowerCase();

function ignoreCaseOperand(operand: JsonValue): JsonValue | null {
  const [entry, ...more] = isObject(operand) ? entriesOf(operand) : [];
  return entry?.[0] === 'equals-ignore-case' && more.length === 0 ? entry[1] : null;
}

/** `*` is any text; `\*` and `\\` are the characters themselves. The parts are looked for one after the other. */
function parseWildcard(pattern: string): (text: string) => boolean {
  const parts: string[] = [''];
  for (let index = 0; index < pattern.length; index++) {
    const character = pattern.charAt(index);
    if (character === '\\') {
      const next = pattern.charAt(++index);
      if (next !== '*' && next !== '\\') throw invalidPattern(`Invalid escape character at pos ${index - 1}`);
      parts.push(`${parts.pop()}${next}`);
    } else if (character === '*') {
      if (pattern.charAt(index + 1) === '*') {
        throw invalidPattern(`Consecutive wildcard characters at pos ${index}`);
      }
      parts.push('');
    } else {
      parts.push(`${parts.pop()}${character}`);
    }
  }
  if (parts.length - 1 > EVENT_PATTERN_WILDCARDS_MAX) {
    throw invalidPattern(`Expected at most ${EVENT_PATTERN_WILDCARDS_MAX} wildcards in '${pattern}'`);
  }
  return (text) => matchesParts(parts, text);
}

function matchesParts(parts: readonly string[], text: string): boolean {
  const [first = '', ...rest] = parts;
  if (rest.length === 0) return text === first;
  const last = rest.pop() ?? '';
  if (!text.startsWith(first)) return false;
  let position = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, position);
    if (found < 0) return false;
    position = found + part.length;
  }
  return text.length - position >= last.length && text.endsWith(last);
}

/** Of values, of lists of values, and of what other operators match. */
function anythingBut(operand: JsonValue): Test {
  const not =
    (tests: readonly Test[]): Test =>
    (value) =>
      !tests.some((test) => test(value));
  if (isObject(operand)) {
    const [entry, ...more] = entriesOf(operand);
    if (entry === undefined || more.length > 0) throw invalidPattern('Only one key allowed in match expression');
    const [operator, texts] = entry;
    if (
      operator !== 'prefix' &&
      operator !== 'suffix' &&
      operator !== 'equals-ignore-case' &&
      operator !== 'wildcard'
    ) {
      throw invalidPattern(`Unsupported anything-but pattern: ${operator}`);
    }
    return not(listOf(texts).map((text) => textTest(operator, text)));
  }
  const values = listOf(operand);
  const isUsable = values.every((value) => typeof value === 'string') || values.every(isNumber);
  if (!isUsable) throw invalidPattern('Inside anything but list, either all values are string or all are number');
  return not(values.map(equalTo));
}

function listOf(operand: JsonValue): readonly JsonValue[] {
  const values = isArray(operand) ? operand : [operand];
  if (values.length === 0) throw invalidPattern('Empty arrays are not allowed');
  return values;
}

const COMPARISONS: Readonly<Record<string, (value: number, bound: number) => boolean>> = {
  '<': (value, bound) => value < bound,
  '<=': (value, bound) => value <= bound,
  '=': (value, bound) => value === bound,
  '>': (value, bound) => value > bound,
  '>=': (value, bound) => value >= bound,
};

/** `[">", 0]`, `["=", 5]`, or a range such as `[">", 0, "<=", 5]`. */
function numericRange(operand: JsonValue): Test {
  const parts = isArray(operand) ? operand : [];
  if (parts.length !== 2 && parts.length !== 4) throw invalidPattern('Invalid member in numeric match');
  const tests: ((value: number) => boolean)[] = [];
  for (let index = 0; index < parts.length; index += 2) {
    const [operator, bound] = [parts[index], parts[index + 1]];
    const compare = typeof operator === 'string' && Object.hasOwn(COMPARISONS, operator) && COMPARISONS[operator];
    if (!compare) throw invalidPattern(`Unrecognized numeric range operator: ${String(operator)}`);
    if (!isNumber(bound)) throw invalidPattern('Value of numeric match must be numeric');
    if (parts.length === 4 && !(operator as string).startsWith(index === 0 ? '>' : '<')) {
      throw invalidPattern('Bad numeric range: expected a lower bound and then an upper one');
    }
    const number = numberOf(bound);
    tests.push((value) => compare(value, number));
  }
  return (value) => isNumber(value) && tests.every((test) => test(numberOf(value)));
}
