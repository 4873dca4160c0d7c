import type { ExecutionStatus } from '../../interpreter/execution.js';
import type { BackupPorts } from './backup-ports.js';

/**
 * What the API under `/_treadle/` asks of the server. `server` hands the functions in; nothing here knows where they look.
 * All times are epoch milliseconds. Each may throw ApiError for the caller's faults; anything else is ours (500).
 */
export interface TreadlePorts extends BackupPorts {
  /** Folder with the built console (`index.html` inside); null = there is none, and the root page says how to build it. */
  readonly consoleFolder: string | null;
  health(): Promise<Health>;
  /** What Prometheus reads. */
  prometheus(): Promise<{ readonly text: string; readonly contentType: string }>;
  machines(): Promise<readonly MachineRow[]>;
  /** Newest first, of all machines unless one is named. */
  executions(query: ExecutionsQuery): Promise<ExecutionsPage>;
  /** Null when there is no such execution. */
  why(executionArn: string): Promise<Why | null>;
  /**
   * The execution's records with `seq > after` in order, first those that are stored, then the new ones; ends after the record
   * that ends the execution, or when `signal` aborts. Null when there is no such execution. A source that pushes puts a
   * FollowBuffer in between, so that a slow reader costs bounded memory.
   */
  follow(executionArn: string, after: number, signal: AbortSignal): Promise<AsyncIterable<FollowedRecord> | null>;
  /**
   * Waits for the execution's end, for END_WAIT_MS_MAX at most and no longer than until `signal` aborts: the record that has ended it, or
   * null while it is running. Null instead of an object when there is no such execution.
   */
  end(executionArn: string, signal: AbortSignal): Promise<{ readonly end: FollowedRecord | null } | null>;
  functions(): Promise<readonly FunctionRow[]>;
  /** Oldest first. Throws ApiError ResourceNotFoundException when there is no such function. */
  logs(query: LogsQuery): Promise<LogsPage>;
  /** Log lines after `query.after` as they come, without end until `signal` aborts. */
  followLogs(query: Omit<LogsQuery, 'limit'>, signal: AbortSignal): Promise<AsyncIterable<LogLine>>;
  /** Newest first. */
  mails(query: MailsQuery): Promise<MailsPage>;
  /** Tasks that wait for their token or for a worker, the oldest first. */
  openWaits(query: OpenWaitsQuery): Promise<OpenWaitsPage>;
  /** Ends a wait as SendTaskSuccess or SendTaskFailure does, without the token. Throws ApiError NoOpenWait (404). */
  answerWait(answer: WaitAnswer): Promise<void>;
  /**
   * Makes the call of a wait anew, with the same token; durable when it resolves, and how it went stands in the wait's row.
   * Throws ApiError NoOpenWait (404), NotSendable (409).
   */
  sendAgain(id: string): Promise<void>;
  /** `onProgress` hears, in sentences, what takes long. */
  deploy(request: DeployRequest, onProgress?: (line: string) => void): Promise<DeployReport>;
}

export interface OpenWaitsQuery {
  /** A machine's ARN or name; null = of all machines. */
  readonly machine: string | null;
  readonly limit: number;
  /** `next` of the page before; null = from the oldest. */
  readonly after: string | null;
}

export interface OpenWaitsPage {
  /** With `machine`, a page may hold fewer than there are, or none, and have a next one. */
  readonly waits: readonly OpenWaitRow[];
  /** Null on the last page. */
  readonly next: string | null;
}

export interface OpenWaitRow {
  readonly id: string;
  readonly executionArn: string;
  readonly stateMachineArn: string;
  readonly state: string;
  /** E.g. `sqs:sendMessage`; `activity`. */
  readonly resource: string;
  /** Whose workers it waits for; null where it waits for its token. */
  readonly activityArn: string | null;
  /** Set once a worker of the activity has it; his name is null where he says none. */
  readonly worker: { readonly name: string | null } | null;
  readonly openedAt: number;
  /** When it times out; null where it waits for ever, or a worker has to come first. */
  readonly dueAt: number | null;
  /** What was sent, as JSON text: the start of it where it is long. */
  readonly parameters: string;
  /** How often it was sent again, and why the last time was refused; null where it was not. */
  readonly sends: number;
  readonly sendFault: string | null;
}

export type WaitAnswer = { readonly id: string } & (
  | { /** JSON text. */ readonly output: string }
  | { readonly error: string; readonly cause: string | null }
);

export interface Health {
  /** `degraded`: serving, but something needs a person (`problems` says what). */
  readonly status: 'ok' | 'degraded';
  readonly problems: readonly string[];
  readonly version: string;
  readonly endpoint: string;
  readonly region: string;
  readonly account: string;
  /** Absolute path. */
  readonly dataFolder: string;
  readonly startedAt: number;
  readonly uptimeMs: number;
  readonly memory: { readonly residentBytes: number; readonly heapUsedBytes: number; readonly heapLimitBytes: number };
  /** Of one core, over the last few seconds; can exceed 100 with worker threads. */
  readonly cpuPercent: number;
  readonly eventLoopLagMs: Percentiles;
  /** From handing a decision to the store until it is durable. */
  readonly commitLatencyMs: Percentiles;
  readonly queue: {
    /** Decisions that wait for a commit. */
    readonly commitsWaiting: number;
    readonly tasksInFlight: number;
    readonly tasksWaiting: number;
    /** Timers held in memory. */
    readonly timers: number;
  };
  readonly executions: { readonly running: number; readonly liveInMemory: number };
  /** Quotas above AWS's, by their names as settings (`payloadBytes`). */
  readonly raisedQuotas: Readonly<Record<string, number>>;
}

