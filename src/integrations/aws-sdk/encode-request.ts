import { createHash } from 'node:crypto';
import { writeJson } from '../../payload/index.js';
import type { OperationModel, ServiceModel, StructureShape } from '../../services/models/index.js';
import { crc32 } from '../../services/s3/crc.js';
import { isWireList, type WireMembers, type WireRequest, type WireValue, writeTimestamp } from './wire.js';
import { jsonOf, jsonValueOf } from './write-json.js';
import { formOf, scalarText } from './write-query.js';
import { isInBody, xmlOf } from './write-xml.js';

/** A member that the address needs is missing; the SDK says so before anything is sent. */
export class MissingMember extends Error {
  override readonly name = 'MissingMember';
  constructor(readonly member: string) {
    super(`Parameter '${member}' must not be null`);
  }
}

/** The request as an SDK would send it. Throws MissingMember. */
export function encodeRequest(model: ServiceModel, operation: OperationModel, input: WireMembers): WireRequest {
  switch (model.protocol) {
    case 'json':
      return plainRequest(operation, input, jsonBody(operation.input, input), {
        'content-type': `application/x-amz-json-${model.jsonVersion}`,
        'x-amz-target': `${model.targetPrefix}.${operation.name}`,
      });
    case 'query':
    case 'ec2':
      return plainRequest(operation, input, formOf(model, operation, input), {
        'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
      });
    case 'rest-json':
    case 'rest-xml':
      return restRequest(model, operation, input);
    default:
      return model.protocol satisfies never;
  }
}

const plainRequest = (
  operation: OperationModel,
  input: WireMembers,
  text: string,
  headers: Readonly<Record<string, string>>,
): WireRequest => ({
  method: 'POST',
  path: '/',
  query: [],
  headers,
  body: Buffer.from(text),
  hostPrefix: hostPrefixOf(operation, input),
});

const jsonBody = (shape: StructureShape | null, members: WireMembers): string =>
  shape === null ? '{}' : writeJson(jsonOf(shape, members));

function restRequest(model: ServiceModel, operation: OperationModel, input: WireMembers): WireRequest {
  const shape = operation.input;
  const [template = '/', fixed = ''] = operation.uri.split('?');
  const query: [string, string][] = fixed
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const [name = '', value = ''] = pair.split('=');
      return [name, value];
    });
  const body = shape === null ? EMPTY : restBody(model, operation, shape, input);
  const headers: Record<string, string> = { ...body.headers };
  if (shape !== null) {
    for (const [member, value] of input) placeMember(shape, member, value, { query, headers });
  }
  if (operation.takesChecksum && model.protocol === 'rest-xml') addChecksum(headers, body.bytes);
  return {
    method: operation.method,
    path: pathOf(template, shape, input),
    query,
    headers,
    body: body.bytes,
    hostPrefix: hostPrefixOf(operation, input),
  };
}

