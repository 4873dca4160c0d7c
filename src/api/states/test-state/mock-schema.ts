import {
  entriesOf,
  isArray,
  isNumber,
  isObject,
  type JsonObject,
  type JsonValue,
  memberOf,
  numberOf,
} from '../../../payload/index.js';
import type { ListShape, MapShape, ScalarShape, Shape, StructureShape } from '../../../services/models/index.js';

export interface SchemaOptions {
  /** STRICT: required members must be there; PRESENT: only what is there is checked. */
  readonly mode: 'STRICT' | 'PRESENT';
  /** How Step Functions writes the members of the service model. */
  readonly memberName: (name: string) => string;
}

/** An optimised integration keeps the service's names, each with a capital first letter. */
export const optimisedMemberName = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

/**
 * The first place where a mocked result is not what the API answers with, in AWS's words; null where there is none.
 * Members that the model does not know may have any value, as on AWS.
 */
export function schemaFault(value: JsonValue, shape: Shape, options: SchemaOptions, field = ''): string | null {
  switch (shape.type) {
    case 'structure':
      return structureFault(value, shape, options, field);
    case 'list':
      return listFault(value, shape, options, field);
    case 'map':
      return mapFault(value, shape, options, field);
    default:
      return scalarFault(value, shape, field);
  }
}

function structureFault(value: JsonValue, shape: StructureShape, options: SchemaOptions, field: string): string | null {
  if (!isObject(value)) return `Field '${field}' must be an object`;
  if (options.mode === 'STRICT') {
    for (const name of shape.required) {
      if (findMember(value, name, options) === null) return `Required field '${options.memberName(name)}' is missing`;
    }
  }
  for (const [name, of] of shape.members) {
    const found = findMember(value, name, options);
    if (found === null) continue;
    const fault = schemaFault(found.value, of, options, found.key);
    if (fault !== null) return fault;
  }
  return null;
}

/** A member that is null counts as missing: AWS's own answers never have one. */
function findMember(
  object: JsonObject,
  name: string,
  { memberName }: SchemaOptions,
): { readonly key: string; readonly value: JsonValue } | null {
  const key = memberName(name);
  const value = memberOf(object, key);
  return value === undefined || value === null ? null : { key, value };
}

function listFault(value: JsonValue, shape: ListShape, options: SchemaOptions, field: string): string | null {
  if (!isArray(value)) return `Field '${field}' must be an array`;
  const length = lengthFault(value.length, shape, field);
  if (length !== null) return length;
  for (const item of value) {
    const fault = schemaFault(item, shape.item, options, field);
    if (fault !== null) return fault;
  }
  return null;
}

function mapFault(value: JsonValue, shape: MapShape, options: SchemaOptions, field: string): string | null {
  if (!isObject(value)) return `Field '${field}' must be an object`;
  for (const [key, item] of entriesOf(value)) {
    const fault = schemaFault(item, shape.value, options, key);
    if (fault !== null) return fault;
  }
  return null;
}

function scalarFault(value: JsonValue, shape: ScalarShape, field: string): string | null {
  switch (shape.type) {
    case 'number':
      return isNumber(value) ? rangeFault(numberOf(value), shape, field) : `Field '${field}' must be a number`;
    case 'boolean':
      return typeof value === 'boolean' ? null : `Field '${field}' must be a boolean`;
    case 'timestamp': // ISO texts; some optimised integrations give numbers
      return typeof value === 'string' || isNumber(value) ? null : `Field '${field}' must be a string`;
    case 'string':
    case 'blob':
      if (typeof value !== 'string') return `Field '${field}' must be a string`;
      if (shape.oneOf !== null && !shape.oneOf.includes(value)) return `Field '${field}' is not an expected value`;
      return lengthFault(value.length, shape, field);
    default:
      return shape.type satisfies never;
  }
}

interface Bounds {
  readonly min: number | null;
  readonly max: number | null;
}

function rangeFault(value: number, { min, max }: Bounds, field: string): string | null {
  if (min !== null && value < min) return `Field '${field}' is less than the minimum value`;
  if (max !== null && value > max) return `Field '${field}' exceeds the maximum value`;
  return null;
}

function lengthFault(length: number, { min, max }: Bounds, field: string): string | null {
  if (min !== null && length < min) return `Field '${field}' is smaller than the minimum length`;
  if (max !== null && length > max) return `Field '${field}' exceeds the maximum length`;
  return null;
}
