import type { ErrorDetails, Execution, ExecutionIdentity, HistoryRecord, Policy } from '../../interpreter/index.js';
import { TRANSIENT_CHARS_MAX, TRANSIENT_EXECUTIONS_MAX } from '../../limits.js';
import type { Payload } from '../../payload/index.js';
import { Dispatcher } from '../dispatcher.js';
import { type Clock, type Committed, HostClosed, type Performer, type Revision, type SeedSource } from '../ports.js';
import { answerStimulus } from '../task-call.js';
import { TransientExecution, type TransientPorts } from './transient-execution.js';

export interface TransientHostOptions {
  readonly performer: Performer;
  readonly clock: Clock;
  readonly seed: SeedSource;
  /** Hears of everything that happens in executions that live in memory. Must not throw, and must be quick. */
  readonly onCommitted?: (committed: Committed) => void;
  /** Executions at once; TRANSIENT_EXECUTIONS_MAX unless given. */
  readonly executionsMax?: number;
}

export interface TransientRequest {
  readonly revision: Revision;
  /** Names and ARNs that the execution sees, and its tasks' keys are made of. */
  readonly identity: ExecutionIdentity;
  readonly input: Payload;
  readonly policy: Policy;
  /** X-Amzn-Trace-Id of whoever starts it. */
  readonly traceHeader?: string | null;
  /** Stops the execution (ABORTED) when it is aborted. */
  readonly signal?: AbortSignal;
  /** Gets the records of each decision, in order. Nobody else keeps them. */
  readonly onRecords?: (records: readonly HistoryRecord[]) => void;
}

export interface TransientRun {
  /**
   * The execution after its last record, however it ended. Rejects with HostClosed when the host is closed before, and
   * with another error when the execution cannot go on (our fault).
   */
  readonly ended: Promise<Execution>;
  /** Ends it as ABORTED; nothing happens when it has ended. */
  stop(error?: ErrorDetails): void;
}

export interface TransientLoad {
  readonly executions: number;
  readonly tasksInFlight: number;
  readonly tasksWaiting: number;
}

/** There are as many executions in memory as there may be; `onRoom` says when there are fewer. */
export class TransientHostFull extends Error {
  override readonly name = 'TransientHostFull';
}

interface Held {
  readonly run: TransientExecution;
  readonly done: (execution: Execution) => void;
  readonly failed: (fault: Error) => void;
  readonly forget: () => void;
  /** Of its input. */
  readonly chars: number;
}

/**
 * Runs executions that live in memory only, by the same interpreter as all others: StartSyncExecution, asynchronous Express,
 * Express children of map runs, tests. Nothing of them survives the process.
 */
export class TransientHost {
  readonly #held = new Map<number, Held>();
  readonly #dispatcher: Dispatcher;
  readonly #ports: TransientPorts;
  readonly #executionsMax: number;
  readonly #roomAwaited = new Set<() => void>();
  #turns: TransientExecution[] = [];
  #chars = 0;
  #nextId = 1;
  #isDraining = false;
  #isClosed = false;

  constructor(options: TransientHostOptions) {
    const { performer, clock, seed } = options;
    this.#executionsMax = options.executionsMax ?? TRANSIENT_EXECUTIONS_MAX;
    this.#dispatcher = new Dispatcher(
      performer,
      ({ execution, task }, answer) => this.#held.get(execution)?.run.post(answerStimulus({ task }, answer)),
      ({ execution, task }) => this.#held.get(execution)?.run.post({ type: 'TaskStarted', task }),
      () => {
        for (const { run } of this.#held.values()) run.dispatchAgain();
      },
      clock,
    );
    this.#ports = {
      clock,
      seed,
      onCommitted: options.onCommitted ?? null,
      dispatch: (key, call) => this.#dispatcher.dispatch(key, call),
      abandon: (key) => this.#dispatcher.abandon(key),
      schedule: (run) => this.#schedule(run),
      over: (id, fault) => this.#over(id, fault),
    };
  }

  get load(): TransientLoad {
    const { inFlight, waiting } = this.#dispatcher.load;
    return { executions: this.#held.size, tasksInFlight: inFlight, tasksWaiting: waiting };
  }

  get hasRoom(): boolean {
    return this.#held.size < this.#executionsMax && this.#chars < TRANSIENT_CHARS_MAX;
  }

  /** Starts an execution. Throws TransientHostFull, HostClosed. The caller must take what `ended` rejects with. */
  run(request: TransientRequest): TransientRun {
    if (this.#isClosed || this.#isDraining) throw new HostClosed('The server is shutting down.');
    if (!this.hasRoom) {
      throw new TransientHostFull(
        `Expected fewer than ${this.#executionsMax} executions in memory, but there are as many. Try again when some have ended.`,
      );
    }
    const id = this.#nextId++;
    const run = new TransientExecution(id, request, this.#ports);
    const stop = (error: ErrorDetails = {}): void => run.post({ type: 'StopExecution', ...error });
    const { signal } = request;
    const aborted = (): void => stop();
    signal?.addEventListener('abort', aborted, { once: true });
    const forget = (): void => signal?.removeEventListener('abort', aborted);
    const { input, traceHeader } = request;
    const chars = input.text.length;
    this.#chars += chars;
    const ended = new Promise<Execution>((done, failed) => this.#held.set(id, { run, done, failed, forget, chars }));
    run.post({ type: 'StartExecution', input, ...(typeof traceHeader === 'string' && { traceHeader }) });
    if (signal?.aborted) stop();
    return { ended, stop };
  }

  /** Calls `then` once, when there is room for another execution after there was none. */
  onRoom(then: () => void): void {
    this.#roomAwaited.add(then);
  }

  /** Begins nothing new any more. */
  drain(): void {
    this.#isDraining = true;
  }

  /** Gives up everything that is under way. */
  close(): void {
    this.#isClosed = true;
    this.#dispatcher.close();
    for (const { run, failed, forget } of this.#held.values()) {
      run.abandon();
      forget();
      failed(new HostClosed('The server is shutting down.'));
    }
    this.#held.clear();
  }

  /** One call-back of the event loop for all: it costs more than many a decision. */
  #schedule(run: TransientExecution): void {
    if (this.#turns.push(run) > 1) return;
    setImmediate(() => {
      const turns = this.#turns;
      this.#turns = [];
      for (const next of turns) next.takeTurn();
    });
  }

  #over(id: number, fault: Error | null): void {
    const held = this.#held.get(id);
    if (held === undefined) return;
    this.#held.delete(id);
    this.#chars -= held.chars;
    held.forget();
    if (fault === null) held.done(held.run.execution);
    else held.failed(fault);
    if (this.#roomAwaited.size === 0) return;
    const awaited = [...this.#roomAwaited];
    this.#roomAwaited.clear();
    for (const then of awaited) then();
  }
}
