// Writes src/services/models/models.bin: what the operations of AWS's services take and answer with, and how it travels, out of
// the service models that botocore ships. Needed only to renew the file: node scripts/generate-service-models.mjs <botocore>/data
// The folder holds <service>/<version>/service-2.json, gzipped or not. The format is described in src/services/models/README.md.

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gunzipSync } from 'node:zlib';

const target = fileURLToPath(new URL('../src/services/models/models.bin', import.meta.url));
const SCALARS = {
  string: 'string',
  character: 'string',
  timestamp: 'timestamp',
  blob: 'blob',
  boolean: 'boolean',
  integer: 'number',
  long: 'number',
  float: 'number',
  double: 'number',
};

function readModel(folder) {
  const version = readdirSync(folder).sort().at(-1);
  const plain = join(folder, version ?? '', 'service-2.json');
  if (existsSync(`${plain}.gz`)) return JSON.parse(gunzipSync(readFileSync(`${plain}.gz`)).toString());
  return existsSync(plain) ? JSON.parse(readFileSync(plain, 'utf8')) : null;
}

/**
 * Bounds that AWS's TestState was recorded to enforce (December 2025) and that newer models have moved. A recording is what
 * we know of AWS; whether TestState has followed the newer model is not known.
 */
const RECORDED_BOUNDS = { Lambda: { MemorySize: { max: 10240 } } };

/** The name that Step Functions has for the service in `arn:aws:states:::aws-sdk:<name>:…`. */
const integrationName = (serviceId) =>
  serviceId
    .toLowerCase()
    .replace(/ service$/, '')
    .replace(/[^a-z0-9]/g, '');

const LOCATIONS = { uri: 'u', querystring: 'q', header: 'h', headers: 'H', statusCode: 's' };

/** How a member travels, where it is not by its own name in the body. */
function memberWire({ location, locationName, queryName, timestampFormat, ...is }, name) {
  const wire = {
    ...(location && { l: LOCATIONS[location] }),
    ...(locationName && locationName !== name && { n: locationName }),
    ...(queryName && { q: queryName }),
    ...(timestampFormat && { f: timestampFormat }),
    ...(is.idempotencyToken && { i: 1 }),
    ...(is.xmlAttribute && { x: 1 }),
    ...(is.flattened && { F: 1 }),
    ...(is.jsonvalue && { j: 1 }),
    ...(is.hostLabel && { h: 1 }),
    ...(is.streaming && { k: 1 }),
    ...(is.xmlNamespace?.uri && { s: is.xmlNamespace.uri }),
    ...(is.xmlNamespace?.prefix && { S: is.xmlNamespace.prefix }),
  };
  return Object.keys(wire).length > 0 ? wire : undefined;
}

/** Shapes by number; equal scalars are one. Documentation and patterns are left out. */
class Shapes {
  all = [];
  #numbers = new Map();

  constructor(model) {
    this.model = model;
  }

  number(name) {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    const shape = this.model.shapes[name];
    const scalar = SCALARS[shape.type];
    if (scalar !== undefined) return this.#scalar(name, scalar, shape);
    const number = this.all.push({}) - 1;
    this.#numbers.set(name, number); // before the members: shapes may hold themselves
    Object.assign(this.all[number], this.#compound(shape));
    return number;
  }

  #scalar(name, type, { min, max, enum: values, timestampFormat, streaming, ...of }) {
    const shape = {
      t: type,
      ...bounds(min, max),
      ...(values && { e: values }),
      ...(timestampFormat && { f: timestampFormat }),
      ...(streaming && { k: 1 }),
      ...((of.type === 'integer' || of.type === 'long') && { n: 1 }),
    };
    const key = JSON.stringify(shape);
    const number = this.#numbers.get(key) ?? this.all.push(shape) - 1;
    this.#numbers.set(key, number);
    this.#numbers.set(name, number);
    return number;
  }

  #compound(shape) {
    switch (shape.type) {
      case 'structure': {
        const members = Object.entries(shape.members).map(([member, { shape: of }]) => [member, this.number(of)]);
        const wires = Object.entries(shape.members)
          .map(([member, traits]) => [member, memberWire(traits, member)])
          .filter(([, wire]) => wire !== undefined);
        return {
          m: Object.fromEntries(members),
          ...(shape.required?.length > 0 && { r: shape.required }),
          ...(wires.length > 0 && { w: Object.fromEntries(wires) }),
          ...(shape.payload && { p: shape.payload }),
          ...(shape.document && { d: 1 }),
          ...(shape.eventstream && { E: 1 }),
        };
      }
      case 'list':
        return {
          l: this.number(shape.member.shape),
          ...bounds(shape.min, shape.max),
          ...(shape.member.locationName && { n: shape.member.locationName }),
          ...(shape.flattened && { F: 1 }),
        };
      case 'map':
        return {
          v: this.number(shape.value.shape),
          ...(shape.key.locationName && { n: shape.key.locationName }),
          ...(shape.value.locationName && { N: shape.value.locationName }),
          ...(shape.flattened && { F: 1 }),
        };
      default:
        throw new Error(`Expected a shape of a known type, but there is '${shape.type}'`);
    }
  }
}

