export { EmbeddedHost, type EmbeddedHostOptions } from './embedded/host.js';
export { identityOf } from './embedded/live-execution.js';
export { seedSource } from './embedded/seed-source.js';
export { systemClock } from './embedded/system-clock.js';
export {
  type Clock,
  type Committed,
  ExecutionQuarantined,
  HostClosed,
  type Performer,
  type RecordListener,
  type Recovery,
  type Revision,
  type Revisions,
  type SeedSource,
  type StartRequest,
  type StartResult,
} from './ports.js';
