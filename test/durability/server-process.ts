import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';

const TREADLE = fileURLToPath(new URL('../../bin/treadle.mjs', import.meta.url));
const CRASHING = fileURLToPath(new URL('crashing-server.mjs', import.meta.url));
const SKIPPING = fileURLToPath(new URL('../sdk/skipping-server.mjs', import.meta.url));
const START_MS_MAX = 30_000;

/** Servers under way. A test that fails before it stops its own leaves nothing behind: this runs after its file's other hooks. */
const running = new Set<ChildProcess>();
afterAll(() => {
  for (const child of running) child.kill('SIGKILL');
});

export type KillPoint = 'before commit' | 'after commit, before dispatch';

/** A real `treadle up` in a process of its own. */
export interface ServerProcess {
  readonly endpoint: string;
  readonly recovered: { readonly executions: number; readonly commands: number; readonly timersOverdue: number };
  readonly pid: number;
  /** What it printed on stderr so far. */
  readonly complaints: () => string;
  /** Lets so much time pass at once; for `startSkipping` only. */
  skip(ms: number): Promise<void>;
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>;
  /** SIGTERM; resolves with the lines of stdout. Kills when that takes too long. */
  stop(): Promise<readonly string[]>;
  signal(signal: NodeJS.Signals): void;
  /** Null while it lives, and where a signal has ended it. */
  exitCode(): number | null;
  /** Resolves when the process is gone, however. */
  readonly gone: Promise<void>;
}

/** The process ended before it served. */
export class EndedEarly extends Error {
  override readonly name = 'EndedEarly';
  constructor(
    readonly exitCode: number | null,
    /** What it printed on stderr. */
    readonly complaints: string,
  ) {
    super(`Expected a server to start, but it ended with ${exitCode}:\n${complaints}`);
  }
}

export function startTreadle(dataFolder: string, cwd = dataFolder): Promise<ServerProcess> {
  return serve([TREADLE, 'up', '--port', '0', '--data', dataFolder, '--json'], cwd);
}

/** Kills itself at the `count`-th time that it comes to `point`; with `count` 0 never. */
export function startCrashing(
  dataFolder: string,
  { point, count }: { readonly point: KillPoint; readonly count: number },
): Promise<ServerProcess> {
  return serve([CRASHING, dataFolder, point, String(count)], dataFolder);
}

/** A server whose time can be put forward. */
export function startSkipping(dataFolder: string, cwd = dataFolder): Promise<ServerProcess> {
  return serve([SKIPPING, dataFolder], cwd);
}

async function serve(args: readonly string[], cwd: string): Promise<ServerProcess> {
  const child = spawn(process.execPath, [...args], { cwd, stdio: ['pipe', 'pipe', 'pipe'] });
  running.add(child);
  child.once('exit', () => running.delete(child));
  let complaints = '';
  child.stderr.on('data', (chunk: Buffer) => {
    complaints += chunk.toString();
  });
  const lines: string[] = [];
  const gone = once(child, 'close').then(() => undefined);
  const ready = new Promise<string>((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      lines.push(line);
      if (line.includes('"ready"')) resolve(line);
    });
  });
  const text = await Promise.race([ready, gone.then(() => null), sleep(START_MS_MAX, null, { ref: false })]);
  if (text === null) {
    child.kill('SIGKILL');
    throw new EndedEarly(child.exitCode, complaints);
  }
  const { endpoint, recovered } = JSON.parse(text) as Pick<ServerProcess, 'endpoint' | 'recovered'>; // what `up --json` prints
  return {
    endpoint,
    recovered,
    pid: child.pid ?? 0,
    complaints: () => complaints,
    skip: async (ms) => {
      const before = lines.length;
      child.stdin.write(`skip ${ms}\n`);
      await eventually(() => (lines.length > before ? true : null));
    },
    kill: async () => {
      child.kill('SIGKILL');
      await gone;
    },
    stop: async () => {
      await stop(child, gone);
      return lines;
    },
    signal: (signal) => void child.kill(signal),
    exitCode: () => child.exitCode,
    gone,
  };
}

async function stop(child: ChildProcess, gone: Promise<void>): Promise<void> {
  child.kill('SIGTERM');
  const killer = setTimeout(() => child.kill('SIGKILL'), 15_000);
  await gone;
  clearTimeout(killer);
}

/** Processes that work in `folder` or were started with it, this one excepted. */
export function processesOf(folder: string): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => {
      try {
        const isZombie = /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
        return (
          !isZombie &&
          (readlinkSync(`/proc/${pid}/cwd`).startsWith(folder) ||
            readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(folder))
        );
      } catch {
        return false; // it has just gone, or belongs to somebody else
      }
    })
    .map((pid) => `${pid} ${readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')}`);
}

/** Asks again until `check` says something other than null. */
export async function eventually<T>(check: () => Promise<T | null> | T | null, timeoutMs = 20_000): Promise<T> {
  const until = performance.now() + timeoutMs;
  for (;;) {
    const found = await check();
    if (found !== null) return found;
    if (performance.now() > until)
      throw new Error(`Expected this within ${timeoutMs} ms, but it did not happen: ${check}`);
    await sleep(20);
  }
}
