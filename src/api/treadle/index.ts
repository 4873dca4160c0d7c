export type {
  BackupPorts,
  BackupRow,
  BackupsPage,
  RestoredOne,
  RestoreOneRequest,
} from './backup-ports.js';
export { backupRefused } from './backup-routes.js';
export { FollowBuffer, FollowerTooSlow } from './follow-buffer.js';
export type {
  DeployedResource,
  DeployReport,
  DeployRequest,
  ExecutionRow,
  ExecutionsPage,
  ExecutionsQuery,
  FollowedRecord,
  FunctionRow,
  Health,
  LogLine,
  LogsPage,
  LogsQuery,
  MachineRow,
  MailRow,
  MailsPage,
  MailsQuery,
  OpenWaitRow,
  OpenWaitsPage,
  OpenWaitsQuery,
  Percentiles,
  TreadlePorts,
  WaitAnswer,
  Why,
} from './ports.js';
export { followedRecord } from './record-json.js';
export { TREADLE_PATH, treadleApi } from './treadle-api.js';
