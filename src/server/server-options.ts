import type { DeployReport, DeployRequest } from '../api/treadle/index.js';
import type { Clock, Recovery } from '../host/index.js';
import type { RemoteRule } from '../integrations/index.js';
import type { ThrottleSettings } from '../limits/throttling.js';
import type { Quotas } from '../limits.js';
import type { SmtpSettings } from '../services/mail/smtp.js';
import type { CommitHooks } from '../store/sqlite/index.js';
import type { BackupSettings } from './backup/backups.js';

export interface ServerOptions {
  /** 0 takes a free one. */
  readonly port: number;
  readonly host: string;
  /** Absolute path; made when it does not exist. One server at a time. */
  readonly dataFolder: string;
  readonly region: string;
  /** Twelve digits. */
  readonly account: string;
  /** Ended executions are kept so many days; 90 unless given, as on AWS. */
  readonly retentionDays?: number;
  /** AWS's unless given: what executions may use of payload, history, time. */
  readonly quotas?: Quotas;
  /** Step Functions' API actions are counted and throttled; without it, none is. */
  readonly throttle?: ThrottleSettings | null;
  /** Further names of this server that Host headers may have. */
  readonly allowedHosts?: readonly string[];
  /** Calls that go to AWS or another endpoint, the first that fits; without any, all are carried out here. */
  readonly remote?: readonly RemoteRule[];
  /** Where mails go; without it they are written to the data folder. */
  readonly smtp?: SmtpSettings | null;
  /** Mail address that hears of failed executions, a full disk and old waits. */
  readonly alarmsTo?: string | null;
  /** Where backups go, and when they are made; without it only when somebody asks. */
  readonly backups?: BackupSettings;
  /** A line for the operator: warnings and our own faults. */
  readonly report?: (line: string) => void;
  /** Time as everything that is durable sees it; the machine's own unless given. For tests that let an hour pass at once. */
  readonly clock?: Clock;
  /** Named points of a commit, for tests that kill the process there. */
  readonly commitHooks?: CommitHooks;
}

export interface RunningServer {
  /** E.g. `http://127.0.0.1:4566`. */
  readonly endpoint: string;
  /** What was found at start and goes on. */
  readonly recovered: Recovery;
  deploy(request: DeployRequest): Promise<DeployReport>;
  /** Finishes what is being committed, then releases the port and the data folder. */
  close(): Promise<void>;
}
