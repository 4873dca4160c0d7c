import { LIVE_CHARS_MAX, LIVE_EXECUTIONS_MAX } from '../../limits.js';
import type { ExecutionId } from '../../store/ports.js';
import type { LiveExecution } from './live-execution.js';

/** The executions in memory, the one that had its turn the longest time ago first. */
export class LiveExecutions extends Map<ExecutionId, LiveExecution> {
  #chars = 0;

  override set(id: ExecutionId, live: LiveExecution): this {
    this.#chars += live.chars - (this.get(id)?.chars ?? 0);
    return super.set(id, live);
  }

  override delete(id: ExecutionId): boolean {
    this.#chars -= this.get(id)?.chars ?? 0;
    return super.delete(id);
  }

  /** It holds so much more text. */
  grow(live: LiveExecution, chars: number): void {
    if (this.get(live.id) === live) this.#chars += chars;
    live.chars += chars;
  }

  /** Puts it last in line, and takes out those for whom there is no room any more. */
  idle(live: LiveExecution): readonly LiveExecution[] {
    const isNearlyFull = this.size > LIVE_EXECUTIONS_MAX / 2 || this.#chars > LIVE_CHARS_MAX / 2;
    if (!isNearlyFull) return []; // nobody will go soon
    this.delete(live.id);
    this.set(live.id, live);
    const gone: LiveExecution[] = [];
    for (const oldest of this.values()) {
      if (this.size <= LIVE_EXECUTIONS_MAX && this.#chars <= LIVE_CHARS_MAX) break;
      if (oldest.isBusy || oldest.mailbox.length > 0) continue;
      this.delete(oldest.id);
      gone.push(oldest);
    }
    return gone;
  }
}
