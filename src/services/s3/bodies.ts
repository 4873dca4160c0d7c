import { randomBytes } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, rename, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { OBJECT_REMOVALS_HELD_MAX, OBJECT_TRANSFER_BYTES } from '../../limits/services.js';
import { S3Fault } from './fault.js';

/** A file's name: 32 hexadecimal digits, nothing of the object's key. The first two are its folder. */
export type FileId = string;

const FILE = /^[0-9a-f]{32}$/;
/** Behind the name of a file that is being written. */
const UNFINISHED = '.part';
const FOLDERS = Array.from({ length: 256 }, (_, index) => index.toString(16).padStart(2, '0'));

/** A part of one file. */
export interface Section {
  readonly file: FileId;
  readonly from: number;
  readonly bytes: number;
}

/**
 * Bodies of objects and parts, one file each, written once: whoever sees one under its name sees all of it. A file is on the disk when `write` resolves; it counts from the
 * moment a record names it, and what none names is swept at the next start.
 */
export class Bodies {
  /** Written or being written, and not yet named by a record. */
  readonly #pending = new Set<FileId>();
  readonly #readers = new Map<FileId, number>();
  readonly #doomed = new Set<FileId>();
  readonly #folders = new Map<string, Promise<void>>();
  /** What would have been deleted while somebody holds removals. */
  readonly #held = new Set<FileId>();
  #holders = 0;

  constructor(private readonly folder: string) {}

