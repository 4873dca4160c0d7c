import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { StoreUnavailable } from '../ports.js';
import { receivedError } from './errors.js';
import type { ThreadData, ThreadStarted } from './thread-protocol.js';

/** A thread that answers messages one by one, in their order. */
export class StorageThread<Message, Answer> {
  readonly #worker: Worker;
  readonly #waiting: Waiting<Answer>[] = [];
  #end: Error | null = null;

  /** Resolves when the thread has opened its database; rejects with the reason when it cannot. */
  static async start<Message, Answer>(name: string, data: ThreadData): Promise<StorageThread<Message, Answer>> {
    const worker = new Worker(threadUrl(name, import.meta.url), {
      workerData: data,
      name: `treadle-${name}`,
      execArgv: QUIET_ARGUMENTS,
    });
    await started(worker);
    return new StorageThread<Message, Answer>(worker);
  }

  private constructor(worker: Worker) {
    this.#worker = worker;
    worker.on('message', (answer: Answer) => this.#waiting.shift()?.resolve(answer));
    worker.on('error', (error) => this.#ended(`it failed: ${error instanceof Error ? error.message : String(error)}`));
    worker.on('exit', () => this.#ended('it has ended'));
  }

  ask(message: Message): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#end !== null) {
        reject(this.#end);
        return;
      }
      this.#worker.postMessage(message);
      this.#waiting.push({ resolve, reject });
    });
  }

  /** Sends the message that ends the thread, and waits until that is done: only then are its files free. */
  async end(message: Message): Promise<Answer> {
    const [answer] = await Promise.all([this.ask(message), once(this.#worker, 'exit')]);
    return answer;
  }

  #ended(reason: string): void {
    this.#end ??= new StoreUnavailable(`Expected the storage thread to answer, but ${reason}. Restart Treadle.`);
    for (const waiting of this.#waiting.splice(0)) waiting.reject(this.#end);
  }
}

interface Waiting<Answer> {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

/** Threads are started from the compiled files, under tests too. `base` is the caller's `import.meta.url`. */
export function threadUrl(name: string, base: string): URL {
  const url = new URL(`./${name}.js`, base);
  return base.endsWith('.ts') ? new URL(url.href.replace(/\/src\/(?!.*\/src\/)/, '/dist/')) : url;
}

/** Node 22 and later warn that node:sqlite is experimental; Node 20 does not know the flag. */
export const QUIET_ARGUMENTS: string[] =
  Number.parseInt(process.versions.node, 10) >= 22 ? ['--disable-warning=ExperimentalWarning'] : [];

function started(worker: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.once('error', reject);
    worker.once('message', (first: ThreadStarted) => {
      worker.off('error', reject);
      if (first.type === 'started') resolve();
      else worker.once('exit', () => reject(receivedError(first.error)));
    });
  });
}
