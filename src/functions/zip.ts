import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type UnzipFileInfo, unzipSync, zipSync } from 'fflate';
import { FUNCTION_FILES_MAX, FUNCTION_UNZIPPED_BYTES_MAX, FUNCTION_ZIP_BYTES_MAX } from '../limits.js';
import { FunctionRefusal, invalidParameter } from './refusal.js';

/** Bytes unpacked in one go; the event loop turns between them. */
const SLICE_BYTES = 8 * 1024 * 1024;

/** Throws FunctionRefusal for what is no zip, is too large, or would write outside of its folder. */
export function checkZip(bytes: Uint8Array): void {
  if (bytes.length > FUNCTION_ZIP_BYTES_MAX) {
    throw new FunctionRefusal(
      'RequestEntityTooLargeException',
      `Expected a zip of at most ${FUNCTION_ZIP_BYTES_MAX} bytes, but it has ${bytes.length}. Deploy the code as a folder.`,
      413,
    );
  }
  entriesOf(bytes);
}

/** Unpacks into `folder`, which must not exist. Throws FunctionRefusal as `checkZip`. */
export async function unpackZip(bytes: Uint8Array, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const names of slicesOf(entriesOf(bytes))) {
    for (const [name, content] of Object.entries(inflate(bytes, names))) {
      const file = join(folder, name);
      await mkdir(name.endsWith('/') ? file : dirname(file), { recursive: true });
      // Executable, as a zip may hold programs and fflate does not tell their mode.
      if (!name.endsWith('/')) await writeFile(file, content, { mode: 0o755 });
    }
  }
}

/** The same files are the same bytes whenever they are packed; zips know no time before 1980. */
const ALWAYS = new Date(1980, 0, 2);

/** Stored, not deflated: it is read on this machine only. */
export const packZip = (files: Readonly<Record<string, Uint8Array>>): Uint8Array =>
  zipSync(files, { level: 0, mtime: ALWAYS });

const notAZip = (): FunctionRefusal =>
  invalidParameter('Could not unzip uploaded file. Please check your file, then try to upload again.');

function entriesOf(bytes: Uint8Array): readonly UnzipFileInfo[] {
  const entries: UnzipFileInfo[] = [];
  let unpackedBytes = 0;
  const collect = (entry: UnzipFileInfo): boolean => {
    entries.push(entry);
    unpackedBytes += entry.originalSize;
    if (entries.length > FUNCTION_FILES_MAX || unpackedBytes > FUNCTION_UNZIPPED_BYTES_MAX) {
      throw invalidParameter(`Unzipped size must be smaller than ${FUNCTION_UNZIPPED_BYTES_MAX} bytes`);
    }
    return false;
  };
  try {
    unzipSync(bytes, { filter: collect });
  } catch (error) {
    throw error instanceof FunctionRefusal ? error : notAZip();
  }
  if (entries.length === 0) throw invalidParameter('Uploaded file must be a non-empty zip');
  for (const entry of entries) checkEntry(entry);
  return entries;
}

function checkEntry({ name, compression }: UnzipFileInfo): void {
  const parts = name.replace(/\/$/, '').split('/');
  const isInside = !/[\\\0]/.test(name) && parts.every((part) => part !== '' && part !== '..' && part !== '.');
  if (!isInside) {
    throw invalidParameter(
      `Expected names inside the zip's own folder, but there is an entry '${name}'. Nothing was unpacked.`,
    );
  }
  if (compression !== 0 && compression !== 8) {
    throw invalidParameter(
      `Expected entries that are stored or deflated, but '${name}' is compressed by method ${compression}.`,
    );
  }
}

function slicesOf(entries: readonly UnzipFileInfo[]): readonly ReadonlySet<string>[] {
  const slices: Set<string>[] = [];
  let room = 0;
  for (const entry of entries) {
    if (slices.length === 0 || room < entry.originalSize) {
      slices.push(new Set());
      room = SLICE_BYTES;
    }
    slices.at(-1)?.add(entry.name);
    room -= entry.originalSize;
  }
  return slices;
}

function inflate(bytes: Uint8Array, names: ReadonlySet<string>): Record<string, Uint8Array> {
  try {
    return unzipSync(bytes, { filter: (entry) => names.has(entry.name) });
  } catch {
    throw notAZip();
  }
}
