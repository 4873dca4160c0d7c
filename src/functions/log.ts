import { appendFile, mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  FUNCTION_LOG_FILE_BYTES_MAX,
  FUNCTION_LOG_FILES_MAX,
  FUNCTION_LOG_PAGE_LINES_MAX,
  FUNCTION_LOG_PENDING_CHARS_MAX,
} from '../limits.js';

export interface LogLine {
  /** Epoch milliseconds. */
  readonly at: number;
  /** Empty for what was printed outside of any call. */
  readonly requestId: string;
  /** `platform`: START, END, REPORT and warnings of Treadle. */
  readonly stream: 'stdout' | 'stderr' | 'platform';
  readonly text: string;
}

export interface LogQuery {
  /** Only the lines of this call. */
  readonly requestId?: string | undefined;
  /** The cursor of an earlier page; without it, from the oldest line that is kept. */
  readonly after?: string | undefined;
  readonly limit: number;
}

export interface LogPage {
  readonly lines: readonly LogLine[];
  /** Where the next page starts, also when there are no more lines yet. */
  readonly cursor: string;
}

const CHUNK_BYTES = 262_144;
/** Lines of this time are written together. */
const COLLECT_MS = 10;

/**
 * The log of one function: JSON lines in files of bounded size, `000001.jsonl` and up; the oldest go. Lines are written
 * in the background, in order; a power cut may lose the last ones (they are not part of what must be durable).
 */
export class FunctionLog {
  readonly #folder: string;
  #pending: string[] = [];
  #pendingChars = 0;
  #writing: Promise<void> | null = null;
  #generation = 0;
  #generationBytes = 0;
  #isRemoved = false;

  constructor(folder: string) {
    this.#folder = folder;
  }

  append(line: LogLine): void {
    if (this.#isRemoved) return;
    const text = `${JSON.stringify(line)}\n`;
    this.#pending.push(text);
    this.#pendingChars += text.length;
    this.#writing ??= this.#write();
  }

  /** Null while there is room for more lines, else resolves when there is again. */
  pause(): Promise<void> | null {
    return this.#pendingChars > FUNCTION_LOG_PENDING_CHARS_MAX ? this.#writing : null;
  }

  async flush(): Promise<void> {
    while (this.#writing !== null) await this.#writing;
  }

  async read(query: LogQuery): Promise<LogPage> {
    await this.flush();
    const limit = Math.min(query.limit, FUNCTION_LOG_PAGE_LINES_MAX);
    const generations = await this.#generations();
    let place = parseCursor(query.after);
    const lines: LogLine[] = [];
    for (const generation of generations) {
      if (generation < place.generation) continue;
      if (generation > place.generation) place = { generation, offset: 0 };
      place = await readLines(this.#file(generation), place, (line) => {
        if (query.requestId === undefined || line.requestId === query.requestId) lines.push(line);
        return lines.length < limit;
      });
      if (lines.length >= limit) break;
    }
    return { lines, cursor: `${place.generation}:${place.offset}` };
  }

  async remove(): Promise<void> {
    this.#isRemoved = true;
    await this.flush();
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #write(): Promise<void> {
    try {
      await new Promise((resolve) => setTimeout(resolve, COLLECT_MS));
      if (this.#generation === 0) await this.#openNewest();
      while (this.#pending.length > 0) {
        const text = this.#pending.join('');
        this.#pending = [];
        this.#pendingChars = 0;
        if (this.#generationBytes >= FUNCTION_LOG_FILE_BYTES_MAX) await this.#rotate();
        await appendFile(this.#file(this.#generation), text);
        this.#generationBytes += Buffer.byteLength(text);
      }
    } catch {
      // A full disk must not stop functions: these lines are lost, later ones are tried again.
      this.#pending = [];
      this.#pendingChars = 0;
    } finally {
      this.#writing = null;
    }
  }

  async #openNewest(): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    const newest = (await this.#generations()).at(-1);
    this.#generationBytes = newest === undefined ? 0 : (await stat(this.#file(newest))).size;
    this.#generation = newest ?? 1;
    // A crash may have left half a line, which must not swallow the next one; readers skip empty lines.
    if (this.#generationBytes > 0) await appendFile(this.#file(this.#generation), '\n');
  }

  async #rotate(): Promise<void> {
    this.#generation += 1;
    this.#generationBytes = 0;
    for (const generation of await this.#generations()) {
      if (generation <= this.#generation - FUNCTION_LOG_FILES_MAX) await rm(this.#file(generation), { force: true });
    }
  }

  /** Numbers of the files that are there, ascending. */
  async #generations(): Promise<readonly number[]> {
    const names = await readdir(this.#folder).catch((): string[] => []);
    return names
      .filter((name) => /^\d{6,}\.jsonl$/.test(name))
      .map((name) => Number.parseInt(name, 10))
      .sort((left, right) => left - right);
  }

  #file(generation: number): string {
    return join(this.#folder, `${String(generation).padStart(6, '0')}.jsonl`);
  }
}

interface LogPlace {
  readonly generation: number;
  readonly offset: number;
}

/** A cursor that is not ours starts at the oldest line. */
function parseCursor(cursor: string | undefined): LogPlace {
  const match = /^(\d{1,9}):(\d{1,12})$/.exec(cursor ?? '');
  return { generation: Number(match?.[1] ?? 0), offset: Number(match?.[2] ?? 0) };
}

/** Gives whole lines from `place` on to `take` until it returns false. Returns the place behind the last line taken. */
async function readLines(file: string, place: LogPlace, take: (line: LogLine) => boolean): Promise<LogPlace> {
  const handle = await open(file, 'r').catch(() => null);
  if (handle === null) return place; // rotated away meanwhile
  try {
    let { offset } = place;
    let rest = Buffer.alloc(0);
    for (;;) {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(CHUNK_BYTES), 0, CHUNK_BYTES, offset + rest.length);
      if (bytesRead === 0) return { ...place, offset };
      rest = Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
      let start = 0;
      for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10, start)) {
        const line = parseLine(rest.toString('utf8', start, end));
        start = end + 1;
        if (line !== null && !take(line)) return { ...place, offset: offset + start };
      }
      offset += start;
      rest = rest.subarray(start);
    }
  } finally {
    await handle.close();
  }
}

/** Null for a line that a power cut damaged. */
function parseLine(text: string): LogLine | null {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || !('text' in value) || !('at' in value)) return null;
    return value as LogLine; // our own text, written by `append`
  } catch {
    return null;
  }
}
