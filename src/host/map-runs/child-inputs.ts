import { MAP_RUN_CHUNK_CHARS_MAX, MAP_RUN_CHUNK_CHILDREN_MAX } from '../../limits.js';
import type { RecordStore, RecordWrite } from '../../store/ports.js';
import { putJson } from '../../store/record-writes.js';
import { CHILD_INPUTS } from './documents.js';

/** A child's input as JSON text, and the items in it. */
export interface ChildInput {
  readonly text: string;
  readonly itemCount: number;
}

interface Chunk {
  /** Index of its first child. */
  readonly first: number;
  readonly inputs: readonly ChildInput[];
}

const keyOf = (runId: string, first: number): string => `${runId}/${String(first).padStart(12, '0')}`;

/** Stores children's inputs in chunks, so that memory holds one chunk and the source is read once. */
export class ChildInputWriter {
  #pending: ChildInput[] = [];
  #chars = 0;
  #first = 0;
  #items = 0;

  constructor(
    private readonly runId: string,
    private readonly write: (writes: readonly RecordWrite[]) => Promise<void>,
  ) {}

  async add(input: ChildInput): Promise<void> {
    this.#pending.push(input);
    this.#chars += input.text.length;
    this.#items += input.itemCount;
    const isFull = this.#pending.length >= MAP_RUN_CHUNK_CHILDREN_MAX || this.#chars >= MAP_RUN_CHUNK_CHARS_MAX;
    if (isFull) await this.#flush();
  }

  async end(): Promise<{ readonly childCount: number; readonly itemCount: number }> {
    if (this.#pending.length > 0) await this.#flush();
    return { childCount: this.#first, itemCount: this.#items };
  }

  async #flush(): Promise<void> {
    const lines = this.#pending.map(({ text, itemCount }) => [itemCount, text]);
    await this.write([putJson(CHILD_INPUTS, keyOf(this.runId, this.#first), lines)]);
    this.#first += this.#pending.length;
    this.#pending = [];
    this.#chars = 0;
  }
}

/** Reads children's inputs back. Children start in order, so one chunk is held. */
export class ChildInputReader {
  #chunk: Chunk | null = null;

  constructor(
    private readonly records: RecordStore,
    private readonly runId: string,
  ) {}

  async at(index: number): Promise<ChildInput> {
    const { first, inputs } = holds(this.#chunk, index) ? this.#chunk : await this.#load(index);
    const input = inputs[index - first];
    if (input === undefined) throw new Error(`Broken invariant: map run ${this.runId} has no input of child ${index}`);
    return input;
  }

  /** Null after the last child. */
  async chunkAfter(last: Chunk | null): Promise<Chunk | null> {
    const after = last === null ? null : keyOf(this.runId, last.first);
    const [row] = await this.records.scan({ collection: CHILD_INPUTS, prefix: `${this.runId}/`, after, limit: 1 });
    return row === undefined ? null : readChunk(row);
  }

  async #load(index: number): Promise<Chunk> {
    // Keys tell where a chunk begins, not where it ends: the last one before the next child's.
    for (let chunk = index < (this.#chunk?.first ?? 0) ? null : this.#chunk; ; ) {
      chunk = await this.chunkAfter(chunk);
      if (chunk === null) throw new Error(`Broken invariant: map run ${this.runId} has no input of child ${index}`);
      if (!holds(chunk, index)) continue;
      this.#chunk = chunk;
      return chunk;
    }
  }
}

const holds = (chunk: Chunk | null, index: number): chunk is Chunk =>
  chunk !== null && index >= chunk.first && index < chunk.first + chunk.inputs.length;

function readChunk({ key, value }: { readonly key: string; readonly value: string }): Chunk {
  const lines = JSON.parse(value) as [number, string][]; // written by us
  return {
    first: Number(key.slice(key.lastIndexOf('/') + 1)),
    inputs: lines.map(([itemCount, text]) => ({ text, itemCount })),
  };
}
