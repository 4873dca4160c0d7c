import type { Policy } from '../../interpreter/index.js';
import type { Store } from '../../store/ports.js';
import type { ExpressRunner } from '../map-runs/express-child.js';
import type { Alongside, Clock, Committed, MapData, Performer, Revisions, SeedSource } from '../ports.js';
import type { WaitKeys } from './keyed-waits.js';

export interface EmbeddedHostOptions {
  readonly store: Store;
  readonly revisions: Revisions;
  readonly performer: Performer;
  /** Where the items of distributed Maps come from and their results go, and where their Express children live. */
  readonly mapData?: MapData;
  readonly express?: ExpressRunner;
  readonly clock: Clock;
  readonly seed: SeedSource;
  /** By which keys, besides their tokens, waiting tasks are found. */
  readonly waitKeys?: WaitKeys;
  /** AWS's quotas unless given. */
  readonly policy?: Policy;
  /** Hears of everything that becomes durable. Must not throw, and must be quick. */
  readonly onCommitted?: (committed: Committed) => void;
  /** What is written together with an execution's records; null = nothing. Must not throw, and must be quick. */
  readonly alongside?: (committing: Committed) => Alongside | null;
  /** An execution that cannot be decided on is set aside: our fault, to be looked at. */
  readonly onQuarantine: (arn: string, fault: Error) => void;
}

export interface HostLoad {
  /** Executions in memory. */
  readonly live: number;
  readonly tasksInFlight: number;
  readonly tasksWaiting: number;
  /** Timers in memory. */
  readonly timers: number;
}
