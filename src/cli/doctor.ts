import { execFile } from 'node:child_process';
import { closeSync, existsSync, fsyncSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { createConnection } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { BackupsPage, Health } from '../api/treadle/index.js';
import { CliError } from './cli-error.js';
import type { ServerClient } from './server-client.js';
import { bytesText, durationText } from './views/durations.js';

export interface Finding {
  /** `bad` keeps Treadle from working; `remark` is worth knowing. */
  readonly verdict: 'good' | 'remark' | 'bad';
  readonly subject: string;
  readonly text: string;
  /** What to do; null where there is nothing to do. */
  readonly cure: string | null;
}

export interface DoctorQuestion {
  readonly client: ServerClient;
  readonly port: number;
  readonly dataFolder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly folder: string;
}

/** One finding after the other, as they are found. */
export async function* findings(question: DoctorQuestion): AsyncGenerator<Finding> {
  yield nodeFinding(process.versions.node);
  yield pythonFinding(await pythonVersion());
  yield diskFinding(resolve(question.folder, question.dataFolder));
  const health = await serverHealth(question.client);
  yield health === null ? await portFinding(question.port) : serverFinding(question.client.endpoint, health);
  if (health !== null) yield backupFinding(await question.client.get<BackupsPage>('/api/backups'), Date.now());
  yield syncHostFinding(question.environment);
}

const NODE_MINIMUM = { major: 20, minor: 19 };
const NODE_PREFERRED_MAJOR = 22;

export function nodeFinding(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const subject = 'Node.js';
  if (major < NODE_MINIMUM.major || (major === NODE_MINIMUM.major && minor < NODE_MINIMUM.minor))
    return {
      verdict: 'bad',
      subject,
      text: version,
      cure: 'Expected 20.19 or newer: install one from nodejs.org or your system.',
    };
  const cure = major < NODE_PREFERRED_MAJOR ? 'Works; 22 or newer is preferred (SQLite is built in there).' : null;
  return { verdict: 'good', subject, text: version, cure };
}

export function pythonFinding(version: string | null): Finding {
  const subject = 'Python';
  if (version !== null)
    return { verdict: 'good', subject, text: `${version} (runs every python3.x function)`, cure: null };
  return { verdict: 'remark', subject, text: 'not found', cure: 'Only needed for Python functions: install python3.' };
}

async function pythonVersion(): Promise<string | null> {
  try {
    const { stdout } = await promisify(execFile)('python3', ['--version'], { timeout: 10_000 });
    return stdout.trim().replace(/^Python /, '');
  } catch {
    return null;
  }
}

const SYNCS = 20;
const SLOW_SYNC_MS = 10;

/** Writes and syncs small blocks in (or beside) the data folder, as each commit does. */
function diskFinding(dataFolder: string): Finding {
  const subject = 'data folder';
  const place = nearestExisting(dataFolder);
  try {
    const ms = medianSyncMs(place);
    const text = `${dataFolder}: ${existsSync(dataFolder) ? 'writable' : 'will be made'}, one disk sync takes ${ms.toFixed(2)} ms`;
    if (ms < SLOW_SYNC_MS) return { verdict: 'good', subject, text, cure: null };
    return {
      verdict: 'remark',
      subject,
      text,
      cure: 'Every commit waits for the disk: a faster disk makes executions faster (--data).',
    };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return {
      verdict: 'bad',
      subject,
      text: `${dataFolder}: ${why}`,
      cure: 'Choose a folder that you may write to: --data <folder>',
    };
  }
}

function medianSyncMs(folder: string): number {
  mkdirSync(folder, { recursive: true });
  const place = mkdtempSync(join(folder, '.treadle-doctor-'));
  const file = openSync(join(place, 'sync'), 'w');
  try {
    const block = Buffer.alloc(4096, 1);
    const times = Array.from({ length: SYNCS }, () => {
      const startedAt = performance.now();
      writeSync(file, block);
      fsyncSync(file);
      return performance.now() - startedAt;
    });
    return times.sort((a, b) => a - b)[Math.floor(SYNCS / 2)] ?? 0;
  } finally {
    closeSync(file);
    rmSync(place, { recursive: true, force: true });
  }
}

function nearestExisting(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder ? folder : nearestExisting(dirname(folder));
}

/** Null when no Treadle answers there. */
async function serverHealth(client: ServerClient): Promise<Health | null> {
  try {
    return await client.get<Health>('/health');
  } catch (error) {
    if (error instanceof CliError) return null;
    throw error;
  }
}

export function serverFinding(endpoint: string, health: Health): Finding {
  const text =
    `${endpoint}: ${health.status}, up ${durationText(health.uptimeMs)}, ${bytesText(health.memory.residentBytes)} of memory, ` +
    `commits take ${health.commitLatencyMs.p50.toFixed(1)} ms, data in ${health.dataFolder}`;
  const quotas = Object.entries(health.raisedQuotas).map(([name, value]) => `${name} ${value}`);
  const raised = quotas.length === 0 ? '' : `; quotas above AWS's: ${quotas.join(', ')}`;
  const cure = health.problems.length === 0 ? null : health.problems.join(' ');
  return { verdict: health.status === 'ok' ? 'good' : 'remark', subject: 'server', text: text + raised, cure };
}

/** The health of the server tells of a backup that failed. */
export function backupFinding({ backups, folder }: Pick<BackupsPage, 'backups' | 'folder'>, now: number): Finding {
  const subject = 'backups';
  const newest = backups[0];
  if (newest === undefined)
    return {
      verdict: 'remark',
      subject,
      text: `none in ${folder}`,
      cure: 'One is made each night; now: treadle backup',
    };
  const age = now - newest.at;
  const text = `${backups.length}, the newest ${durationText(age)} old, in ${folder}`;
  if (age <= BACKUP_AGE_MS_MAX) return { verdict: 'good', subject, text, cure: null };
  return { verdict: 'remark', subject, text, cure: 'Older than two days. Make one: treadle backup' };
}

const BACKUP_AGE_MS_MAX = 2 * 86_400_000;

async function portFinding(port: number): Promise<Finding> {
  const isTaken = await accepts(port);
  const subject = 'port';
  if (!isTaken) return { verdict: 'good', subject, text: `${port} is free`, cure: 'Start a server with: treadle up' };
  const holder = await holderOf(port);
  return {
    verdict: 'bad',
    subject,
    text: `${port} is taken by ${holder ?? 'another program'}, which is not a Treadle server`,
    cure: `End that program, or take another port: treadle up --port ${port + 1}`,
  };
}

const CONNECT_MS_MAX = 1000;

const accepts = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = createConnection({ port, host: '127.0.0.1', timeout: CONNECT_MS_MAX });
    const done = (isTaken: boolean): void => {
      socket.destroy();
      resolve(isTaken);
    };
    socket.once('connect', () => done(true));
    socket.once('error', () => done(false));
    socket.once('timeout', () => done(false));
  });

/** `name (process 123)` where the system tells; null where it does not. */
async function holderOf(port: number): Promise<string | null> {
  try {
    const { stdout } = await promisify(execFile)('ss', ['-Hltnp', `sport = :${port}`], { timeout: 5000 });
    const match = /\("([^"]+)",pid=(\d+)/.exec(stdout);
    return match === null ? null : `${match[1]} (process ${match[2]})`;
  } catch {
    return null;
  }
}

/** AWS clients send StartSyncExecution and TestState to `sync-<host>`, which does not exist for an address. */
export function syncHostFinding(environment: Readonly<Record<string, string | undefined>>): Finding {
  const subject = 'sync- host';
  if (environment.AWS_DISABLE_HOST_PREFIX_INJECTION === 'true')
    return { verdict: 'good', subject, text: 'AWS_DISABLE_HOST_PREFIX_INJECTION is set', cure: null };
  return {
    verdict: 'remark',
    subject,
    text: 'AWS clients send StartSyncExecution and TestState to sync-<host>, which cannot be found',
    cure: 'eval "$(treadle env --shell)"; in JavaScript disableHostPrefix: true, in boto3 Config(inject_host_prefix=False)',
  };
}
