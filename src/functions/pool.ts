import { FUNCTION_GROWTH_DELAY_MS, FUNCTION_STARTS_AT_ONCE_MAX } from '../limits.js';
import type { PreparedLaunch } from './launch.js';
import { FunctionRefusal } from './refusal.js';
import { aborted, type Call, failed, Sandbox, type SandboxPlan } from './sandbox.js';
import type { Share } from './share.js';
import { LoadFault } from './typescript.js';
import type { Warden } from './warden.js';

/** Bounds of all functions of a server; limits.ts has the defaults. */
export interface PoolBounds {
  readonly childrenMax: number;
  readonly waitingCallsMax: number;
  readonly idleMs: number;
  readonly surplusIdleMs: number;
}

/** Shared by all pools. */
export class Capacity {
  readonly #pools = new Set<Pool>();
  #children = 0;

  constructor(readonly bounds: PoolBounds) {}

  add(pool: Pool): void {
    this.#pools.add(pool);
  }

  remove(pool: Pool): void {
    this.#pools.delete(pool);
  }

  /** False when there is no room for a child now; an idle one of another pool is let go, so that there is soon. */
  take(): boolean {
    if (this.#children < this.bounds.childrenMax) {
      this.#children += 1;
      return true;
    }
    let oldest: Pool | null = null;
    for (const pool of this.#pools) {
      if (pool.idleSince !== null && (oldest?.idleSince == null || pool.idleSince < oldest.idleSince)) oldest = pool;
    }
    oldest?.dismissOldest();
    return false;
  }

  giveBack(): void {
    this.#children -= 1;
  }
}

/** A start takes about so long, before the first one is measured. */
const INIT_MS_ASSUMED = 60;
/** The duration of calls is a moving average of about so many. */
const CALLS_AVERAGED = 5;

/** The processes of one version of a function in one revision: warm ones are used again, more are started while calls wait. */
export class Pool {
  readonly #waiting: Call[] = [];
  /** The one used last is at the end, and used next: the others can grow old and go. */
  readonly #idle: Sandbox[] = [];
  readonly #all = new Set<Sandbox>();
  #loading = 0;
  #initMs = INIT_MS_ASSUMED;
  /** As the handlers measure it: when this process or the machine is late, more processes make it worse. */
  #callMs = 0;
  #growth: NodeJS.Timeout | null = null;
  #isRetired = false;
  #prepared: Promise<PreparedLaunch> | null = null;
  #whenEmpty: (() => void) | null = null;

  constructor(
    readonly plan: SandboxPlan,
    readonly share: Share,
    readonly prepare: () => Promise<PreparedLaunch>,
    readonly capacity: Capacity,
    readonly warden: Warden,
  ) {
    capacity.add(this);
    share.join(this);
  }

