import type { InvocationResult } from '../services/ports.js';
import { type Answer, Child, type ChildListener, type ChildMessage, type Launch } from './child.js';
import { exited, notStarted, responseTooLarge, timedOut } from './faults.js';
import type { LogLine } from './log.js';
import { ownMemoryBytes } from './memory.js';
import { type CallReport, endLine, reportLine, startLine } from './report.js';
import type { Warden } from './warden.js';

/** One call on its way through a function. `settle` and `reject` may be called once. */
export interface Call {
  readonly requestId: string;
  /** The ARN that the caller used. */
  readonly arn: string;
  readonly event: string;
  /** X-Amzn-Trace-Id; null where nobody has given one. */
  readonly traceHeader: string | null;
  /** `durationMs`: how long the function has worked; missing where it has not come to that. */
  settle(result: InvocationResult, durationMs?: number): void;
  reject(error: Error): void;
}

/** What a sandbox must know of its function. */
export interface SandboxPlan {
  readonly timeoutSeconds: number;
  readonly initSeconds: number;
  readonly memoryMb: number;
  /** `$LATEST` or a number. */
  readonly version: string;
  readonly log: (line: LogLine) => void;
  readonly logPause: () => Promise<void> | null;
}

export interface SandboxListener {
  /** Ready for a (further) call. */
  onIdle(sandbox: Sandbox): void;
  /** The code did not load; `fault` makes the error object for the call that is to hear of it. `onGone` follows. */
  onInitFailed(sandbox: Sandbox, fault: (requestId: string) => string): void;
  onGone(sandbox: Sandbox): void;
}

export const failed = (payload: string, executedVersion: string): InvocationResult => ({
  type: 'failed',
  payload,
  executedVersion,
});
/** The caller's signal fired; it is not listening any more. */
export const aborted: InvocationResult = {
  type: 'refused',
  code: 'RequestAbortedException',
  message: 'The call was given up by its caller.',
  status: 499,
};

/** Node and Python themselves, which Lambda counts less of than /proc does. */
const MEMORY_ROOM_MB = 32;

interface CallUnderWay {
  readonly call: Call;
  readonly timer: NodeJS.Timeout;
  /** Given to the log's REPORT line once everything printed is read. */
  report: Pick<CallReport, 'status' | 'errorType' | 'durationMs'> | null;
  isSettled: boolean;
}

/** One process of a function and the call that it performs: Lambda's execution environment. */
export class Sandbox {
  readonly #child: Child;
  /** `performance.now()` of its start. */
  readonly createdAt = performance.now();
  readonly #initTimer: NodeJS.Timeout;
  #state: 'loading' | 'idle' | 'busy' | 'gone' = 'loading';
  #current: CallUnderWay | null = null;
  /** To whom printed lines belong. */
  #requestId: string;
  #initMs: number | null = null;
  #initFault: ((requestId: string) => string) | null = null;
  #isFirstCall = true;
  #memoryUsedMb = 0;
  /** `performance.now()` of the moment it became idle. */
  idleSince = 0;
  /** The same of the start of its last call. */
  busySince = 0;
  /** How long the handler worked on its last call, by its own clock; 0 where it did not say. */
  workedMs = 0;

  constructor(
    readonly plan: SandboxPlan,
    launch: Launch,
    readonly listener: SandboxListener,
    options: { readonly warden: Warden; readonly requestId: string; readonly warning: string | null },
  ) {
    this.#requestId = options.requestId;
    if (options.warning !== null) this.#print(options.warning);
    const childListener: ChildListener = {
      onMessage: (message) => this.#take(message),
      onLine: (stream, text) => plan.log({ at: Date.now(), requestId: this.#requestId, stream, text }),
      outputPause: plan.logPause,
    };
    this.#child = new Child(launch, options.warden, childListener);
    this.#initTimer = setTimeout(() => {
      this.#failInit((requestId) => timedOut(requestId, plan.initSeconds));
    }, plan.initSeconds * 1000);
  }

  get isBusy(): boolean {
    return this.#state === 'busy';
  }

  get isLoading(): boolean {
    return this.#state === 'loading';
  }

