import {
  entriesOf,
  isArray,
  isNumber,
  isObject,
  type JsonObject,
  type JsonValue,
  keysOf,
  memberOf,
  numberOf,
  writeJson,
} from '../../payload/index.js';
import { type ScalarShape, type Shape, type StructureShape, sdkMemberName } from '../../services/models/index.js';
import { readTimestamp, type WireMembers, type WireValue } from './wire.js';

export interface ReadParameters {
  readonly input: WireMembers;
  /** In the words of AWS; empty when the call can be made. */
  readonly faults: readonly string[];
}

/**
 * The parameters of a Task as members of the operation's input. Names are Step Functions' (`StateMachineArn`) or the service's own
 * (`stateMachineArn`); what is null is left out. Objects and lists where the service wants text are sent as JSON text, as recorded.
 */
export function readParameters(shape: StructureShape | null, parameters: JsonValue): ReadParameters {
  if (!isObject(parameters)) return { input: new Map(), faults: ['Expected an object of fields'] };
  const faults: string[] = [];
  const input = shape === null ? foreign(parameters, faults) : readStructure(shape, parameters, faults);
  return { input, faults };
}

function foreign(parameters: JsonObject, faults: string[]): WireMembers {
  for (const name of keysOf(parameters)) faults.push(notSupported(name));
  return new Map();
}

const notSupported = (name: string): string => `The field "${name}" is not supported by Step Functions`;
const mustBe = (name: string, what: string): string => `The value for the field '${name}' must be ${what}`;

function readStructure(shape: StructureShape, value: JsonObject, faults: string[]): WireMembers {
  const names = namesOf(shape);
  const members = new Map<string, WireValue>();
  for (const name of keysOf(value)) {
    const member = names.get(name);
    const of = member === undefined ? undefined : shape.members.get(member);
    if (member === undefined || of === undefined) {
      faults.push(notSupported(name));
      continue;
    }
    const given = memberOf(value, name) ?? null;
    if (given === null) continue;
    const isContent = shape.wires.get(member)?.isStreaming === true || (of.type === 'blob' && of.isStreaming);
    // Recorded: an object's content is the JSON text of the value, also of a text.
    members.set(member, isContent ? Buffer.from(writeJson(given)) : readValue(of, given, name, faults));
  }
  return members;
}

/** Java has a word of its own for the attribute value NULL. */
const RENAMED: Readonly<Record<string, string>> = { NULL: 'Nul' };

/** The name of a member in Step Functions. */
export const stepFunctionsName = (member: string): string => RENAMED[member] ?? sdkMemberName(member);

const known = new WeakMap<StructureShape, ReadonlyMap<string, string>>();

/** Every accepted spelling → member. */
function namesOf(shape: StructureShape): ReadonlyMap<string, string> {
  const before = known.get(shape);
  if (before !== undefined) return before;
  const names = new Map<string, string>();
  for (const member of shape.members.keys()) names.set(member, member).set(stepFunctionsName(member), member);
  known.set(shape, names);
  return names;
}

function readValue(shape: Shape, value: JsonValue, name: string, faults: string[]): WireValue {
  switch (shape.type) {
    case 'structure':
      if (shape.isDocument) return documentOf(value);
      if (isObject(value)) return readStructure(shape, value, faults);
      faults.push(mustBe(name, 'an OBJECT'));
      return null;
    case 'list':
      if (isArray(value))
        return value.map((item) => (item === null ? null : readValue(shape.item, item, name, faults)));
      faults.push(mustBe(name, 'an ARRAY'));
      return null;
    case 'map':
      if (isObject(value)) {
        return new Map(entriesOf(value).map(([key, item]) => [key, readValue(shape.value, item, key, faults)]));
      }
      faults.push(mustBe(name, 'an OBJECT'));
      return null;
    default:
      return readScalar(shape, value, name, faults);
  }
}

/** Any JSON, as it is. */
function documentOf(value: JsonValue): WireValue {
  if (isArray(value)) return value.map(documentOf);
  if (isObject(value)) return new Map(entriesOf(value).map(([key, item]) => [key, documentOf(item)]));
  return value;
}

function readScalar(shape: ScalarShape, value: JsonValue, name: string, faults: string[]): WireValue {
  switch (shape.type) {
    case 'string':
      if (typeof value === 'string') return value;
      if (isObject(value) || isArray(value)) return writeJson(value);
      faults.push(mustBe(name, `a STRING, but it is ${writeJson(value)}`));
      return null;
    case 'blob':
      return Buffer.from(typeof value === 'string' ? value : writeJson(value));
    case 'number':
      return readNumber(shape, value, name, faults);
    case 'boolean':
      if (typeof value === 'boolean') return value;
      if (value === 'true' || value === 'false') return value === 'true';
      faults.push(mustBe(name, 'a BOOLEAN'));
      return null;
    case 'timestamp':
      return timeOf(value, name, faults);
    default:
      return shape.type satisfies never;
  }
}

function readNumber(shape: ScalarShape, value: JsonValue, name: string, faults: string[]): WireValue {
  const number = typeof value === 'string' && /^-?\d+(?:\.\d+)?$/.test(value) ? Number(value) : value;
  if (isNumber(number) && (!shape.isInteger || Number.isInteger(numberOf(number)))) {
    return shape.isInteger ? numberOf(number) : number;
  }
  faults.push(mustBe(name, shape.isInteger ? 'an INTEGER' : 'a NUMBER'));
  return null;
}

function timeOf(value: JsonValue, name: string, faults: string[]): WireValue {
  try {
    if (typeof value === 'string') return readTimestamp(value);
    if (isNumber(value)) return readTimestamp(numberOf(value));
  } catch {
    // Said below.
  }
  faults.push(mustBe(name, 'a TIMESTAMP of ISO 8601'));
  return null;
}