  /** Takes a call in line. False when too many wait. */
  offer(call: Call): boolean {
    const { waitingCallsMax } = this.capacity.bounds;
    if (this.share.callsMax === 0 || this.#waiting.length >= waitingCallsMax) return false;
    this.#waiting.push(call);
    this.advance();
    return true;
  }

  /** Takes a call out of the line, or ends the process that performs it. */
  abort(call: Call): void {
    const index = this.#waiting.indexOf(call);
    if (index >= 0) {
      this.#waiting.splice(index, 1);
      call.settle(aborted);
      return;
    }
    for (const sandbox of this.#all) sandbox.abort(call);
  }

  /** Since when the longest idle process is idle; null when none is. */
  get idleSince(): number | null {
    return this.#idle[0]?.idleSince ?? null;
  }

  /** No process is left, and none is being started. */
  get isEmpty(): boolean {
    return this.#all.size === 0 && this.#loading === 0;
  }

  dismissOldest(): void {
    this.#idle.shift()?.dismiss();
  }

  /** Lets processes go that were idle for too long, and looks at the memory of the others. */
  dismissIdle(now: number): void {
    const { idleMs, surplusIdleMs } = this.capacity.bounds;
    for (let since = this.idleSince; since !== null; since = this.idleSince) {
      if (now - since < (this.#all.size > 1 && this.#idle.length > 1 ? surplusIdleMs : idleMs)) break;
      this.dismissOldest();
    }
  }

  checkMemory(): void {
    for (const sandbox of this.#all) sandbox.checkMemory();
  }

  /** No more calls: idle processes go, busy ones after their call. Returns the calls that wait. */
  retire(): readonly Call[] {
    this.#isRetired = true;
    if (this.#growth !== null) clearTimeout(this.#growth);
    while (this.#idle.length > 0) this.dismissOldest();
    if (this.#all.size === 0) this.capacity.remove(this);
    this.share.leave(this);
    return this.#waiting.splice(0);
  }

  /** Ends everything at once; calls under way and waiting are rejected. Resolves when no process is left. */
  async destroy(error: Error): Promise<void> {
    for (const call of this.retire()) call.reject(error);
    for (const sandbox of this.#all) sandbox.destroy(error);
    if (this.#all.size > 0)
      await new Promise<void>((resolve) => {
        this.#whenEmpty = resolve;
      });
  }

  /** Calls that wait go to idle processes, as far as the function's share allows; more processes are started for others. */
  advance(): void {
    while (this.#waiting.length > 0 && this.share.hasRoom) {
      const sandbox = this.#idle.pop();
      const next = sandbox === undefined ? undefined : this.#waiting.shift();
      if (sandbox === undefined || next === undefined) break;
      this.share.take(next, this);
      sandbox.perform(next);
    }
    if (this.#waiting.length === 0 || this.#isRetired) return;
    if (this.#all.size === 0 && this.#loading === 0) this.#grow(1);
    if (this.#all.size < this.share.callsMax)
      this.#growth ??= setTimeout(() => this.#growIfNeeded(), FUNCTION_GROWTH_DELAY_MS);
  }

  /** A process costs its start: it is worth that only when the line would take longer to be served without it. */
  #growIfNeeded(): void {
    this.#growth = null;
    const now = performance.now();
    let underWayMs = 0;
    for (const sandbox of this.#all) if (sandbox.isBusy) underWayMs = Math.max(underWayMs, now - sandbox.busySince);
    // Under way for less than a start takes may mean that its answer has not been read yet, or that every processor is busy.
    const lineMs = this.#waiting.length * Math.max(this.#callMs, underWayMs < this.#initMs ? 0 : underWayMs);
    const wanted = Math.ceil(lineMs / this.#initMs) - (this.#all.size - this.#loading);
    this.#grow(Math.min(wanted, this.#waiting.length) - this.#loading);
    this.advance();
  }

  #grow(wanted: number): void {
    const startable = FUNCTION_STARTS_AT_ONCE_MAX - this.#loading;
    const room = Math.min(wanted, startable, this.share.callsMax - this.#all.size - this.#preparing);
    for (let count = 0; count < room && this.capacity.take(); count += 1) void this.#start();
  }

  /** Starts that wait for the code to be unpacked or bundled: they are no sandboxes yet. */
  #preparing = 0;

  async #start(): Promise<void> {
    this.#loading += 1;
    this.#preparing += 1;
    let prepared: PreparedLaunch;
    try {
      this.#prepared ??= this.prepare();
      prepared = await this.#prepared;
    } catch (error) {
      this.#prepared = null;
      this.#preparing -= 1;
      this.#loading -= 1;
      this.capacity.giveBack();
      this.#refuseAll(error);
      return;
    }
    this.#preparing -= 1;
    if (this.#isRetired) {
      this.#loading -= 1;
      this.capacity.giveBack();
      return;
    }
    const { warden } = this;
    const requestId = this.#waiting[0]?.requestId ?? '';
    const sandbox = new Sandbox(this.plan, prepared.launch(), this.#listener, {
      warden,
      requestId,
      warning: prepared.warning,
    });
    this.#all.add(sandbox);
  }

  readonly #listener = {
    onIdle: (sandbox: Sandbox): void => {
      if (!this.#ready.has(sandbox)) {
        this.#ready.add(sandbox);
        this.#loading -= 1;
        this.#initMs = performance.now() - sandbox.createdAt;
      } else {
        this.#callMs += (sandbox.workedMs - this.#callMs) / CALLS_AVERAGED;
      }
      if (this.#isRetired) {
        sandbox.dismiss();
        return;
      }
      this.#idle.push(sandbox);
      this.advance();
    },
    onInitFailed: (sandbox: Sandbox, fault: (requestId: string) => string): void => {
      this.#loading -= 1;
      const next = this.#waiting.shift();
      if (next === undefined) return;
      sandbox.reportInitFailure(next.requestId);
      next.settle(failed(fault(next.requestId), this.plan.version));
    },
    onGone: (sandbox: Sandbox): void => {
      this.#all.delete(sandbox);
      const index = this.#idle.indexOf(sandbox);
      if (index >= 0) this.#idle.splice(index, 1);
      this.capacity.giveBack();
      if (this.#all.size === 0 && this.#isRetired) this.capacity.remove(this);
      if (this.#all.size === 0) this.#whenEmpty?.();
      this.advance();
    },
  };

  readonly #ready = new WeakSet<Sandbox>();

  /** The code cannot be made ready at all: every waiting call hears of it. */
  #refuseAll(error: unknown): void {
    for (const call of this.#waiting.splice(0)) {
      if (error instanceof LoadFault) {
        this.plan.log({
          at: Date.now(),
          requestId: call.requestId,
          stream: 'platform',
          text: `${error.errorType}: ${error.message}`,
        });
        call.settle(failed(error.payload, this.plan.version));
      } else if (error instanceof FunctionRefusal) {
        call.settle({ type: 'refused', code: error.code, message: error.message, status: error.status });
      } else {
        call.reject(error instanceof Error ? error : new Error(String(error)));
      }
    }
  }
}