interface RestBody {
  readonly bytes: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

const EMPTY: RestBody = { bytes: Buffer.alloc(0), headers: {} };

function restBody(model: ServiceModel, operation: OperationModel, shape: StructureShape, input: WireMembers): RestBody {
  const isJson = model.protocol === 'rest-json';
  if (shape.payload !== null) return payloadBody(model, shape, shape.payload, input);
  const names = [...shape.members.keys()].filter((member) => isInBody(shape, member));
  if (names.length === 0) return EMPTY;
  if (isJson) {
    const value = jsonOf(shape, input, (member) => isInBody(shape, member));
    return { bytes: Buffer.from(writeJson(value)), headers: { 'content-type': 'application/json' } };
  }
  const root = operation.rootName ?? `${operation.name}Request`;
  const namespace = operation.rootNamespace ?? model.xmlNamespace;
  return { bytes: Buffer.from(xmlOf(root, namespace, shape, input)), headers: XML };
}

const XML = { 'content-type': 'application/xml' };

/** One member is the whole body. */
function payloadBody(model: ServiceModel, shape: StructureShape, member: string, input: WireMembers): RestBody {
  const of = shape.members.get(member);
  const value = input.get(member) ?? null;
  if (of === undefined || value === null) return EMPTY;
  if (Buffer.isBuffer(value)) {
    // Recorded: content that Step Functions writes is text, whatever it is.
    const isContent = shape.wires.get(member)?.isStreaming === true || (of.type === 'blob' && of.isStreaming);
    const type = isContent ? 'text/plain; charset=UTF-8' : 'application/octet-stream';
    return { bytes: value, headers: { 'content-type': type } };
  }
  if (typeof value === 'string') return { bytes: Buffer.from(value), headers: { 'content-type': 'text/plain' } };
  if (model.protocol === 'rest-json') {
    const headers = { 'content-type': 'application/json' };
    return { bytes: Buffer.from(writeJson(jsonValueOf(of, value, null))), headers };
  }
  if (of.type !== 'structure' || !(value instanceof Map)) return EMPTY;
  const wire = shape.wires.get(member);
  const namespace = wire?.xmlNamespace?.uri ?? model.xmlNamespace;
  return { bytes: Buffer.from(xmlOf(wire?.name ?? member, namespace, of, value)), headers: XML };
}

function placeMember(
  shape: StructureShape,
  member: string,
  value: WireValue,
  { query, headers }: { readonly query: [string, string][]; readonly headers: Record<string, string> },
): void {
  const wire = shape.wires.get(member);
  if (wire === undefined || value === null) return;
  const name = wire.name ?? member;
  const of = shape.members.get(member);
  const own = of?.type === 'timestamp' ? of.timestampFormat : null;
  switch (wire.location) {
    case 'query':
      if (value instanceof Map) {
        for (const [key, item] of value) for (const one of listed(item)) query.push([key, scalarText(one, null)]);
      } else for (const one of listed(value)) query.push([name, scalarText(one, wire.timestampFormat ?? own)]);
      return;
    case 'header':
      headers[name.toLowerCase()] = headerText(value, wire.timestampFormat ?? own ?? 'rfc822', wire.isJsonHeader);
      return;
    case 'headers':
      if (value instanceof Map)
        for (const [key, item] of value) headers[(name + key).toLowerCase()] = scalarText(item, null);
      return;
    case 'body':
    case 'path':
    case 'status':
      return;
    default:
      wire.location satisfies never;
  }
}

const listed = (value: WireValue): readonly WireValue[] => (isWireList(value) ? value : [value]);

function headerText(value: WireValue, timestampFormat: string, isJson: boolean): string {
  if (isJson) return Buffer.from(scalarText(value, null)).toString('base64');
  if (value instanceof Date) return String(writeTimestamp(value, timestampFormat));
  return listed(value)
    .map((item) => scalarText(item, timestampFormat))
    .join(',');
}

/** Java's SDK sends one where the service can check it. */
function addChecksum(headers: Record<string, string>, body: Buffer): void {
  if (Object.keys(headers).some((name) => name.startsWith('x-amz-checksum-'))) return;
  const algorithm = headers['x-amz-sdk-checksum-algorithm'] ?? 'CRC32';
  if (algorithm === 'SHA256') {
    headers['x-amz-checksum-sha256'] = createHash('sha256').update(body).digest('base64');
  } else if (algorithm === 'SHA1') {
    headers['x-amz-checksum-sha1'] = createHash('sha1').update(body).digest('base64');
  } else {
    const sum = crc32();
    sum.update(body);
    headers['x-amz-sdk-checksum-algorithm'] = 'CRC32';
    headers['x-amz-checksum-crc32'] = sum.digest().toString('base64');
  }
}

/** `/{Key+}` keeps the slashes of its value. Throws MissingMember. */
function pathOf(template: string, shape: StructureShape | null, input: WireMembers): string {
  return template.replace(/\{([^}+]+)(\+?)\}/g, (_, name: string, greedy: string) => {
    const member = memberAt(shape, name);
    const value = input.get(member) ?? null;
    const text = value === null ? '' : scalarText(value, null);
    if (text === '') throw new MissingMember(member);
    return greedy === '+' ? text.split('/').map(encodePart).join('/') : encodePart(text);
  });
}

function memberAt(shape: StructureShape | null, name: string): string {
  for (const [member, wire] of shape?.wires ?? []) if (wire.location === 'path' && wire.name === name) return member;
  return name;
}

const encodePart = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

/** Throws MissingMember. */
function hostPrefixOf({ hostPrefix }: OperationModel, input: WireMembers): string {
  if (hostPrefix === null) return '';
  return hostPrefix.replace(/\{([^}]+)\}/g, (_, member: string) => {
    const value = input.get(member);
    if (typeof value !== 'string' || !/^[A-Za-z0-9-]{1,63}$/.test(value)) throw new MissingMember(member);
    return value;
  });
}
