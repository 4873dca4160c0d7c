import type { TaskState } from '../../language/index.js';
import type { Position } from './itinerary.js';

interface Beats {
  readonly everyMs: number;
  /** May be infinite. */
  readonly count: number;
}

/** A task that the execution waits for. */
export class AwaitedTask {
  readonly seq: number;
  readonly frame: number;
  readonly position: Position;
  readonly state: TaskState;
  #countedFrom: number;
  #lastBeatAt: number;
  #beats: (Beats & { readonly from: number }) | null = null;
  #cancel: () => void = () => undefined;

  constructor(task: {
    readonly seq: number;
    readonly frame: number;
    readonly position: Position;
    readonly state: TaskState;
    readonly scheduledAt: number;
  }) {
    this.seq = task.seq;
    this.frame = task.frame;
    this.position = task.position;
    this.state = task.state;
    this.#countedFrom = task.scheduledAt;
    this.#lastBeatAt = task.scheduledAt;
  }

  get isActivity(): boolean {
    return this.state.resource.type === 'activity';
  }

  /** Whether its call is accepted first and answered later (`.sync`, `.waitForTaskToken`). */
  get isDeferred(): boolean {
    const { resource } = this.state;
    return resource.type === 'integration' && resource.pattern !== 'requestResponse';
  }

  /** Whether somebody outside answers it: who has the token, or an activity's worker. */
  get isAnsweredFromOutside(): boolean {
    const { resource } = this.state;
    return this.isActivity || (resource.type === 'integration' && resource.pattern === 'waitForTaskToken');
  }

  /** An activity's time-outs count from when its worker has the task. */
  countFrom(at: number): void {
    this.#countedFrom = at;
    this.#lastBeatAt = at;
  }

  beat(at: number): void {
    this.#lastBeatAt = at;
  }

  /** Beats come by themselves from now on. */
  beatsBy(beats: Beats, from: number): void {
    this.#beats = { ...beats, from };
  }

  /** When a heartbeat that was first due at `dueAt` is missed, as things stand `now`. */
  heartbeatMissedAt(dueAt: number, now: number): number {
    const beats = this.#beats;
    const own =
      beats === null
        ? 0
        : beats.from + Math.min(Math.floor((now - beats.from) / beats.everyMs), beats.count) * beats.everyMs;
    return Math.max(this.#lastBeatAt, own) + dueAt - this.#countedFrom;
  }

  /** Its answer is under way in virtual time. */
  answersBy(cancel: () => void): void {
    this.#cancel = cancel;
  }

  /** Nobody waits for it any more. */
  cancelAnswer(): void {
    this.#cancel();
  }
}
