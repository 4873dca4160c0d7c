import { readFileSync } from 'node:fs';
import { brotliDecompressSync } from 'node:zlib';
import { SERVICE_MODELS_IN_MEMORY_MAX } from '../../limits.js';
import type { Shape } from './shape.js';

/** One AWS service's operations. */
export interface ServiceModel {
  /** E.g. `CloudWatch Logs`. */
  readonly serviceId: string;
  /**
   * What the operation answers with: null where it answers with nothing, undefined where there is no such operation.
   * The name may be written as the service does (`PutItem`) or as Step Functions does (`putItem`).
   */
  output(operation: string): Shape | null | undefined;
}

/**
 * The service that Step Functions calls so in `arn:aws:states:::aws-sdk:<name>:<action>`, e.g. `cloudwatchlogs`; null when
 * there is no model of it. The first call reads a file of a megabyte, each service is unpacked when first asked for.
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

interface PackedModel {
  readonly id: string;
  readonly o: Readonly<Record<string, number | null>>;
  readonly s: readonly PackedShape[];
}

/** README.md beside this file says what the letters mean. */
interface PackedShape {
  readonly t?: 'string' | 'blob' | 'timestamp' | 'number' | 'boolean';
  readonly m?: Readonly<Record<string, number>>;
  readonly r?: readonly string[];
  readonly l?: number;
  readonly v?: number;
  readonly a?: number;
  readonly z?: number;
  readonly e?: readonly string[];
}

function unpack({ id, o, s }: PackedModel): ServiceModel {
  const shapes = new Map<number, Shape>();
  const operations = new Map(Object.entries(o).map(([name, number]) => [name.toLowerCase(), number]));
  return {
    serviceId: id,
    output(operation) {
      const number = operations.get(operation.toLowerCase());
      return typeof number === 'number' ? shapeAt(s, shapes, number) : number;
    },
  };
}

/** Compound shapes are known before their parts, for they may hold themselves. */
function shapeAt(packed: readonly PackedShape[], shapes: Map<number, Shape>, number: number): Shape {
  const known = shapes.get(number);
  if (known !== undefined) return known;
  const { t, m, r, l, v, a, z, e } = packed[number] ?? {};
  const bounds = { min: a ?? null, max: z ?? null };
  const keep = <S extends Shape>(shape: S): S => {
    shapes.set(number, shape);
    return shape;
  };
  if (m !== undefined) {
    const members = new Map<string, Shape>();
    const shape = keep({ type: 'structure', members, required: r ?? [] });
    for (const [name, of] of Object.entries(m)) members.set(name, shapeAt(packed, shapes, of));
    return shape;
  }
  if (l !== undefined) {
    return keep({
      type: 'list',
      ...bounds,
      get item() {
        return shapeAt(packed, shapes, l);
      },
    });
  }
  if (v !== undefined) {
    return keep({
      type: 'map',
      get value() {
        return shapeAt(packed, shapes, v);
      },
    });
  }
  if (t === undefined) throw new Error(`Broken invariant: shape ${number} of the service models has no type`);
  return keep({ type: t, ...bounds, oneOf: e ?? null });
}
