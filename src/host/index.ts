export { TooManyHeartbeats } from './embedded/heartbeats.js';
export { EmbeddedHost } from './embedded/host.js';
export type { EmbeddedHostOptions } from './embedded/host-options.js';
export { type WaitKeys, waitsByKey } from './embedded/keyed-waits.js';
export { identityOf } from './embedded/live-execution.js';
export { OPEN_WAITS, type OpenWait, oldestOpenWaitAt } from './embedded/open-waits.js';
export { seedSource } from './embedded/seed-source.js';
export { systemClock } from './embedded/system-clock.js';
export { baseRevision, childRevision } from './map-runs/child-revision.js';
export { type ChildDocument, deleteEndedRuns } from './map-runs/documents.js';
export { type ExpressRunner, expressRunner } from './map-runs/express-child.js';
export type { MapRuns, MapRunView } from './map-runs/map-runs.js';
export {
  type Alongside,
  type Clock,
  type Committed,
  ExecutionQuarantined,
  HostClosed,
  type MapData,
  type Performer,
  type RecordListener,
  type Recovery,
  type Revision,
  type Revisions,
  type SeedSource,
  type StartRequest,
  type StartResult,
} from './ports.js';
export { ExpressStarts, type ExpressStartsOptions, expressIdentity } from './transient/express-starts.js';
export {
  TransientHost,
  TransientHostFull,
  type TransientHostOptions,
  type TransientLoad,
  type TransientRequest,
  type TransientRun,
} from './transient/transient-host.js';
export {
  type StateTrial,
  type TrialPorts,
  type TrialSoFar,
  type TriedState,
  tryState,
} from './trial/state-trial.js';
