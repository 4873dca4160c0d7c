import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, readdir, readFile, readlink, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FUNCTION_FILES_MAX, FUNCTION_UNZIPPED_BYTES_MAX } from '../limits.js';
import { invalidParameter } from './refusal.js';

/** Not part of a function's code. */
export const LEFT_OUT: ReadonlySet<string> = new Set([
  '.git',
  '.treadle',
  '.aws-sam',
  '__pycache__',
  '.pytest_cache',
  '.DS_Store',
]);
/** Installed packages: told apart by size and time of change, since reading them all at every deployment takes seconds. */
export const INSTALLED: ReadonlySet<string> = new Set(['node_modules', 'site-packages', '.venv']);

/** Hash over names and contents of a folder: another hash means that the code may have changed. Throws FunctionRefusal. */
export async function hashFolder(folder: string): Promise<{ readonly codeSha256: string; readonly codeSize: number }> {
  const hash = createHash('sha256');
  let files = 0;
  let codeSize = 0;
  for await (const entry of entriesOf(folder, '', false)) {
    files += 1;
    codeSize += entry.bytes;
    if (files > FUNCTION_FILES_MAX || codeSize > FUNCTION_UNZIPPED_BYTES_MAX) {
      throw invalidParameter(
        `Expected at most ${FUNCTION_FILES_MAX} files and ${FUNCTION_UNZIPPED_BYTES_MAX} bytes of code, ` +
          `but the folder '${folder}' holds more. Let CodeUri name the folder of this function alone.`,
      );
    }
    hash.update(`${entry.kind}\0${entry.path}\0${entry.bytes}\0`);
    if (entry.content !== null) hash.update(entry.content);
    else for await (const chunk of createReadStream(join(folder, entry.path))) hash.update(chunk);
  }
  return { codeSha256: hash.digest('base64'), codeSize };
}

/** The files of a folder as `hashFolder` sees them; links are followed to files and folders. Throws FunctionRefusal. */
export async function readFolder(folder: string): Promise<Readonly<Record<string, Uint8Array>>> {
  const files: Record<string, Uint8Array> = {};
  let bytes = 0;
  const add = async (path: string): Promise<void> => {
    const content = await readFile(join(folder, path));
    bytes += content.length;
    if (bytes > FUNCTION_UNZIPPED_BYTES_MAX || Object.keys(files).length >= FUNCTION_FILES_MAX) {
      throw invalidParameter(
        `Expected at most ${FUNCTION_FILES_MAX} files and ${FUNCTION_UNZIPPED_BYTES_MAX} bytes of code, ` +
          `but the folder '${folder}' holds more with what its links name.`,
      );
    }
    files[path] = content;
  };
  for await (const { kind, path } of entriesOf(folder, '', false)) {
    const target = kind === 'link' ? await stat(join(folder, path)).catch(() => null) : null;
    if (kind === 'file' || target?.isFile()) await add(path);
    else if (target?.isDirectory()) {
      for await (const inner of entriesOf(join(folder, path), '', true)) {
        if (inner.kind === 'file') await add(`${path}/${inner.path}`); // a link inside of a link may lead round
      }
    }
  }
  return files;
}

interface FolderEntry {
  readonly kind: 'file' | 'link';
  readonly path: string;
  readonly bytes: number;
  /** Stands for the content; null = read the file. */
  readonly content: string | null;
}

async function* entriesOf(root: string, path: string, isInstalled: boolean): AsyncGenerator<FolderEntry> {
  const names = (await readdir(join(root, path))).filter((name) => !LEFT_OUT.has(name)).sort();
  for (const name of names) {
    const inner = path === '' ? name : `${path}/${name}`;
    const found = await lstat(join(root, inner));
    if (found.isDirectory()) yield* entriesOf(root, inner, isInstalled || INSTALLED.has(name));
    else if (found.isSymbolicLink())
      yield { kind: 'link', path: inner, bytes: 0, content: await readlink(join(root, inner)) };
    else if (found.isFile()) {
      yield { kind: 'file', path: inner, bytes: found.size, content: isInstalled ? String(found.mtimeMs) : null };
    }
  }
}
