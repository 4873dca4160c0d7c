import { EVENT_PATTERN_CHARS_MAX, EVENT_PATTERN_NESTING_MAX } from '../../limits/services.js';
import {
  entriesOf,
  isArray,
  isObject,
  type JsonArray,
  type JsonObject,
  type JsonValue,
  memberOf,
  parseJson,
} from '../../payload/index.js';
import { invalidPattern } from './fault.js';
import { parseMatcher, type ValueMatcher } from './value-matcher.js';

/** A compiled event pattern: whether an event (its envelope with `detail`) is wanted. */
export interface EventPattern {
  matches(event: JsonValue): boolean;
}

/** Throws EventsFault for a text that is no pattern. */
export function parseEventPattern(text: string): EventPattern {
  if (text.length > EVENT_PATTERN_CHARS_MAX) {
    throw invalidPattern(`Expected at most ${EVENT_PATTERN_CHARS_MAX} characters, but there are ${text.length}`);
  }
  const node = parseNode(parsedObject(text), 0);
  return { matches: (event) => matchesNode(node, event) };
}

/** One level of a pattern: all fields must match, and one alternative of each `$or`. */
interface Node {
  readonly fields: ReadonlyMap<string, Node | Leaf>;
  readonly choices: readonly (readonly Node[])[];
}

type Leaf = readonly ValueMatcher[];

function parsedObject(text: string): JsonObject {
  let value: JsonValue;
  try {
    value = parseJson(text);
  } catch (fault) {
    throw invalidPattern(fault instanceof Error ? fault.message : String(fault));
  }
  if (!isObject(value)) throw invalidPattern('Filter is not an object');
  return value;
}

function parseNode(object: JsonObject, depth: number): Node {
  if (depth > EVENT_PATTERN_NESTING_MAX) {
    throw invalidPattern(`Expected at most ${EVENT_PATTERN_NESTING_MAX} levels of fields`);
  }
  const fields = new Map<string, Node | Leaf>();
  const choices: (readonly Node[])[] = [];
  const entries = entriesOf(object);
  if (entries.length === 0) throw invalidPattern('Empty objects are not allowed');
  for (const [name, value] of entries) {
    if (name === '$or' && isArray(value) && value.length >= 2 && value.every(isObject)) {
      choices.push(value.filter(isObject).map((choice) => parseNode(choice, depth + 1)));
    } else if (isObject(value)) {
      fields.set(name, parseNode(value, depth + 1));
    } else if (isArray(value)) {
      fields.set(name, parseLeaf(name, value));
    } else {
      throw invalidPattern(`"${name}" must be an object or an array`);
    }
  }
  return { fields, choices };
}

function parseLeaf(name: string, values: JsonArray): Leaf {
  if (values.length === 0) throw invalidPattern('Empty arrays are not allowed');
  return values.map((value) => parseMatcher(name, value));
}

function matchesNode(node: Node, value: JsonValue | undefined): boolean {
  // One element of a list must match as a whole, as AWS has it for lists of objects.
  if (isArray(value)) return value.some((element) => matchesNode(node, element));
  const object = isObject(value) ? value : {};
  for (const [name, expected] of node.fields) {
    const given = memberOf(object, name);
    if (!(isNode(expected) ? matchesNode(expected, given) : matchesLeaf(expected, given))) return false;
  }
  return node.choices.every((choice) => choice.some((alternative) => matchesNode(alternative, object)));
}

const isNode = (given: Node | Leaf): given is Node => !Array.isArray(given);

function matchesLeaf(leaf: Leaf, given: JsonValue | undefined): boolean {
  const values = scalarsOf(given);
  return leaf.some((matcher) => {
    if (matcher.type === 'exists') return matcher.isWanted === values.length > 0;
    return values.some(matcher.test);
  });
}

/** What a leaf is compared with: the value, or the elements of a list. An object is no leaf. */
function scalarsOf(given: JsonValue | undefined): readonly JsonValue[] {
  if (given === undefined || isObject(given)) return [];
  return isArray(given) ? given.flatMap(scalarsOf) : [given];
}
