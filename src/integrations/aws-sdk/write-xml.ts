import { JsonNumber } from '../../payload/index.js';
import type { MemberWire, Shape, StructureShape } from '../../services/models/index.js';
import { escapeXml } from '../../services/xml-text.js';
import { isWireList, type WireMembers, type WireValue } from './wire.js';
import { scalarText } from './write-query.js';

/** An XML document of the members that travel in the body. */
export function xmlOf(root: string, namespace: string | null, shape: StructureShape, members: WireMembers): string {
  const attribute = namespace === null ? '' : ` xmlns="${escapeXml(namespace)}"`;
  return `<${root}${attribute}${attributesOf(shape, members)}>${content(shape, members)}</${root}>`;
}

/** Which members stand in the body. */
export const isInBody = (shape: StructureShape, member: string): boolean =>
  (shape.wires.get(member)?.location ?? 'body') === 'body';

function content(shape: StructureShape, members: WireMembers): string {
  let text = '';
  for (const [member, value] of members) {
    const of = shape.members.get(member);
    const wire = shape.wires.get(member);
    if (of === undefined || value === null || wire?.isXmlAttribute === true || !isInBody(shape, member)) continue;
    text += element(wire?.name ?? member, of, value, wire);
  }
  return text;
}

function element(name: string, shape: Shape, value: WireValue, wire?: MemberWire): string {
  if (value === null) return '';
  const space = wire?.xmlNamespace ?? null;
  const prefix = space?.prefix == null ? '' : `:${space.prefix}`;
  const attribute = space === null ? '' : ` xmlns${prefix}="${escapeXml(space.uri)}"`;
  if (shape.type === 'structure' && isMembers(value)) {
    return `<${name}${attribute}${attributesOf(shape, value)}>${content(shape, value)}</${name}>`;
  }
  if (shape.type === 'list' && isWireList(value)) {
    if (shape.isFlattened || wire?.isFlattened === true) {
      return value.map((item) => element(shape.itemName ?? name, shape.item, item)).join('');
    }
    const items = value.map((item) => element(shape.itemName ?? 'member', shape.item, item)).join('');
    return `<${name}${attribute}>${items}</${name}>`;
  }
  if (shape.type === 'map' && isMembers(value)) {
    const [keyName, valueName] = [shape.keyName ?? 'key', shape.valueName ?? 'value'];
    const entry = shape.isFlattened ? name : 'entry';
    const entries = [...value]
      .map(
        ([key, item]) =>
          `<${entry}><${keyName}>${escapeXml(key)}</${keyName}>${element(valueName, shape.value, item)}</${entry}>`,
      )
      .join('');
    return shape.isFlattened ? entries : `<${name}>${entries}</${name}>`;
  }
  const format = wire?.timestampFormat ?? (shape.type === 'timestamp' ? shape.timestampFormat : null);
  return `<${name}${attribute}>${escapeXml(scalarText(value, format))}</${name}>`;
}

const isMembers = (value: WireValue): value is WireMembers => value instanceof Map && !(value instanceof JsonNumber);

function attributesOf(shape: StructureShape, members: WireMembers): string {
  let text = '';
  for (const [member, value] of members) {
    const wire = shape.wires.get(member);
    if (wire?.isXmlAttribute !== true || value === null) continue;
    text += ` ${wire.name ?? member}="${escapeXml(scalarText(value, null))}"`;
  }
  return text;
}
