import type { Bucket } from '../limits/throttling.js';
import type { ApiCall, ApiService } from './port.js';

/**
 * Asked before an action of a service is done. Throws the ApiError that the client is to see where the call is not taken; nothing of the
 * call has been looked at or done then.
 */
export type Gate = (operation: string, call: ApiCall) => Promise<void> | void;

/** The service with a gate in front of every action. */
export function gated(service: ApiService, gate: Gate): ApiService {
  const actions = [...service.actions].map(
    ([operation, action]) =>
      [
        operation,
        async (call: ApiCall) => {
          await gate(operation, call);
          return action(call);
        },
      ] as const,
  );
  return { ...service, actions: new Map(actions) };
}

/** Names come from clients (regions): beyond this many, the buckets that were made first are made anew, and are full then. */
const BUCKETS_MAX = 5000;

/** Token buckets by name; one that was not used yet is full. */
export class TokenBuckets {
  readonly #levels = new Map<string, { tokens: number; at: number }>();

  /** `now`: epoch milliseconds. */
  constructor(private readonly now: () => number) {}

  /** Whether there was a token; it is taken. */
  take(name: string, { size, perSecond }: Bucket): boolean {
    const at = this.now();
    const level = this.#levels.get(name) ?? this.#add(name, { tokens: size, at });
    // A clock that was set back refills nothing, and does not stop the refilling either.
    const refilled = level.tokens + (Math.max(0, at - level.at) / 1000) * perSecond;
    level.tokens = Math.min(size, refilled);
    level.at = at;
    if (level.tokens < 1) return false;
    level.tokens -= 1;
    return true;
  }

  #add(name: string, level: { tokens: number; at: number }): { tokens: number; at: number } {
    if (this.#levels.size >= BUCKETS_MAX) this.#levels.delete(this.#levels.keys().next().value ?? '');
    this.#levels.set(name, level);
    return level;
  }
}
