import { readFileSync } from 'node:fs';
import { brotliDecompressSync } from 'node:zlib';
import { SERVICE_MODELS_IN_MEMORY_MAX } from '../../limits.js';
import { type PackedModel, type PackedOperation, PackedShapes } from './packed.js';
import type { Shape, StructureShape } from './shape.js';

/** The protocols in which AWS's services can be spoken to; services of rpc-v2-cbor all know another one. */
export type ServiceProtocol = 'json' | 'rest-json' | 'rest-xml' | 'query' | 'ec2';

/** One AWS service's operations. */
export interface ServiceModel {
  /** E.g. `CloudWatch Logs`. */
  readonly serviceId: string;
  readonly protocol: ServiceProtocol;
  /** First label of the endpoint's host name: `monitoring` in `monitoring.eu-west-1.amazonaws.com`. */
  readonly endpointPrefix: string;
  /** The host name of a service that has no regions; null otherwise. */
  readonly globalHost: string | null;
  /** The service in the scope of a signature. */
  readonly signingName: string;
  readonly apiVersion: string;
  /** In front of the operation in `X-Amz-Target`; null where the protocol has no such header. */
  readonly targetPrefix: string | null;
  readonly jsonVersion: string;
  readonly xmlNamespace: string | null;
  /** Error code on the wire → name of the exception's shape. */
  readonly exceptions: ReadonlyMap<string, string>;
  /**
   * What the operation answers with: null where it answers with nothing, undefined where there is no such operation.
   * The name may be written as the service does (`PutItem`) or as Step Functions does (`putItem`).
   */
  output(operation: string): Shape | null | undefined;
  /** Null where there is no such operation; the name as for `output`. */
  operation(name: string): OperationModel | null;
}

export interface OperationModel {
  /** As the service writes it. */
  readonly name: string;
  readonly method: string;
  /** E.g. `/2015-03-31/functions/{FunctionName}/code`, perhaps with a query. */
  readonly uri: string;
  readonly input: StructureShape | null;
  readonly output: StructureShape | null;
  /** Of the query protocol: the element around the output's members. */
  readonly resultWrapper: string | null;
  /** Of XML requests. */
  readonly rootName: string | null;
  readonly rootNamespace: string | null;
  /** In front of the host name, perhaps with a member: `{AccountId}.`. */
  readonly hostPrefix: string | null;
  readonly isUnsigned: boolean;
  readonly hasUnsignedPayload: boolean;
  readonly takesChecksum: boolean;
}

/**
 * The service that Step Functions calls so in `arn:aws:states:::aws-sdk:<name>:<action>`, e.g. `cloudwatchlogs`; null when
 * there is no model of it. The first call reads a file of 1.5 megabytes, each service is unpacked when first asked for.
 */
export function serviceModel(name: string): ServiceModel | null {
  const held = unpacked.get(name);
  if (held !== undefined) return held;
  archive ??= openArchive();
  const place = archive.index.get(name);
  if (place === undefined) return null;
  const [offset, length] = place;
  const block = archive.bytes.subarray(archive.start + offset, archive.start + offset + length);
  const model = unpack(JSON.parse(brotliDecompressSync(block).toString()) as PackedModel); // written by our own script
  const oldest = unpacked.keys().next();
  if (unpacked.size >= SERVICE_MODELS_IN_MEMORY_MAX && !oldest.done) unpacked.delete(oldest.value);
  unpacked.set(name, model);
  return model;
}

interface Archive {
  readonly bytes: Buffer;
  /** Where the first block begins. */
  readonly start: number;
  readonly index: ReadonlyMap<string, readonly [offset: number, length: number]>;
}

let archive: Archive | null = null;
const unpacked = new Map<string, ServiceModel>();

function openArchive(): Archive {
  const bytes = readFileSync(new URL('models.bin', import.meta.url));
  const start = 4 + bytes.readUInt32BE(0);
  const index = JSON.parse(bytes.subarray(4, start).toString()) as Record<string, [number, number]>;
  return { bytes, start, index: new Map(Object.entries(index)) };
}

function unpack({ id, p, e, v, n, t, j, x, g, o, s, f }: PackedModel): ServiceModel {
  const shapes = new PackedShapes(s);
  const operations = new Map(Object.entries(o).map(([name, of]) => [name.toLowerCase(), { name, ...of }]));
  return {
    serviceId: id,
    protocol: p as ServiceProtocol, // one of these by the script's own list
    endpointPrefix: e,
    globalHost: g ?? null,
    signingName: n ?? e,
    apiVersion: v,
    targetPrefix: t ?? null,
    jsonVersion: j ?? '1.0',
    xmlNamespace: x ?? null,
    exceptions: new Map(Object.entries(f)),
    output(operation) {
      const found = operations.get(operation.toLowerCase());
      if (found === undefined) return undefined;
      return found.o === undefined ? null : shapes.at(found.o);
    },
    operation(name) {
      const found = operations.get(name.toLowerCase());
      return found === undefined ? null : unpackOperation(shapes, found);
    },
  };
}

function unpackOperation(shapes: PackedShapes, packed: PackedOperation & { readonly name: string }): OperationModel {
  const { name, i, o, m, u, w, r, x, h, a, b, c } = packed;
  return {
    name,
    method: m ?? 'POST',
    uri: u ?? '/',
    input: shapes.structure(i),
    output: shapes.structure(o),
    resultWrapper: w ?? null,
    rootName: r ?? null,
    rootNamespace: x ?? null,
    hostPrefix: h ?? null,
    isUnsigned: a === 0,
    hasUnsignedPayload: b === 1,
    takesChecksum: c === 1,
  };
}