  /**
   * Writes and syncs a new file; when `source` or the disk fails, nothing stays. It is held until `named` or `discard` is called.
   * `observe` sees every chunk before it is written.
   */
  async write(source: AsyncIterable<Uint8Array>, observe: (chunk: Uint8Array) => void): Promise<FileId> {
    const file = randomBytes(16).toString('hex');
    this.#pending.add(file);
    try {
      await this.#folderOf(file);
      await this.#fill(file, source, observe);
      await syncFolder(dirname(this.#path(file)));
      return file;
    } catch (fault) {
      await this.discard(file);
      throw storageFault(fault);
    }
  }

  async #fill(file: FileId, source: AsyncIterable<Uint8Array>, observe: (chunk: Uint8Array) => void): Promise<void> {
    const unfinished = this.#path(file) + UNFINISHED;
    const handle = await open(unfinished, 'wx', 0o600);
    try {
      let gathered: Uint8Array[] = [];
      let bytes = 0;
      for await (const chunk of source) {
        observe(chunk);
        gathered.push(chunk);
        bytes += chunk.length;
        if (bytes < OBJECT_TRANSFER_BYTES) continue;
        await writeAll(handle, gathered, bytes);
        gathered = [];
        bytes = 0;
      }
      if (bytes > 0) await writeAll(handle, gathered, bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(unfinished, this.#path(file));
  }

  /** A record names the file now. */
  named(file: FileId): void {
    this.#pending.delete(file);
  }

  /** No record will name the file. */
  async discard(file: FileId): Promise<void> {
    await unlink(this.#path(file) + UNFINISHED).catch(() => undefined);
    await this.remove([file]);
    this.#pending.delete(file);
  }

  /** Deletes files that no record names any more; those being read go when their readers are done. What fails is swept later. */
  async remove(files: readonly FileId[]): Promise<void> {
    for (const file of files) {
      if (this.#holders > 0) this.#hold(file);
      else if (this.#readers.has(file)) this.#doomed.add(file);
      else await unlink(this.#path(file)).catch(() => undefined);
    }
  }

  /** No file is deleted until the answer is called: a copy of the records finds all that they name. */
  holdRemovals(): () => void {
    this.#holders += 1;
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      this.#holders -= 1;
      if (this.#holders > 0) return;
      const files = [...this.#held];
      this.#held.clear();
      void this.remove(files);
    };
  }

  #hold(file: FileId): void {
    if (this.#held.size < OBJECT_REMOVALS_HELD_MAX) this.#held.add(file); // else the next start sweeps it
  }

  /** The sections' bytes, one after the other. Their files stay until the iteration ends, so it must be begun, or `close`d. */
  read(sections: readonly Section[]): BodyReader {
    for (const { file } of sections) this.#readers.set(file, (this.#readers.get(file) ?? 0) + 1);
    return new BodyReader(
      sections,
      (file) => this.#path(file),
      () => this.#release(sections),
    );
  }

  #release(sections: readonly Section[]): void {
    for (const { file } of sections) {
      const left = (this.#readers.get(file) ?? 1) - 1;
      if (left > 0) this.#readers.set(file, left);
      else {
        this.#readers.delete(file);
        if (this.#doomed.delete(file)) void this.remove([file]);
      }
    }
  }

  /** Deletes every file that `namedIn` (a folder's two digits → files that records name) does not know. Returns how many. */
  async sweep(namedIn: (folder: string) => Promise<ReadonlySet<FileId>>, goesOn: () => boolean): Promise<number> {
    let swept = 0;
    for (const folder of FOLDERS) {
      if (!goesOn()) break;
      const found = await listed(join(this.folder, folder));
      // In this order: what was pending when the folder was listed may be named by a record a moment later.
      const idle = found.filter((name) => !this.#pending.has(fileOf(name)) && !this.#readers.has(fileOf(name)));
      const candidates = idle.filter((name) => FILE.test(name));
      swept += await this.#sweepUnfinished(folder, idle);
      if (candidates.length === 0) continue;
      const named = await namedIn(folder);
      const orphans = candidates.filter((file) => !named.has(file));
      await this.remove(orphans);
      swept += orphans.length;
    }
    return swept;
  }

  async #sweepUnfinished(folder: string, names: readonly string[]): Promise<number> {
    const unfinished = names.filter((name) => name.endsWith(UNFINISHED) && FILE.test(fileOf(name)));
    for (const name of unfinished) await unlink(join(this.folder, folder, name)).catch(() => undefined);
    return unfinished.length;
  }

  #path(file: FileId): string {
    return join(this.folder, file.slice(0, 2), file);
  }

  #folderOf(file: FileId): Promise<void> {
    const name = file.slice(0, 2);
    let ready = this.#folders.get(name);
    if (ready === undefined) {
      ready = this.#makeFolder(join(this.folder, name));
      ready.catch(() => this.#folders.delete(name)); // tried again by the next one
      this.#folders.set(name, ready);
    }
    return ready;
  }

  async #makeFolder(path: string): Promise<void> {
    await mkdir(path, { recursive: true, mode: 0o700 });
    await syncFolder(this.folder);
  }
}

const fileOf = (name: string): FileId => (name.endsWith(UNFINISHED) ? name.slice(0, -UNFINISHED.length) : name);

/** One reading of a body. Iterate it once, to the end or not, or close it. */
export class BodyReader implements AsyncIterable<Uint8Array> {
  #isOver = false;

  constructor(
    private readonly sections: readonly Section[],
    private readonly pathOf: (file: FileId) => string,
    private readonly release: () => void,
  ) {}

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    const chunks = this.#chunks();
    return {
      next: () => chunks.next(),
      // A generator that was never begun would not come to its `finally`.
      return: async () => {
        this.close();
        return chunks.return(undefined);
      },
    };
  }

  async *#chunks(): AsyncGenerator<Uint8Array> {
    try {
      for (const section of this.sections) yield* readSection(this.pathOf(section.file), section);
    } finally {
      this.close();
    }
  }

  close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.release();
  }
}

async function* readSection(path: string, { from, bytes }: Section): AsyncGenerator<Uint8Array> {
  if (bytes === 0) return;
  const handle = await open(path, 'r');
  try {
    for (let done = 0; done < bytes; ) {
      const length = Math.min(OBJECT_TRANSFER_BYTES, bytes - done);
      const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(length), 0, length, from + done);
      if (bytesRead === 0)
        throw new Error(`Expected ${bytes} bytes from ${from} in '${path}', but it ends after ${done}.`);
      done += bytesRead;
      yield bytesRead === length ? buffer : buffer.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}

async function writeAll(handle: FileHandle, chunks: readonly Uint8Array[], bytes: number): Promise<void> {
  const { bytesWritten } = await handle.writev(chunks as Uint8Array[]); // not changed by it
  if (bytesWritten === bytes) return;
  const rest = Buffer.concat(chunks).subarray(bytesWritten); // a write may be cut, e.g. by a signal
  await handle.writeFile(rest);
}

/** The name of a new file is on the disk only when its folder is. */
async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function listed(path: string): Promise<readonly string[]> {
  try {
    return await readdir(path);
  } catch (fault) {
    if (fault instanceof Error && 'code' in fault && fault.code === 'ENOENT') return [];
    throw fault;
  }
}

const DISK_CODES = new Set(['ENOSPC', 'EDQUOT', 'EFBIG', 'EROFS', 'EIO', 'EMFILE', 'ENFILE']);

/** A disk that cannot take the body is said to the client, which may come again. */
function storageFault(fault: unknown): unknown {
  const code = fault instanceof Error && 'code' in fault ? String(fault.code) : '';
  if (!DISK_CODES.has(code)) return fault;
  return new S3Fault(
    'ServiceUnavailable',
    `The disk could not take the object (${code}). Nothing was stored; send it again.`,
  );
}
