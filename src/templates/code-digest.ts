import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { FUNCTION_FILES_MAX } from '../limits.js';

/** Not a function's own code: installed from what is (the lock file is hashed), or made by using it. */
const SKIPPED = new Set(['node_modules', '.git', '.treadle', '.aws-sam', '__pycache__', 'cdk.out']);

/** Digest of a folder's files (names and contents, in order) or of a .zip file. Rejects when there are too many files. */
export async function codeDigest(path: string): Promise<string> {
  const hash = createHash('sha256');
  const found = await stat(path);
  const files = found.isDirectory() ? await filesIn(path) : [''];
  for (const name of files) {
    hash.update(`\0${name}\0`);
    await addFile(hash, join(path, name));
  }
  return hash.digest('hex');
}

/** Digest of code that stands in the template. */
export const textDigest = (text: string): string => createHash('sha256').update(text).digest('hex');

async function filesIn(root: string): Promise<readonly string[]> {
  const files: string[] = [];
  const open = [''];
  for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
    const entries = await readdir(join(root, folder), { withFileTypes: true });
    for (const entry of entries) {
      const name = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) {
        if (!SKIPPED.has(entry.name)) open.push(name);
      } else if (entry.isFile() || (entry.isSymbolicLink() && (await isLinkedFile(join(root, name))))) files.push(name);
      if (files.length > FUNCTION_FILES_MAX) {
        throw new Error(
          `Expected at most ${FUNCTION_FILES_MAX} files in '${root}', but there are more. Is it the right folder?`,
        );
      }
    }
  }
  return files.sort();
}

/** Links to folders are not followed: they may lead in circles. */
const isLinkedFile = async (path: string): Promise<boolean> => {
  try {
    return (await stat(path)).isFile();
  } catch {
    return false; // it leads nowhere
  }
};

async function addFile(hash: Hash, path: string): Promise<void> {
  await pipeline(createReadStream(path), hash, { end: false });
}
