import { OPEN_WAITS_KEPT_MAX } from '../../limits/services.js';

/** Tasks that wait for a callback or a worker, as far as they began in this process. */
export class OpenWaits {
  /** By execution and frame: when it began. */
  readonly #since = new Map<string, Map<number, number>>();

  open(arn: string, frame: number, at: number): void {
    const frames = this.#since.get(arn);
    if (frames !== undefined) frames.set(frame, at);
    // With too many, the newest are left out: the age of the oldest stays right.
    else if (this.#since.size < OPEN_WAITS_KEPT_MAX) this.#since.set(arn, new Map([[frame, at]]));
  }

  close(arn: string, frame: number): void {
    const frames = this.#since.get(arn);
    frames?.delete(frame);
    if (frames?.size === 0) this.#since.delete(arn);
  }

  executionEnded(arn: string): void {
    this.#since.delete(arn);
  }

  /** When the oldest began; null where nothing waits. Looks at all of them. */
  get oldestAt(): number | null {
    let oldest: number | null = null;
    for (const frames of this.#since.values()) {
      for (const at of frames.values()) if (oldest === null || at < oldest) oldest = at;
    }
    return oldest;
  }
}
