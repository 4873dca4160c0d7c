import { isUtf8 } from 'node:buffer';
import {
  entriesOf,
  isArray,
  isNumber,
  isObject,
  type JsonValue,
  memberOf,
  numberOf,
  objectOf,
  parseJson,
} from '../../payload/index.js';
import type {
  MemberWire,
  OperationModel,
  ScalarShape,
  ServiceModel,
  Shape,
  StructureShape,
} from '../../services/models/index.js';
import { stepFunctionsName } from './parameters.js';
import { childrenOf, readDocument, textOf, type XmlNode } from './read-xml.js';
import { isoTime, readTimestamp, type WireAnswer } from './wire.js';
import { isInBody } from './write-xml.js';

/** The answer's members as Step Functions shows them. Throws SyntaxError, RangeError or JsonSyntaxError for what is no answer of this operation. */
export function decodeAnswer(
  model: ServiceModel,
  operation: OperationModel,
  answer: WireAnswer,
  nameOf: NameOf = stepFunctionsName,
): JsonValue {
  const shape = operation.output;
  if (shape === null) return {};
  switch (model.protocol) {
    case 'json':
      return objectOf(jsonMembers(shape, jsonBody(answer), nameOf));
    case 'query':
    case 'ec2':
      return objectOf(xmlMembers(shape, resultOf(operation, answer), nameOf));
    case 'rest-json':
    case 'rest-xml':
      return objectOf([...bodyMembers(model, shape, answer, nameOf), ...headMembers(shape, answer, nameOf)]);
    default:
      return model.protocol satisfies never;
  }
}

/** What a member is called in the result. */
export type NameOf = (member: string) => string;

type Members = [string, JsonValue][];

const jsonBody = ({ body }: WireAnswer): JsonValue => (body.length === 0 ? {} : parseJson(body.toString('utf8')));

function resultOf({ resultWrapper }: OperationModel, { body }: WireAnswer): XmlNode {
  const content = readDocument(body)?.content ?? '';
  return resultWrapper === null ? content : (childrenOf(content, resultWrapper)[0] ?? '');
}

function bodyMembers(model: ServiceModel, shape: StructureShape, answer: WireAnswer, nameOf: NameOf): Members {
  if (shape.payload === null) {
    if (model.protocol === 'rest-json') return jsonMembers(shape, jsonBody(answer), nameOf);
    return xmlMembers(shape, readDocument(answer.body)?.content ?? '', nameOf);
  }
  const of = shape.members.get(shape.payload);
  const name = nameOf(shape.payload);
  if (of === undefined) return [];
  if (of.type === 'blob') return [[name, blobText(answer.body)]];
  if (of.type === 'string') return [[name, answer.body.toString('utf8')]];
  if (answer.body.length === 0) return [];
  if (model.protocol === 'rest-json') return [[name, ofJson(of, jsonBody(answer), null, nameOf)]];
  return [[name, ofXml(of, readDocument(answer.body)?.content ?? '', nameOf)]];
}

/** Recorded of S3: content is shown as text. What is no text is shown in base64. */
const blobText = (bytes: Buffer): string => (isUtf8(bytes) ? bytes.toString('utf8') : bytes.toString('base64'));

/** Status and headers. */
function headMembers(shape: StructureShape, { status, headers }: WireAnswer, nameOf: NameOf): Members {
  const members: Members = [];
  for (const [member, wire] of shape.wires) {
    const of = shape.members.get(member);
    if (of === undefined) continue;
    const name = nameOf(member);
    if (wire.location === 'status') members.push([name, status]);
    if (wire.location === 'headers') members.push([name, prefixed(headers, (wire.name ?? '').toLowerCase())]);
    const value = headers[(wire.name ?? member).toLowerCase()];
    if (wire.location === 'header' && value !== undefined) members.push([name, ofHeader(of, value, wire)]);
  }
  return members;
}

const prefixed = (headers: Readonly<Record<string, string>>, prefix: string): JsonValue =>
  objectOf(
    Object.entries(headers)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, value]) => [name.slice(prefix.length), value]),
  );

function ofHeader(shape: Shape, value: string, wire: MemberWire): JsonValue {
  if (wire.isJsonHeader) return Buffer.from(value, 'base64').toString('utf8');
  if (shape.type === 'list') return value.split(',').map((item) => ofText(shape.item, item.trim()));
  return ofText(shape, value);
}

