/** What the server answers under `/_treadle`; times are epoch milliseconds. */

export interface Percentiles {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

export interface Health {
  readonly status: 'ok' | 'degraded';
  readonly problems: readonly string[];
  readonly version: string;
  readonly endpoint: string;
  readonly region: string;
  readonly account: string;
  readonly dataFolder: string;
  readonly startedAt: number;
  readonly uptimeMs: number;
  readonly memory: { readonly residentBytes: number; readonly heapUsedBytes: number; readonly heapLimitBytes: number };
  readonly cpuPercent: number;
  readonly eventLoopLagMs: Percentiles;
  readonly commitLatencyMs: Percentiles;
  readonly queue: {
    readonly commitsWaiting: number;
    readonly tasksInFlight: number;
    readonly tasksWaiting: number;
    readonly timers: number;
  };
  readonly executions: { readonly running: number; readonly liveInMemory: number };
}

export type ExecutionStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';

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
  readonly next: string | null;
}

export interface MachineRow {
  readonly arn: string;
  readonly name: string;
}

export interface ExecutionsFilter {
  readonly machine: string | null;
  readonly status: ExecutionStatus | null;
  readonly after: string | null;
}

export const PAGE_LIMIT = 25;

export const fetchHealth = (): Promise<Health> => get('/health', {});

export const fetchMachines = async (): Promise<readonly MachineRow[]> =>
  (await get<{ machines: readonly MachineRow[] }>('/api/machines', {})).machines;

export const fetchExecutions = ({ machine, status, after }: ExecutionsFilter): Promise<ExecutionsPage> =>
  get('/api/executions', { machine, status, after, limit: String(PAGE_LIMIT) });

async function get<Answer>(path: string, query: Readonly<Record<string, string | null>>): Promise<Answer> {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== null) parameters.set(name, value);
  const text = parameters.toString();
  const response = await fetch(`/_treadle${path}${text === '' ? '' : `?${text}`}`);
  const body: unknown = await response.json();
  if (!response.ok) throw new Error(messageOf(body) ?? `The server answered ${response.status}.`);
  return body as Answer; // the border: the page and the server are of one release
}

function messageOf(body: unknown): string | null {
  if (typeof body !== 'object' || body === null || !('message' in body)) return null;
  return typeof body.message === 'string' ? body.message : null;
}
