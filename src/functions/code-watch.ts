import { type FSWatcher, watch } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { FUNCTION_RELOAD_DELAY_MS, FUNCTION_WATCHED_FOLDERS_MAX } from '../limits.js';
import { INSTALLED, LEFT_OUT } from './folder-hash.js';

export interface CodeWatchOptions {
  /** Nothing in it is watched: the server itself writes there. */
  readonly dataFolder: string;
  /** Files in this folder, which is one of those given, have changed and are still for a moment. */
  readonly changed: (folder: string) => Promise<void>;
  readonly warn: (text: string) => void;
}

interface Watched {
  /** By path; one for each folder of the tree that may hold the user's own files. */
  readonly watchers: Map<string, FSWatcher>;
  timer: NodeJS.Timeout | null;
}

/** Tells when files in functions' folders change. Installed packages are not watched: they are seen at the next deployment. */
export class CodeWatch {
  readonly #watched = new Map<string, Watched>();
  #folders = 0;
  #hasWarned = false;
  #isClosed = false;

  constructor(private readonly options: CodeWatchOptions) {}

  /** Watches these folders from now on, and no others. */
  set(folders: ReadonlySet<string>): void {
    for (const [folder, watched] of this.#watched) {
      if (folders.has(folder)) continue;
      this.#watched.delete(folder);
      this.#end(watched);
    }
    for (const folder of folders) {
      if (this.#watched.has(folder) || this.#isOurs(folder) || this.#isClosed) continue;
      const watched = { watchers: new Map<string, FSWatcher>(), timer: null };
      this.#watched.set(folder, watched);
      void this.#scan(folder, watched);
    }
  }

  close(): void {
    this.#isClosed = true;
    this.set(new Set());
  }

  #isOurs(folder: string): boolean {
    return folder === this.options.dataFolder || folder.startsWith(this.options.dataFolder + sep);
  }

  /** Watches folders that are new, and lets those go that are not there any more. */
  async #scan(root: string, watched: Watched): Promise<void> {
    const found = new Set<string>();
    for await (const folder of foldersOf(root)) {
      if (this.#isOurs(folder)) continue;
      found.add(folder);
      if (this.#watched.get(root) !== watched) return;
      if (!watched.watchers.has(folder) && !this.#add(folder, root, watched)) break;
    }
    for (const [folder, watcher] of watched.watchers) if (!found.has(folder)) this.#drop(folder, watcher, watched);
  }

  #add(folder: string, root: string, watched: Watched): boolean {
    try {
      if (this.#folders >= FUNCTION_WATCHED_FOLDERS_MAX) throw new Error('there are too many folders');
      const watcher = watch(folder, { persistent: false }, (_, name) => {
        if (name === null || !LEFT_OUT.has(name)) this.#touch(root, watched);
      });
      watcher.on('error', () => this.#drop(folder, watcher, watched)); // the folder is gone
      watched.watchers.set(folder, watcher);
      this.#folders += 1;
      return true;
    } catch (fault) {
      if (!this.#hasWarned) {
        const why = fault instanceof Error ? fault.message : String(fault);
        this.options.warn(`Changes in '${folder}' are not seen (${why}): deploy again after you have changed it.`);
      }
      this.#hasWarned = true;
      return false;
    }
  }

  #touch(root: string, watched: Watched): void {
    if (watched.timer !== null) clearTimeout(watched.timer);
    watched.timer = setTimeout(() => {
      watched.timer = null;
      void this.#scan(root, watched)
        .then(() => this.options.changed(root))
        .catch((fault: unknown) => this.options.warn(`The code in '${root}' was not taken over: ${fault}`));
    }, FUNCTION_RELOAD_DELAY_MS);
    watched.timer.unref();
  }

  #drop(folder: string, watcher: FSWatcher, watched: Watched): void {
    watcher.close();
    if (watched.watchers.delete(folder)) this.#folders -= 1;
  }

  #end(watched: Watched): void {
    if (watched.timer !== null) clearTimeout(watched.timer);
    for (const [folder, watcher] of watched.watchers) this.#drop(folder, watcher, watched);
  }
}

/** The folder and those in it, without what is no code of the user's own. Links are not followed. */
async function* foldersOf(root: string): AsyncGenerator<string> {
  yield root;
  const entries = await readdir(root, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    if (!entry.isDirectory() || LEFT_OUT.has(entry.name) || INSTALLED.has(entry.name)) continue;
    yield* foldersOf(join(root, entry.name));
  }
}