export interface Percentiles {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

export interface MachineRow {
  readonly arn: string;
  readonly name: string;
  readonly type: 'STANDARD' | 'EXPRESS';
  readonly createdAt: number;
}

export interface ExecutionsQuery {
  /** A machine's ARN or name; null = of all machines. */
  readonly machine: string | null;
  readonly status: ExecutionStatus | null;
  readonly limit: number;
  /** `next` of the page before; null = from the newest. */
  readonly after: string | null;
}

export interface ExecutionRow {
  readonly arn: string;
  readonly name: string;
  readonly machineArn: string;
  readonly machineName: string;
  readonly status: ExecutionStatus;
  readonly startAt: number;
  readonly stopAt: number | null;
}

export interface ExecutionsPage {
  readonly executions: readonly ExecutionRow[];
  /** Opaque; null on the last page. */
  readonly next: string | null;
}

/** Why an execution ended as it did, from its records. */
export interface Why {
  readonly arn: string;
  readonly status: ExecutionStatus;
  /** One sentence for a person, e.g. `State 'Is verified?' chose 'Not verified' because $.paymentVerified is false.` */
  readonly sentence: string;
  /** The state that decided; null where none did (still running, stopped from outside). */
  readonly state: string | null;
  readonly error: string | null;
  readonly cause: string | null;
}

/** One record as the console and the CLI see it: `details` is AWS's, payloads in it are their JSON texts. */
export interface FollowedRecord {
  readonly seq: number;
  /** AWS's event number; null where AWS has no such event. */
  readonly id: number | null;
  readonly previousEventId: number;
  readonly at: number;
  /** Seq of the record that opened the frame (branch, iteration) in which it happened. */
  readonly frame: number;
  readonly type: string;
  readonly details: Readonly<Record<string, unknown>> | null;
}

export interface FunctionRow {
  readonly arn: string;
  readonly name: string;
  readonly runtime: string;
  readonly handler: string;
  readonly timeoutSeconds: number;
  readonly memoryMegabytes: number;
  readonly modifiedAt: number;
}

export interface LogsQuery {
  /** A function's name or ARN. */
  readonly function: string;
  /** Only lines of this request; null = all. */
  readonly requestId: string | null;
  /** `next` of an earlier page: only later lines; null = the newest `limit` lines. */
  readonly after: string | null;
  readonly limit: number;
}

export interface LogLine {
  readonly at: number;
  readonly requestId: string | null;
  readonly stream: 'stdout' | 'stderr' | 'platform';
  /** Without the line break. */
  readonly text: string;
}

export interface LogsPage {
  readonly lines: readonly LogLine[];
  /** Where to go on from, also when there are no more lines yet. */
  readonly next: string;
}

export interface MailsQuery {
  readonly limit: number;
  /** `next` of the page before. */
  readonly after: string | null;
}

export interface MailRow {
  readonly id: string;
  readonly at: number;
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

export interface MailsPage {
  readonly mails: readonly MailRow[];
  readonly next: string | null;
}

export interface DeployRequest {
  /** Absolute path on the server's machine: of a template, or of the folder of a CDK assembly. */
  readonly template: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** Null = the server's region. */
  readonly region: string | null;
  readonly allowUnsupported: boolean;
  /** Fill placeholders pasted from documents (`region:account`, `{region}`) with this server's. */
  readonly fill: boolean;
  /** Of an assembly: the stacks to deploy, with what they depend on; none for all. */
  readonly stacks?: readonly string[];
}

/** What a deployment did, resource by resource. `refused` is empty when anything was changed. */
export interface DeployReport {
  readonly template: string;
  readonly region: string;
  readonly resources: readonly DeployedResource[];
  /** Why nothing was changed, one line each with file and line; empty otherwise. */
  readonly problems: readonly string[];
  /** Some of the problems are things that AWS does and Treadle does not: `allowUnsupported` keeps those without effect. */
  readonly canBeKept: boolean;
  readonly warnings: readonly string[];
  readonly outputs: Readonly<Record<string, string>>;
}

export interface DeployedResource {
  readonly logicalId: string;
  readonly type: string;
  /**
   * `kept`: accepted, without effect here. `refused`: Treadle does not do it; nothing of the template was deployed then.
   * `failed`: it could not be made, `reason` says why. `skipped`: not reached, since something else was refused or failed.
   */
  readonly outcome: 'created' | 'updated' | 'unchanged' | 'deleted' | 'kept' | 'refused' | 'failed' | 'skipped';
  /** ARN or name of what was made. */
  readonly physicalId: string | null;
  readonly reason: string | null;
  /** Place in the template; null where unknown. */
  readonly line: number | null;
}
