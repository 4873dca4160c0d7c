import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Place } from '../../arn.js';
import { TABLE_REGIONS_MAX } from '../../limits.js';
import { type Engine, openEngine, type TableAnswer } from './engine.js';

export interface TablesOptions {
  /** One LevelDB for each region lies in it; null = in memory (tests). */
  readonly folder: string | null;
}

/**
 * DynamoDB by dynalite, in this process. Every region has tables of its own, opened at first use. Tables survive a crash of
 * the process, not of the machine (nothing is synced). Effects happen at least once: a repeated task writes again.
 */
export class Tables {
  readonly #engines = new Map<string, Promise<Engine>>();

  constructor(private readonly options: TablesOptions) {}

  /** Performs an operation (`PutItem`, …). Never rejects for the caller's faults: they are in the answer. */
  async call(operation: string, input: unknown, place: Place): Promise<TableAnswer> {
    if (typeof input !== 'object' || input === null || Array.isArray(input)) {
      return {
        status: 400,
        body: { __type: 'SerializationException', message: 'Expected the input to be an object.' },
      };
    }
    const engine = await this.#engine(place);
    // A copy without members of its own class: dynalite takes members away.
    return engine.call(operation, { ...input });
  }

  async close(): Promise<void> {
    const engines = [...this.#engines.values()];
    this.#engines.clear();
    await Promise.all(engines.map(async (engine) => (await engine).close()));
  }

  #engine(place: Place): Promise<Engine> {
    const found = this.#engines.get(place.region);
    if (found !== undefined) return found;
    if (this.#engines.size >= TABLE_REGIONS_MAX) {
      return Promise.reject(new Error(`Expected tables in at most ${TABLE_REGIONS_MAX} regions, but there are more.`));
    }
    const opened = this.#open(place);
    this.#engines.set(place.region, opened);
    opened.catch(() => this.#engines.delete(place.region)); // the next call tries again
    return opened;
  }

  async #open(place: Place): Promise<Engine> {
    if (this.options.folder === null) return openEngine(null, place);
    const folder = join(this.options.folder, place.region);
    await mkdir(folder, { recursive: true });
    return openEngine(folder, place);
  }
}
