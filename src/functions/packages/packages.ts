import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { FUNCTION_INSTALL_TELL_MS, FUNCTION_INSTALLS_AT_ONCE_MAX } from '../../limits.js';
import { FunctionRefusal } from '../refusal.js';
import { findInterpreter, parseRuntime } from '../runtimes.js';
import { install } from './install.js';
import { type Needs, needsOf } from './needs.js';

/** Whose packages: a folder of code, and what runs it. */
export interface Needy {
  readonly name: string;
  readonly runtime: string;
  readonly folder: string;
}

/** Packages that functions name in package.json and requirements.txt: installed once for the same contents, each set in a folder of its own. */
export class Packages {
  readonly #root: string;
  readonly #installing = new Map<string, Promise<string>>();
  readonly #listeners = new Set<(line: string) => void>();
  readonly #stop = new AbortController();
  /** Installations that wait for another one to end. */
  #waiting: (() => void)[] = [];
  #running = 0;

  /** `root` holds the sets, `sdkFolder` is a node_modules with the AWS SDK. */
  constructor(
    root: string,
    private readonly sdkFolder: string,
  ) {
    this.#root = root;
  }

  /** Removes what no function has, and what a crash left half done. */
  async open(ids: ReadonlySet<string>): Promise<void> {
    await mkdir(this.#root, { recursive: true });
    for (const name of await readdir(this.#root)) {
      if (!ids.has(name)) await rm(join(this.#root, name), { recursive: true, force: true });
    }
  }

  /** Hears what is being installed, in sentences. Returns what ends it. */
  onProgress(listener: (line: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The id of the set that the code needs, which is there when it resolves; null where it needs none. Throws FunctionRefusal. */
  async ensure(needy: Needy): Promise<string | null> {
    const runtime = parseRuntime(needy.runtime);
    const list = runtime.language === 'python' ? 'requirements.txt' : 'package.json';
    if (!existsSync(join(needy.folder, list))) return null;
    const interpreter = await findInterpreter(runtime, process.env.PATH);
    const needs = await needsOf(needy.folder, { runtime, interpreter, sdkFolder: this.sdkFolder });
    if (needs === null) return null;
    await this.#install(needs, needy);
    return needs.id;
  }

  /** Where a set is; null where it has been deleted. */
  find(id: string): string | null {
    const folder = join(this.#root, id);
    return existsSync(folder) ? folder : null;
  }

  /** Ends what is being installed. */
  close(): void {
    this.#stop.abort();
  }

  #install(needs: Needs, needy: Needy): Promise<string> {
    const target = join(this.#root, needs.id);
    const known = this.#installing.get(needs.id);
    if (known !== undefined) return known;
    if (existsSync(target)) return Promise.resolve(target);
    const installing = this.#inTurn(() => this.#installNew(needs, needy, target));
    this.#installing.set(needs.id, installing);
    const forget = (): boolean => this.#installing.delete(needs.id);
    installing.then(forget, forget);
    return installing;
  }

  async #installNew(needs: Needs, { name, folder }: Needy, target: string): Promise<string> {
    const partial = `${target}.${randomUUID()}`;
    const startedAt = performance.now();
    const seconds = (): string => `${((performance.now() - startedAt) / 1000).toFixed(1)} s`;
    const what = `the packages that ${needs.file} of function '${name}' names`;
    this.#tell(`Installing ${what}, with ${needs.kind.tool} …`);
    const timer = setInterval(() => this.#tell(`Still installing ${what}: ${seconds()}`), FUNCTION_INSTALL_TELL_MS);
    try {
      await mkdir(partial, { recursive: true });
      const failure = await install(needs, { source: folder, target: partial, signal: this.#stop.signal });
      if (failure !== null) throw notInstalled(what, failure);
      await rename(partial, target);
      this.#tell(`Installed ${what}, in ${seconds()}`);
      return target;
    } finally {
      clearInterval(timer);
      await rm(partial, { recursive: true, force: true });
    }
  }

  /** Two at once: more only wait for each other's disk and network. */
  async #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    while (this.#running >= FUNCTION_INSTALLS_AT_ONCE_MAX)
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#running += 1;
    try {
      return await work();
    } finally {
      this.#running -= 1;
      this.#waiting.shift()?.();
    }
  }

  #tell(line: string): void {
    for (const listener of this.#listeners) listener(line);
  }
}

const notInstalled = (what: string, failure: string): FunctionRefusal =>
  new FunctionRefusal('InvalidParameterValueException', `Expected to install ${what}, but ${failure}`, 400);
