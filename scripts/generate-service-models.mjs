// Writes src/services/models/models.bin: what the operations of AWS's services answer with, out of the service models that
// botocore ships. Needed only to renew the file: node scripts/generate-service-models.mjs <botocore>/data
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

/** Shapes by number; equal scalars are one. Documentation, patterns and everything about the wire is left out. */
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

  #scalar(name, type, { min, max, enum: values }) {
    const shape = { t: type, ...bounds(min, max), ...(values && { e: values }) };
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
        return { m: Object.fromEntries(members), ...(shape.required?.length > 0 && { r: shape.required }) };
      }
      case 'list':
        return { l: this.number(shape.member.shape), ...bounds(shape.min, shape.max) };
      case 'map':
        return { v: this.number(shape.value.shape) };
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
  const operations = Object.entries(model.operations).map(([name, { output }]) => [
    name,
    output === undefined ? null : shapes.number(output.shape),
  ]);
  return { id: model.metadata.serviceId, o: Object.fromEntries(operations), s: shapes.all };
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
