import { push } from './bounds.js';
import { SEQUENCE } from './flags.js';

/** What an evaluation takes from outside. */
export interface JsonataHost {
  /** `$states` and the workflow's variables; undefined for a name that is neither. */
  lookup(name: string): unknown;
  /** Epoch milliseconds. */
  readonly at: number;
  random(): number;
  uuid(): string;
}

/** Variables of one block, function call or tuple, inside those of another. */
export class Frame {
  readonly base: Evaluation | null;
  #bindings: Map<string, unknown> | null = null;

  constructor(private readonly enclosing: Frame | null) {
    this.base = enclosing === null ? null : enclosing.base;
  }

  bind(name: string, value: unknown): void {
    this.#bindings ??= new Map();
    this.#bindings.set(name, value);
  }

  lookup(name: string): unknown {
    let frame: Frame = this;
    for (;;) {
      const bindings = frame.#bindings;
      if (bindings !== null) {
        const value = bindings.get(name);
        if (value !== undefined || bindings.has(name)) return value;
      }
      if (frame.enclosing === null) return frame.lookupOutside(name);
      frame = frame.enclosing;
    }
  }

  /** Names that are bound here, not outside. */
  get names(): readonly string[] {
    return [...(this.#bindings?.keys() ?? [])];
  }

  /** What the date functions take the missing parts of a date from. */
  get timestamp(): Date {
    return new Date(this.base?.host.at ?? 0);
  }

  protected lookupOutside(_name: string): unknown {
    return undefined;
  }
}

/** The outermost frame of one evaluation. */
export class Evaluation extends Frame {
  override readonly base: Evaluation = this;
  readonly createSequence = createSequence;
  /** Expressions within each other now. */
  depth = 0;

  constructor(
    readonly host: JsonataHost,
    private readonly functions: Frame,
  ) {
    super(null);
  }

  protected override lookupOutside(name: string): unknown {
    return this.functions.lookup(name) ?? (typeof name === 'string' ? this.host.lookup(name) : undefined);
  }
}

/** A sequence: an array that stands for its item when it has only one, and for nothing when it has none. */
function createSequence(...items: unknown[]): unknown[] {
  const sequence: unknown[] & { [SEQUENCE]?: boolean } = [];
  sequence[SEQUENCE] = true;
  if (items.length === 1) push(sequence, items[0]);
  return sequence;
}
