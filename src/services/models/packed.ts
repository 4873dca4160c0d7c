import type { MemberWire, Shape, StructureShape } from './shape.js';

/** Models as `models.bin` has them; README.md beside this file says what the letters mean. */
export interface PackedModel {
  readonly id: string;
  readonly p: string;
  readonly e: string;
  readonly v: string;
  readonly n?: string;
  readonly t?: string;
  readonly j?: string;
  readonly x?: string;
  readonly g?: string;
  readonly o: Readonly<Record<string, PackedOperation>>;
  readonly s: readonly PackedShape[];
  readonly f: Readonly<Record<string, string>>;
}

export interface PackedOperation {
  readonly i?: number;
  readonly o?: number;
  readonly m?: string;
  readonly u?: string;
  readonly w?: string;
  readonly r?: string;
  readonly x?: string;
  readonly h?: string;
  readonly a?: 0;
  readonly b?: 1;
  readonly c?: 1;
}

interface PackedWire {
  readonly l?: 'u' | 'q' | 'h' | 'H' | 's';
  readonly n?: string;
  readonly q?: string;
  readonly f?: string;
  readonly i?: 1;
  readonly x?: 1;
  readonly F?: 1;
  readonly j?: 1;
  readonly h?: 1;
  readonly k?: 1;
  readonly s?: string;
  readonly S?: string;
}

export interface PackedShape {
  readonly t?: 'string' | 'blob' | 'timestamp' | 'number' | 'boolean';
  readonly m?: Readonly<Record<string, number>>;
  readonly r?: readonly string[];
  readonly w?: Readonly<Record<string, PackedWire>>;
  readonly p?: string;
  readonly d?: 1;
  readonly E?: 1;
  readonly l?: number;
  readonly v?: number;
  readonly a?: number;
  readonly z?: number;
  readonly e?: readonly string[];
  readonly f?: string;
  readonly k?: 1;
  readonly n?: string | 1;
  readonly N?: string;
  readonly F?: 1;
}

/** Gives shapes by their numbers; each is unpacked when first asked for, and the same object from then on. */
export class PackedShapes {
  readonly #shapes = new Map<number, Shape>();

  constructor(private readonly packed: readonly PackedShape[]) {}

  structure(number: number | undefined): StructureShape | null {
    const shape = number === undefined ? null : this.at(number);
    return shape?.type === 'structure' ? shape : null;
  }

  /** Compound shapes are known before their parts, for they may hold themselves. */
  at(number: number): Shape {
    const known = this.#shapes.get(number);
    if (known !== undefined) return known;
    const packed = this.packed[number] ?? {};
    const shape = this.#unpack(packed, number);
    if (packed.m === undefined) this.#shapes.set(number, shape);
    return shape;
  }

  #unpack(packed: PackedShape, number: number): Shape {
    const { t, m, l, v, a, z } = packed;
    const bounds = { min: a ?? null, max: z ?? null };
    if (m !== undefined) return this.#structure(packed, m, number);
    const at = (of: number): Shape => this.at(of);
    const isFlattened = packed.F === 1;
    const name = typeof packed.n === 'string' ? packed.n : null;
    if (l !== undefined) {
      return {
        type: 'list',
        ...bounds,
        itemName: name,
        isFlattened,
        get item() {
          return at(l);
        },
      };
    }
    if (v !== undefined) {
      return {
        type: 'map',
        keyName: name,
        valueName: packed.N ?? null,
        isFlattened,
        get value() {
          return at(v);
        },
      };
    }
    if (t === undefined) throw new Error(`Broken invariant: shape ${number} of the service models has no type`);
    const { e, f, k, n } = packed;
    return {
      type: t,
      ...bounds,
      oneOf: e ?? null,
      timestampFormat: f ?? null,
      isStreaming: k === 1,
      isInteger: n === 1,
    };
  }

  #structure({ r, w, p, d, E }: PackedShape, m: Readonly<Record<string, number>>, number: number): StructureShape {
    const members = new Map<string, Shape>();
    const shape: StructureShape = {
      type: 'structure',
      members,
      required: r ?? [],
      wires: new Map(Object.entries(w ?? {}).map(([name, wire]) => [name, unpackWire(wire)])),
      payload: p ?? null,
      isDocument: d === 1,
      isEventStream: E === 1,
    };
    this.#shapes.set(number, shape);
    for (const [name, of] of Object.entries(m)) members.set(name, this.at(of));
    return shape;
  }
}

const LOCATIONS = { u: 'path', q: 'query', h: 'header', H: 'headers', s: 'status' } as const;

const unpackWire = ({ l, n, q, f, i, x, F, j, h, k, s, S }: PackedWire): MemberWire => ({
  location: l === undefined ? 'body' : LOCATIONS[l],
  name: n ?? null,
  queryName: q ?? null,
  timestampFormat: f ?? null,
  isIdempotencyToken: i === 1,
  isXmlAttribute: x === 1,
  isFlattened: F === 1,
  isJsonHeader: j === 1,
  isHostLabel: h === 1,
  isStreaming: k === 1,
  xmlNamespace: s === undefined ? null : { uri: s, prefix: S ?? null },
});