  /** Only when idle. */
  perform(call: Call): void {
    const { timeoutSeconds } = this.plan;
    this.#state = 'busy';
    this.#requestId = call.requestId;
    this.#print(startLine(call.requestId, this.plan.version));
    const timer = setTimeout(() => this.#timeOut(), timeoutSeconds * 1000);
    this.busySince = performance.now();
    this.#current = { call, timer, report: null, isSettled: false };
    const deadlineMs = Date.now() + timeoutSeconds * 1000;
    const { requestId, arn, traceHeader } = call;
    this.#child.call({ requestId, deadlineMs, arn, traceHeader }, call.event);
  }

  /** Ends the process when it performs this call; the caller has been told. */
  abort(call: Call): void {
    const current = this.#current;
    if (current === null || current.call !== call) return;
    if (this.#settle(aborted, { status: 'error', errorType: 'RequestAbortedException' })) this.#child.kill();
  }

  /** Rejects the call under way and ends the process. */
  destroy(error: Error): void {
    const current = this.#current;
    if (current !== null && !current.isSettled) {
      current.isSettled = true;
      clearTimeout(current.timer);
      current.call.reject(error);
    }
    this.#child.kill();
  }

  /** Lets an idle process end by itself; onGone follows. */
  dismiss(): void {
    this.#state = 'gone';
    this.#child.dismiss();
  }

  /** Ends the process when it uses more memory than the function may. */
  checkMemory(): void {
    const { pid } = this.#child;
    if (pid === undefined || (this.#state !== 'busy' && this.#state !== 'loading')) return;
    const usedMb = Math.ceil(ownMemoryBytes(pid) / 1_048_576);
    this.#memoryUsedMb = Math.max(this.#memoryUsedMb, usedMb);
    if (usedMb <= this.plan.memoryMb + MEMORY_ROOM_MB) return;
    this.#print(
      `Expected at most ${this.plan.memoryMb} MB of memory, but the function used ${usedMb} MB: its process was killed. ` +
        'Raise its MemorySize if it needs that much.',
    );
    this.#child.kill();
  }

  #take(message: ChildMessage): void {
    switch (message.type) {
      case 'ready':
        this.#becomeReady();
        break;
      case 'initFailed':
        this.#failInit(() => message.payload);
        break;
      case 'answer':
        this.#takeAnswer(message.answer);
        break;
      case 'gone':
        this.#takeEnd(message);
        break;
      default:
        message satisfies never;
    }
  }

  #becomeReady(): void {
    if (this.#state !== 'loading') return;
    clearTimeout(this.#initTimer);
    this.#initMs = performance.now() - this.createdAt;
    this.#becomeIdle();
  }

  #becomeIdle(): void {
    this.#state = 'idle';
    this.idleSince = performance.now();
    this.listener.onIdle(this);
  }

  /** Waits for the end of the process before the call hears of it: what it printed comes first in the log. */
  #failInit(fault: (requestId: string) => string): void {
    if (this.#state !== 'loading') return;
    clearTimeout(this.#initTimer);
    this.#initMs = performance.now() - this.createdAt;
    this.#initFault ??= fault;
    this.#child.kill();
  }

  #takeAnswer(answer: Answer): void {
    const current = this.#current;
    if (current === null || answer.requestId !== current.call.requestId || current.isSettled) return;
    this.#memoryUsedMb = Math.max(this.#memoryUsedMb, Math.ceil(answer.maxRssKb / 1024));
    this.workedMs = answer.durationMs;
    const { type, payload } = answer;
    const { version: executedVersion } = this.plan;
    if (type === 'tooLarge') {
      const report = { status: 'error', errorType: 'Function.ResponseSizeTooLarge' } as const;
      this.#settle(failed(responseTooLarge(), executedVersion), report);
    } else this.#settle({ type, payload, executedVersion }, { status: 'success', errorType: '' });
    if (!answer.isFatal) void this.#child.outputRead().then(() => this.#finish(current));
  }

  /** Everything the call printed has been read: closes its log and takes the next call. */
  #finish(current: CallUnderWay): void {
    if (this.#current !== current || this.#state !== 'busy') return;
    this.#closeCall();
    this.#becomeIdle();
  }

  #timeOut(): void {
    const current = this.#current;
    if (current === null) return;
    const { requestId } = current.call;
    const { timeoutSeconds } = this.plan;
    this.#print(`${new Date().toISOString()} ${requestId} Task timed out after ${timeoutSeconds.toFixed(2)} seconds`);
    this.#settle(failed(timedOut(requestId, timeoutSeconds), this.plan.version), {
      status: 'timeout',
      errorType: 'Sandbox.Timedout',
    });
    this.#child.kill();
  }

  #takeEnd(end: Extract<ChildMessage, { readonly type: 'gone' }>): void {
    const wasLoading = this.#state === 'loading';
    clearTimeout(this.#initTimer);
    const fault = (requestId: string): string =>
      end.exit === null ? notStarted(requestId, end.reason) : exited(requestId, end.exit);
    const current = this.#current;
    if (current !== null) {
      const payload = fault(current.call.requestId);
      if (this.#settle(failed(payload, this.plan.version), { status: 'error', errorType: 'Runtime.ExitError' }))
        this.#print(messageOf(payload));
      this.#closeCall();
    }
    this.#state = 'gone';
    if (wasLoading) this.listener.onInitFailed(this, this.#initFault ?? fault);
    this.listener.onGone(this);
  }

  /** False when the call has its result already. */
  #settle(result: InvocationResult, report: Pick<CallReport, 'status' | 'errorType'>): boolean {
    const current = this.#current;
    if (current === null || current.isSettled) return false;
    current.isSettled = true;
    clearTimeout(current.timer);
    const durationMs = performance.now() - this.busySince;
    current.report = { ...report, durationMs };
    current.call.settle(result, durationMs);
    return true;
  }

  #closeCall(): void {
    const current = this.#current;
    this.#current = null;
    if (current === null || current.report === null) return;
    const { requestId } = current.call;
    this.#print(endLine(requestId));
    const initMs = this.#isFirstCall ? this.#initMs : null;
    this.#isFirstCall = false;
    const { memoryMb } = this.plan;
    this.#print(reportLine({ ...current.report, requestId, memoryMb, memoryUsedMb: this.#memoryUsedMb, initMs }));
  }

  /** Closes the log of a call that a failed start answers. */
  reportInitFailure(requestId: string): void {
    this.#print(startLine(requestId, this.plan.version), requestId);
    this.#print(endLine(requestId), requestId);
    const { memoryMb } = this.plan;
    const report: CallReport = {
      ...{ requestId, memoryMb, memoryUsedMb: this.#memoryUsedMb, initMs: this.#initMs },
      ...{ durationMs: this.#initMs ?? 0, status: 'error', errorType: 'Runtime.InitError' },
    };
    this.#print(reportLine(report), requestId);
  }

  #print(text: string, requestId = this.#requestId): void {
    this.plan.log({ at: Date.now(), requestId, stream: 'platform', text });
  }
}

/** The message of an error object of ours. */
function messageOf(payload: string): string {
  const value: unknown = JSON.parse(payload);
  const isError = typeof value === 'object' && value !== null && 'errorMessage' in value;
  return isError ? String(value.errorMessage) : payload;
}