const bounds = (min, max) => ({ ...(min !== undefined && { a: min }), ...(max !== undefined && { z: max }) });

function compact(model) {
  const recorded = RECORDED_BOUNDS[model.metadata.serviceId] ?? {};
  for (const [name, bound] of Object.entries(recorded)) Object.assign(model.shapes[name], bound);
  const shapes = new Shapes(model);
  const operations = Object.entries(model.operations).map(([name, of]) => [name, operation(shapes, of)]);
  return {
    id: model.metadata.serviceId,
    ...serviceWire(model.metadata),
    o: Object.fromEntries(operations),
    s: shapes.all,
    f: exceptions(model),
  };
}

function operation(shapes, { http, input, output, httpChecksum, httpChecksumRequired, endpoint, authtype, ...is }) {
  const { method, requestUri } = http;
  const needsChecksum =
    httpChecksumRequired || httpChecksum?.requestAlgorithmMember || httpChecksum?.requestChecksumRequired;
  return {
    ...(input && { i: shapes.number(input.shape) }),
    ...(output && { o: shapes.number(output.shape) }),
    ...(method !== 'POST' && { m: method }),
    ...(requestUri !== '/' && { u: requestUri }),
    ...(output?.resultWrapper && { w: output.resultWrapper }),
    ...(input?.locationName && { r: input.locationName }),
    ...(input?.xmlNamespace?.uri && { x: input.xmlNamespace.uri }),
    ...(endpoint?.hostPrefix && { h: endpoint.hostPrefix }),
    ...(authtype === 'none' && { a: 0 }),
    ...(is.unsignedPayload && { b: 1 }),
    ...(needsChecksum && { c: 1 }),
  };
}

/** The protocols that are spoken, best first: every service that knows rpc-v2-cbor knows another as well. */
const PROTOCOLS = ['json', 'rest-json', 'rest-xml', 'query', 'ec2'];

function serviceWire(metadata) {
  const offered = [metadata.protocol, ...(metadata.protocols ?? [])];
  return {
    p: PROTOCOLS.find((protocol) => offered.includes(protocol)) ?? metadata.protocol,
    e: metadata.endpointPrefix,
    v: metadata.apiVersion,
    ...(metadata.signingName && metadata.signingName !== metadata.endpointPrefix && { n: metadata.signingName }),
    ...(metadata.targetPrefix && { t: metadata.targetPrefix }),
    ...(metadata.jsonVersion && { j: metadata.jsonVersion }),
    ...(metadata.xmlNamespace && { x: metadata.xmlNamespace.uri ?? metadata.xmlNamespace }),
    ...(metadata.globalEndpoint && { g: metadata.globalEndpoint }),
  };
}

/** Name on the wire → name of the exception's shape; a list of those that are the same. */
function exceptions({ shapes }) {
  const all = Object.entries(shapes).filter(([, shape]) => shape.exception);
  return Object.fromEntries(all.map(([name, shape]) => [shape.error?.code ?? name, name]));
}

const [folder] = process.argv.slice(2);
if (folder === undefined)
  throw new Error('Expected the folder of the service models (botocore/data), but none is given');
const index = {};
const blocks = [];
let offset = 0;
for (const name of readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name)
  .sort()) {
  const model = readModel(join(folder, name));
  if (!model?.metadata?.serviceId) continue;
  const text = Buffer.from(JSON.stringify(compact(model)));
  const block = brotliCompressSync(text, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: text.length },
  });
  index[integrationName(model.metadata.serviceId)] = [offset, block.length];
  offset += block.length;
  blocks.push(block);
}
const header = Buffer.from(JSON.stringify(index));
const length = Buffer.alloc(4);
length.writeUInt32BE(header.length);
writeFileSync(target, Buffer.concat([length, header, ...blocks]));
process.stdout.write(`${blocks.length} services, ${Math.round((offset + header.length) / 1024)} KiB\n`);
