import type { JsonNumber } from '../../payload/index.js';
import type { OperationModel, ServiceModel, Shape, StructureShape } from '../../services/models/index.js';
import { isWireList, type WireMembers, type WireValue, writeTimestamp } from './wire.js';

/** The form of the query protocol, and of EC2's dialect of it. */
export function formOf(model: ServiceModel, operation: OperationModel, input: WireMembers): string {
  const form = new Form(model.protocol === 'ec2');
  form.set('Action', operation.name);
  form.set('Version', model.apiVersion);
  if (operation.input !== null) form.structure('', operation.input, input);
  return form.text;
}

class Form {
  readonly #pairs: string[] = [];

  constructor(private readonly isEc2: boolean) {}

  get text(): string {
    return this.#pairs.join('&');
  }

  set(name: string, value: string): void {
    this.#pairs.push(`${encodeURIComponent(name)}=${encodeURIComponent(value)}`);
  }

  structure(prefix: string, shape: StructureShape, members: WireMembers): void {
    for (const [member, value] of members) {
      const of = shape.members.get(member);
      if (of === undefined || value === null) continue;
      const wire = shape.wires.get(member);
      const name = this.isEc2 ? ec2Name(member, wire?.queryName ?? null, wire?.name ?? null) : (wire?.name ?? member);
      this.value(joined(prefix, name), of, value, wire?.isFlattened ?? false);
    }
  }

  value(name: string, shape: Shape, value: WireValue, isFlattened: boolean): void {
    if (value === null) return;
    if (shape.type === 'structure' && value instanceof Map) return this.structure(name, shape, value);
    if (shape.type === 'list' && isWireList(value)) return this.#list(name, shape, value, isFlattened);
    if (shape.type === 'map' && value instanceof Map) return this.#map(name, shape, value);
    this.set(name, scalarText(value, shape.type === 'timestamp' ? shape.timestampFormat : null));
  }

  #list(
    name: string,
    shape: Extract<Shape, { type: 'list' }>,
    items: readonly WireValue[],
    isFlattened: boolean,
  ): void {
    const isFlat = this.isEc2 || shape.isFlattened || isFlattened;
    // A list without items is sent as its bare name, so that the service can tell it from none.
    if (items.length === 0) return this.isEc2 ? undefined : this.set(name, '');
    const prefix = isFlat ? name : joined(name, shape.itemName ?? 'member');
    for (const [index, item] of items.entries()) this.value(joined(prefix, String(index + 1)), shape.item, item, false);
  }

  #map(name: string, shape: Extract<Shape, { type: 'map' }>, entries: WireMembers): void {
    const prefix = shape.isFlattened ? name : joined(name, 'entry');
    for (const [index, [key, value]] of [...entries].entries()) {
      const place = joined(prefix, String(index + 1));
      this.set(joined(place, shape.keyName ?? 'key'), key);
      this.value(joined(place, shape.valueName ?? 'value'), shape.value, value, false);
    }
  }
}

const joined = (prefix: string, name: string): string => (prefix === '' ? name : `${prefix}.${name}`);

const ec2Name = (member: string, queryName: string | null, name: string | null): string => {
  if (queryName !== null) return queryName;
  const text = name ?? member;
  return text.charAt(0).toUpperCase() + text.slice(1);
};

/** Of a header, a query or a form: everything is text. */
export function scalarText(value: WireValue, timestampFormat: string | null): string {
  if (Buffer.isBuffer(value)) return value.toString('base64');
  if (value instanceof Date) return String(writeTimestamp(value, timestampFormat ?? 'iso8601'));
  if (typeof value === 'object' && value !== null && 'text' in value) return (value as JsonNumber).text;
  return String(value);
}
