import { JsonNumber, type JsonValue, objectOf } from '../../payload/index.js';
import type { Shape, StructureShape } from '../../services/models/index.js';
import { isWireList, type WireMembers, type WireValue, writeTimestamp } from './wire.js';

/** The members as a JSON object; `only`: which of them. */
export function jsonOf(shape: StructureShape, members: WireMembers, only?: (member: string) => boolean): JsonValue {
  const entries: [string, JsonValue][] = [];
  for (const [name, value] of members) {
    const of = shape.members.get(name);
    if (of === undefined || (only !== undefined && !only(name))) continue;
    const wire = shape.wires.get(name);
    entries.push([wire?.name ?? name, jsonValueOf(of, value, wire?.timestampFormat ?? null)]);
  }
  return objectOf(entries);
}

export function jsonValueOf(shape: Shape, value: WireValue, timestampFormat: string | null): JsonValue {
  if (Buffer.isBuffer(value)) return value.toString('base64');
  if (value instanceof Date) {
    const own = shape.type === 'timestamp' ? shape.timestampFormat : null;
    return writeTimestamp(value, timestampFormat ?? own ?? 'unixTimestamp');
  }
  if (value === null || typeof value !== 'object' || value instanceof JsonNumber) return value;
  if (isWireList(value)) {
    return value.map((item) => (shape.type === 'list' ? jsonValueOf(shape.item, item, null) : plain(item)));
  }
  if (shape.type === 'structure' && !shape.isDocument) return jsonOf(shape, value);
  return objectOf(
    [...value].map(([key, item]) => [key, shape.type === 'map' ? jsonValueOf(shape.value, item, null) : plain(item)]),
  );
}

/** Of a document: any JSON. */
function plain(value: WireValue): JsonValue {
  if (Buffer.isBuffer(value) || value instanceof Date) throw new Error('Broken invariant: a document is made of JSON');
  if (value === null || typeof value !== 'object' || value instanceof JsonNumber) return value;
  if (isWireList(value)) return value.map(plain);
  return objectOf([...value].map(([key, item]) => [key, plain(item)]));
}
