import { serializationFault } from '../fault.js';
import {
  checkRules,
  type FaultList,
  type Members,
  type Rule,
  type Shape,
  type StructureOf,
  shownValue,
} from './shape.js';

const MODEL = 'com.amazonaws.dynamodb.v20120810.';

/** Members by name; unknown ones are dropped, as on AWS. `name` is that of the service model. */
export function structure<M extends Members>(
  name: string,
  members: M,
  scalarText = 'Unexpected value type in payload',
): Shape<StructureOf<M>> {
  const names = Object.keys(members);
  return {
    isRequired: false,
    read: (value) => {
      if (typeof value !== 'object') throw serializationFault(scalarText);
      if (Array.isArray(value)) throw serializationFault(`Unrecognized collection type class ${MODEL}${name}`);
      return readMembers(value, names, members);
    },
    check: (value, path, faults) => checkMembers(value, members, `${path}.`, faults),
  };
}

/** A structure that is a member itself, not an element of a list or a map: scalars are refused in other words. */
export const field = <M extends Members>(name: string, members: M): Shape<StructureOf<M>> =>
  structure(name, members, 'Unexpected field type');

export function readMembers<M extends Members>(value: unknown, names: readonly string[], members: M): StructureOf<M> {
  const read: Record<string, unknown> = {};
  for (const name of names) {
    const given = Object.hasOwn(Object(value), name) ? Reflect.get(Object(value), name) : null;
    if (given !== null && given !== undefined) read[name] = members[name]?.read(given);
  }
  return read as StructureOf<M>; // required members are seen to by `checkMembers`, before anybody reads them
}

export function checkMembers<M extends Members>(
  value: StructureOf<M>,
  members: M,
  prefix: string,
  faults: FaultList,
): void {
  for (const [name, shape] of Object.entries(members)) {
    const path = `${prefix}${name.charAt(0).toLowerCase()}${name.slice(1)}`;
    const member: unknown = Reflect.get(value, name);
    if (member !== undefined) shape.check(member, path, faults);
    else if (shape.isRequired) faults.add(null, path, 'Member must not be null');
  }
}

export function list<T>(of: Shape<T>, ...rules: readonly Rule<readonly T[]>[]): Shape<readonly T[]> {
  return {
    isRequired: false,
    read: (value) => {
      if (typeof value !== 'object') throw serializationFault('Unexpected field type');
      if (!Array.isArray(value)) throw serializationFault('Start of structure or map found where not expected');
      return value.filter((element) => element !== null).map((element) => of.read(element));
    },
    check: (value, path, faults) => {
      checkRules(rules, value, path, faults);
      for (const [index, element] of value.entries()) of.check(element, `${path}.${index + 1}.member`, faults);
    },
  };
}

export interface MapRules<T> {
  readonly rules?: readonly Rule<Readonly<Record<string, T>>>[];
  readonly keys?: readonly Rule<string>[];
  readonly values?: readonly Rule<T>[];
}

/** `type` names what the map holds in the service model. */
export function map<T>(type: string, of: Shape<T>, constraints: MapRules<T> = {}): Shape<Readonly<Record<string, T>>> {
  const fullName = type.includes('.') ? type : MODEL + type;
  const { rules = [], keys = [], values = [] } = constraints;
  return {
    isRequired: false,
    read: (value) => {
      if (typeof value !== 'object') throw serializationFault('Unexpected field type');
      if (Array.isArray(value)) {
        throw serializationFault(`Unrecognized collection type java.util.Map<java.lang.String, ${fullName}>`);
      }
      return readEntries(value, of);
    },
    check: (value, path, faults) => {
      checkRules(rules, value, path, faults);
      checkAll('Map keys', Object.keys(value), keys, { whole: value, path, faults });
      checkAll('Map value', Object.values(value), values, { whole: value, path, faults });
      for (const [key, element] of Object.entries(value)) of.check(element, `${path}.${key}.member`, faults);
    },
  };
}

export function readEntries<T>(value: unknown, of: Pick<Shape<T>, 'read'>): Readonly<Record<string, T>> {
  const read: Record<string, T> = Object.create(null);
  for (const [key, element] of Object.entries(Object(value))) {
    if (element !== null && element !== undefined) read[key] = of.read(element);
  }
  return read;
}

/** AWS tells all constraints of keys or values at once. */
function checkAll<T>(
  what: string,
  parts: readonly T[],
  rules: readonly Rule<T>[],
  { whole, path, faults }: { readonly whole: unknown; readonly path: string; readonly faults: FaultList },
): void {
  if (parts.every((part) => rules.every(({ holds }) => holds(part)))) return;
  const texts = rules.map((rule) => rule.text).join(', ');
  faults.add(shownValue(whole), path, `${what} must satisfy constraint: [${texts}]`);
}