/** A scalar of a header or an XML element. */
function ofText(shape: Shape, text: string): JsonValue {
  switch (shape.type) {
    case 'number':
      return Number.isNaN(Number(text)) || text === '' ? text : parseJson(String(Number(text)));
    case 'boolean':
      return text.toLowerCase() === 'true';
    case 'timestamp':
      return isoTime(readTimestamp(text));
    case 'blob':
      return blobText(Buffer.from(text, 'base64'));
    case 'string':
    case 'structure':
    case 'list':
    case 'map':
      return text;
    default:
      return shape satisfies never;
  }
}

function jsonMembers(shape: StructureShape, value: JsonValue, nameOf: NameOf): Members {
  if (!isObject(value)) throw new SyntaxError('Expected the answer to be a JSON object, but it is none');
  const members: Members = [];
  for (const [member, of] of shape.members) {
    const wire = shape.wires.get(member);
    if (!isInBody(shape, member)) continue;
    const given = memberOf(value, wire?.name ?? member) ?? null;
    if (given !== null) members.push([nameOf(member), ofJson(of, given, wire?.timestampFormat ?? null, nameOf)]);
  }
  return members;
}

function ofJson(shape: Shape, value: JsonValue, timestampFormat: string | null, nameOf: NameOf): JsonValue {
  if (value === null) return null;
  if (isArray(value))
    return shape.type === 'list' ? value.map((item) => ofJson(shape.item, item, null, nameOf)) : value;
  if (isObject(value)) {
    if (shape.type === 'structure' && !shape.isDocument) return objectOf(jsonMembers(shape, value, nameOf));
    if (shape.type !== 'map') return value;
    return objectOf(entriesOf(value).map(([key, item]) => [key, ofJson(shape.value, item, null, nameOf)]));
  }
  return ofJsonScalar(shape, value, timestampFormat);
}

function ofJsonScalar(shape: Shape, value: JsonValue, format: string | null): JsonValue {
  if (shape.type === 'timestamp' && (typeof value === 'string' || isNumber(value))) {
    const isText = typeof value === 'string' && (format ?? (shape as ScalarShape).timestampFormat) !== 'unixTimestamp';
    return isoTime(readTimestamp(isText || typeof value === 'string' ? value : numberOf(value)));
  }
  if (shape.type === 'blob' && typeof value === 'string') return blobText(Buffer.from(value, 'base64'));
  return value;
}

function xmlMembers(shape: StructureShape, node: XmlNode, nameOf: NameOf): Members {
  const members: Members = [];
  for (const [member, of] of shape.members) {
    const wire = shape.wires.get(member) ?? null;
    if (!isInBody(shape, member)) continue;
    const found = xmlMember(of, { wire, node, name: wire?.name ?? member }, nameOf);
    if (found !== undefined) members.push([nameOf(member), found]);
  }
  return members;
}

function xmlMember(
  shape: Shape,
  { wire, node, name }: { readonly wire: MemberWire | null; readonly node: XmlNode; readonly name: string },
  nameOf: NameOf,
): JsonValue | undefined {
  if (wire?.isXmlAttribute === true) {
    const [attribute] = childrenOf(node, `@${name.replace(/^.*:/, '')}`);
    return attribute === undefined ? undefined : textOf(attribute);
  }
  const isFlat = wire?.isFlattened === true || ((shape.type === 'list' || shape.type === 'map') && shape.isFlattened);
  if (isFlat && shape.type === 'list') {
    // What repeats has the member's name, or that of the item where the model gives one.
    const items = childrenOf(node, shape.itemName ?? name);
    return items.length === 0 ? undefined : items.map((item) => ofXml(shape.item, item, nameOf));
  }
  const found = childrenOf(node, name);
  if (isFlat && shape.type === 'map')
    return found.length === 0 ? undefined : objectOf(found.map(entryOf(shape, nameOf)));
  const [first] = found;
  return first === undefined ? undefined : ofXml(shape, first, nameOf);
}

const entryOf =
  (shape: Extract<Shape, { type: 'map' }>, nameOf: NameOf) =>
  (entry: XmlNode): [string, JsonValue] => [
    textOf(childrenOf(entry, shape.keyName ?? 'key')[0]),
    ofXml(shape.value, childrenOf(entry, shape.valueName ?? 'value')[0] ?? '', nameOf),
  ];

function ofXml(shape: Shape, node: XmlNode, nameOf: NameOf): JsonValue {
  switch (shape.type) {
    case 'structure':
      return objectOf(xmlMembers(shape, node, nameOf));
    case 'list':
      return childrenOf(node, shape.itemName ?? 'member').map((item) => ofXml(shape.item, item, nameOf));
    case 'map':
      return objectOf(childrenOf(node, 'entry').map(entryOf(shape, nameOf)));
    default:
      return ofText(shape, textOf(node));
  }
}
