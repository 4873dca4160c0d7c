import { setTimeout as sleep } from 'node:timers/promises';
import type { EmbeddedHost, TransientHost } from '../host/index.js';
import { DRAIN_LOOK_MS, DRAIN_MS_MAX } from '../limits.js';

/**
 * Before the server closes: no new execution and no new call begins, and calls under way may end, so that they need not be made again.
 * Not for long: what takes longer is made again after the next start.
 */
export async function drain(
  { host, transient }: { readonly host: EmbeddedHost; readonly transient: TransientHost },
  msMax = DRAIN_MS_MAX,
): Promise<void> {
  host.drain();
  transient.drain();
  const until = performance.now() + msMax;
  const isAtWork = (): boolean => host.load.tasksInFlight + transient.load.tasksInFlight > 0;
  while (isAtWork() && performance.now() < until) await sleep(DRAIN_LOOK_MS);
}
