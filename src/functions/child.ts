import { type ChildProcess, spawn } from 'node:child_process';
import { Duplex, type Readable } from 'node:stream';
import { FUNCTION_PAYLOAD_BYTES_MAX, FUNCTION_RESPONSE_BYTES_MAX } from '../limits.js';
import type { Exit } from './faults.js';
import { encodeFrame, type Frame, FrameReader } from './frames.js';
import { LineSplitter } from './lines.js';
import type { Warden } from './warden.js';

/** How to start a function's process. */
export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** What the process says or what became of it. */
export type ChildMessage =
  | { readonly type: 'ready' }
  | { readonly type: 'initFailed'; readonly payload: string }
  | { readonly type: 'answer'; readonly answer: Answer }
  /** The last message, always: the process is gone, its output has been read. */
  | { readonly type: 'gone'; readonly exit: Exit | null; readonly reason: string };

export interface Answer {
  readonly type: 'succeeded' | 'failed' | 'tooLarge';
  readonly requestId: string;
  readonly payload: string;
  readonly maxRssKb: number;
  /** How long the handler worked, by its own clock. */
  readonly durationMs: number;
  /** The process ends by itself after this answer. */
  readonly isFatal: boolean;
}

export type OutputStream = 'stdout' | 'stderr';

export interface ChildListener {
  onMessage(message: ChildMessage): void;
  onLine(stream: OutputStream, text: string): void;
  /** Null when output may go on, else a promise to wait for before more is read. */
  outputPause(): Promise<void> | null;
}

/** Frames hold a header of a few hundred bytes beside the payload. */
const FRAME_BYTES_MAX = Math.max(FUNCTION_PAYLOAD_BYTES_MAX, FUNCTION_RESPONSE_BYTES_MAX) + 65_536;
/** After a process ended, output that a runaway grandchild still holds open is waited for this long. */
const OUTPUT_GRACE_MS = 250;

/** What the runtime in the process is told of a call besides its event. */
interface CallHeader {
  readonly requestId: string;
  /** Epoch milliseconds. */
  readonly deadlineMs: number;
  readonly arn: string;
  readonly traceHeader: string | null;
}

/** One operating-system process with one function's code: a process group of its own, and one call at a time. */
export class Child {
  readonly #process: ChildProcess;
  readonly #channel: Duplex | null;
  readonly #splitters: readonly LineSplitter[];
  readonly #frames = new FrameReader(FRAME_BYTES_MAX);
  readonly #warden: Warden;
  readonly #listener: ChildListener;
  #isGone = false;
  #isPaused = false;

  constructor(launch: Launch, warden: Warden, listener: ChildListener) {
    this.#warden = warden;
    this.#listener = listener;
    this.#process = spawn(launch.command, launch.args, {
      cwd: launch.folder,
      env: { ...launch.environment },
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
      detached: true,
    });
    if (this.#process.pid !== undefined) warden.add(this.#process.pid);
    this.#splitters = [this.#watchOutput('stdout'), this.#watchOutput('stderr')];
    const channel = this.#process.stdio[3];
    this.#channel = channel instanceof Duplex ? channel : null;
    this.#channel?.on('data', (chunk: Buffer) => this.#takeChunk(chunk));
    this.#channel?.on('error', () => {}); // the process is gone: 'exit' tells
    this.#process.once('error', (error) => this.#end(null, error.message));
    this.#process.once('exit', (code, signal) => this.#awaitOutput({ code, signal }));
  }

  /** Undefined when the process could not be started. */
  get pid(): number | undefined {
    return this.#process.pid;
  }

  call(header: CallHeader, event: string): void {
    this.#channel?.write(encodeFrame({ header: JSON.stringify(header), body: event }));
  }

  /** Ends the process and everything it started in its group. */
  kill(): void {
    const { pid } = this.#process;
    if (pid === undefined || this.#isGone) return;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      this.#process.kill('SIGKILL'); // the group is not there yet, or not any more
    }
  }

  /** Lets an idle process end by itself. */
  dismiss(): void {
    this.#channel?.end();
    setTimeout(() => this.kill(), OUTPUT_GRACE_MS).unref();
  }

  /** Resolves when everything printed before the last answer has been given to the listener. */
  async outputRead(): Promise<void> {
    do {
      await this.#listener.outputPause();
      // The output was in its pipe before the answer was: the poll that brought the answer brings it, too.
      await new Promise((resolve) => setImmediate(resolve));
    } while (this.#isPaused && !this.#isGone);
    for (const splitter of this.#splitters) splitter.flush();
  }

  #watchOutput(name: OutputStream): LineSplitter {
    const splitter = new LineSplitter((text) => this.#listener.onLine(name, text));
    const stream = this.#process[name];
    stream?.on('data', (chunk: Buffer) => {
      splitter.take(chunk);
      const pause = this.#listener.outputPause();
      if (pause !== null) this.#pause(stream, pause);
    });
    return splitter;
  }

  #pause(stream: Readable, until: Promise<void>): void {
    stream.pause();
    this.#isPaused = true;
    void until.then(() => {
      this.#isPaused = false;
      stream.resume();
    });
  }

  #takeChunk(chunk: Buffer): void {
    try {
      for (const frame of this.#frames.take(chunk)) this.#takeFrame(frame);
    } catch {
      this.kill(); // not our runtime's words: the function wrote to the channel
    }
  }

  #takeFrame(frame: Frame): void {
    const header: unknown = JSON.parse(frame.header);
    const message = parseMessage(header, frame.body);
    if (message === null) throw new Error('Expected a message of the runtime.');
    this.#listener.onMessage(message);
  }

  #awaitOutput(exit: Exit): void {
    // What it left behind goes with it; this also closes the pipes that grandchildren hold.
    try {
      if (this.#process.pid !== undefined) process.kill(-this.#process.pid, 'SIGKILL');
    } catch {
      // nothing was left behind
    }
    const timer = setTimeout(() => this.#end(exit, ''), OUTPUT_GRACE_MS);
    this.#process.once('close', () => {
      clearTimeout(timer);
      this.#end(exit, '');
    });
  }

  #end(exit: Exit | null, reason: string): void {
    if (this.#isGone) return;
    this.#isGone = true;
    if (this.#process.pid !== undefined) this.#warden.remove(this.#process.pid);
    for (const stream of this.#process.stdio) stream?.destroy();
    for (const splitter of this.#splitters) splitter.flush();
    this.#listener.onMessage({ type: 'gone', exit, reason });
  }
}

function parseMessage(header: unknown, body: string): ChildMessage | null {
  if (typeof header !== 'object' || header === null || !('type' in header)) return null;
  const { type } = header;
  if (type === 'ready') return { type };
  if (type === 'initFailed') return { type, payload: body };
  if (type !== 'succeeded' && type !== 'failed' && type !== 'tooLarge') return null;
  const requestId = 'requestId' in header && typeof header.requestId === 'string' ? header.requestId : '';
  const maxRssKb = 'maxRssKb' in header && typeof header.maxRssKb === 'number' ? header.maxRssKb : 0;
  const durationMs = 'durationMs' in header && typeof header.durationMs === 'number' ? header.durationMs : 0;
  const isFatal = 'isFatal' in header && header.isFatal === true;
  return { type: 'answer', answer: { type, requestId, payload: body, maxRssKb, durationMs, isFatal } };
}
