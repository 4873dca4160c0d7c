import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import type { FunctionCode } from './configuration.js';
import { hashFolder, readFolder } from './folder-hash.js';
import { FunctionRefusal, invalidParameter } from './refusal.js';
import { checkZip, packZip, unpackZip } from './zip.js';

/** What is known of code that was taken over. */
export interface KeptCode {
  readonly codeSha256: string;
  readonly codeSize: number;
  readonly folder: string | null;
}

/**
 * Functions' code: zips under their hash, unpacked at first need in the life of the server (so that what a crash left
 * half unpacked is never used). Folders are used in place.
 */
export class CodeStore {
  readonly #zips: string;
  readonly #unpacked: string;
  readonly #bundles: string;
  readonly #unpacking = new Map<string, Promise<string>>();

  /** `root` is the folder that holds everything of this class. */
  constructor(readonly root: string) {
    this.#zips = join(root, 'code');
    this.#unpacked = join(root, 'unpacked');
    this.#bundles = join(root, 'bundles');
  }

  /** Prepares the folders, and removes what no function of `known` refers to. */
  async open(known: readonly KeptCode[]): Promise<void> {
    await rm(this.#unpacked, { recursive: true, force: true });
    for (const folder of [this.#zips, this.#unpacked, this.#bundles]) await mkdir(folder, { recursive: true });
    const wanted = new Set(known.map((configuration) => hexOf(configuration.codeSha256)));
    for (const folder of [this.#zips, this.#bundles]) {
      for (const name of await readdir(folder)) {
        const hex = KEPT_NAME.exec(name)?.[1];
        if (hex === undefined || !wanted.has(hex)) await rm(join(folder, name), { recursive: true, force: true });
      }
    }
    await linkSdk(join(this.root, 'node_modules'));
  }

  /** Checks code and keeps it durably. Throws FunctionRefusal. */
  async keep(code: FunctionCode): Promise<KeptCode> {
    if (code.type === 'folder') {
      const folder = resolve(code.path);
      const isFolder = await stat(folder).then(
        (found) => found.isDirectory(),
        () => false,
      );
      if (!isFolder)
        throw invalidParameter(
          `Expected the function's code in the folder '${code.path}', but there is no such folder.`,
        );
      return { ...(await hashFolder(folder)), folder };
    }
    checkZip(code.bytes);
    const digest = createHash('sha256').update(code.bytes).digest();
    const file = this.#zipFile(digest.toString('hex'));
    if (!existsSync(file)) await writeDurably(file, code.bytes);
    return { codeSha256: digest.toString('base64'), codeSize: code.bytes.length, folder: null };
  }

  /** Code that stays as it is: a folder's files are packed as they are now, and kept under their hash. */
  async snapshot(code: KeptCode): Promise<KeptCode> {
    const { folder } = code;
    if (folder === null) return { codeSha256: code.codeSha256, codeSize: code.codeSize, folder };
    for (let attempt = 1; attempt <= SNAPSHOT_ATTEMPTS_MAX; attempt++) {
      const { codeSha256, codeSize } = await hashFolder(folder);
      const file = this.#zipFile(hexOf(codeSha256));
      if (existsSync(file)) return { codeSha256, codeSize, folder: null };
      const bytes = packZip(await readFolder(folder));
      if ((await hashFolder(folder)).codeSha256 !== codeSha256) continue; // somebody was writing
      await writeDurably(file, bytes);
      return { codeSha256, codeSize, folder: null };
    }
    throw new FunctionRefusal(
      'ResourceConflictException',
      `Expected the files in '${folder}' to stay as they are while a version is made of them, but they keep changing. Try again.`,
      409,
    );
  }

  /** The folder to run the code in. */
  async folderOf(code: KeptCode): Promise<string> {
    if (code.folder !== null) return code.folder;
    const hex = hexOf(code.codeSha256);
    let unpacking = this.#unpacking.get(hex);
    if (unpacking === undefined) {
      unpacking = this.#unpack(hex);
      this.#unpacking.set(hex, unpacking);
      unpacking.catch(() => this.#unpacking.delete(hex)); // the next call tries again
    }
    return await unpacking;
  }

  /** Where a TypeScript handler's bundle lies (or will lie). */
  bundleFolder(code: KeptCode, handler: string, layers: readonly string[]): string {
    const key = createHash('sha256')
      .update([code.folder ?? '', handler, ...layers].join('\n'))
      .digest('hex')
      .slice(0, 16);
    return join(this.#bundles, `${hexOf(code.codeSha256)}-${key}`);
  }

  /** The zip's bytes, as uploaded. Null for code that is a folder. */
  async zipOf(code: KeptCode): Promise<Uint8Array | null> {
    return code.folder === null ? await readFile(this.#zipFile(hexOf(code.codeSha256))) : null;
  }

  async #unpack(hex: string): Promise<string> {
    const target = join(this.#unpacked, hex);
    const partial = `${target}.${randomUUID()}`;
    await unpackZip(await readFile(this.#zipFile(hex)), partial);
    await rm(target, { recursive: true, force: true });
    await rename(partial, target);
    return target;
  }

  #zipFile(hex: string): string {
    return join(this.#zips, `${hex}.zip`);
  }
}

/** How often a folder is read that changes meanwhile. */
const SNAPSHOT_ATTEMPTS_MAX = 5;

/** A finished zip or bundle; other names are what a crash left behind. */
const KEPT_NAME = /^([0-9a-f]{64})(?:\.zip|-[0-9a-f]{16})$/;

const hexOf = (base64: string): string => Buffer.from(base64, 'base64').toString('hex');

async function writeDurably(file: string, bytes: Uint8Array): Promise<void> {
  const partial = `${file}.${randomUUID()}`;
  const handle = await open(partial, 'w');
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(partial, file);
  const folder = await open(resolve(file, '..'), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** On Lambda the AWS SDK is there without being installed: makes ours reachable, and nothing else of our packages. */
async function linkSdk(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const places = createRequire(import.meta.url).resolve.paths('@aws-sdk/core') ?? [];
  for (const scope of ['@aws-sdk', '@smithy']) {
    const found = places.map((place) => join(place, scope)).find((place) => existsSync(place));
    if (found !== undefined) await symlink(found, join(folder, scope), 'dir');
  }
}
