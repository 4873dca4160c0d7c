import { serializationFault } from '../fault.js';
import type { RawAttribute, RawItem } from '../values/check-attribute.js';
import { list, map, readEntries } from './composite-shapes.js';
import { readBlob, readBoolean, readText, type Shape } from './shape.js';

/** An attribute value. Only its types are looked at here; `checkAttribute` says what is wrong with the value. */
export const attribute: Shape<RawAttribute> = attributeShape('Unexpected value type in payload');
/** One that is a member itself. */
export const attributeField: Shape<RawAttribute> = attributeShape('Unexpected field type');

function attributeShape(scalarText: string): Shape<RawAttribute> {
  return {
    isRequired: false,
    read: (value) => {
      if (typeof value !== 'object') throw serializationFault(scalarText);
      if (Array.isArray(value)) {
        throw serializationFault('Unrecognized collection type class com.amazonaws.dynamodb.v20120810.AttributeValue');
      }
      return readAttribute(value);
    },
    check: () => undefined,
  };
}

type Reader = (value: unknown) => unknown;

const texts: Shape<readonly string[]> = list({ read: readText, check: () => undefined, isRequired: false });
const blobs: Shape<readonly string[]> = list({ read: readBlob, check: () => undefined, isRequired: false });

const READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['S', readText],
  ['B', readBlob],
  ['N', readText],
  ['BOOL', readBoolean],
  ['NULL', readBoolean],
  ['BS', blobs.read],
  ['NS', texts.read],
  ['SS', texts.read],
  ['L', (value) => attributes.read(value)],
  ['M', (value) => attributeMap.read(value)],
]);

function readAttribute(value: unknown): RawAttribute {
  const read: Record<string, unknown> = {};
  for (const [type, given] of Object.entries(Object(value))) {
    const reader = READERS.get(type);
    if (reader !== undefined && given !== null && given !== undefined) read[type] = reader(given);
  }
  return read; // each reader gives what RawAttribute says of its type
}

export const attributes: Shape<readonly RawAttribute[]> = list(attribute);
export const attributeMap: Shape<RawItem> = map('AttributeValue', attribute);

/** A key in a list of keys; lists are refused in other words than elsewhere. */
export const keyMap: Shape<RawItem> = {
  isRequired: false,
  read: (value) => {
    if (typeof value !== 'object') throw serializationFault(NOT_A_CLASS);
    if (Array.isArray(value)) {
      throw serializationFault(
        'Unrecognized collection type java.util.Map<java.lang.String, com.amazonaws.dynamodb.v20120810.AttributeValue>',
      );
    }
    return readEntries(value, attribute);
  },
  check: () => undefined,
};

export const NOT_A_CLASS =
  'class sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl cannot be cast to class java.lang.Class ' +
  "(sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl and java.lang.Class are in module java.base of loader 'bootstrap')";
