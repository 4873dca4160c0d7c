// Processes that a benchmark starts, and their folders. Everything is gone when it ends.

import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export function temporaryFolder() {
  const path = mkdtempSync(join(tmpdir(), 'treadle-bench-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** Starts a process and waits for its first line of JSON, which says where it listens. */
export async function startProcess(command, args, { cwd, env = {}, uid, gid } = {}) {
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(uid !== undefined && { uid, gid }),
  });
  const said = [];
  const note = (line) => {
    said.push(line);
    if (said.length > 50) said.shift();
  };
  const gone = new Promise((resolve) => child.once('exit', resolve));
  createInterface({ input: child.stderr }).on('line', note);
  const lines = createInterface({ input: child.stdout });
  const ready = new Promise((resolve, reject) => {
    lines.on('line', (line) => {
      note(line);
      if (line.startsWith('{')) resolve(JSON.parse(line));
    });
    child.once('error', reject);
    void gone.then(() => reject(new Error(`it ended:\n${said.join('\n')}`)));
  });
  ready.catch(() => undefined); // whoever does not wait for it does not care
  return {
    child,
    ready,
    said,
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), 10_000);
      await gone;
      clearTimeout(late);
    },
  };
}

/** A port of the loopback interface that nobody listens on just now. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Asks until it is answered, for at most `seconds`. */
export async function until(ask, { seconds, what }) {
  const deadline = performance.now() + seconds * 1000;
  for (;;) {
    try {
      return await ask();
    } catch (fault) {
      if (performance.now() > deadline) throw new Error(`${what} did not answer within ${seconds} s: ${fault.message}`);
      await new Promise((next) => setTimeout(next, 100));
    }
  }
}

const TICKS_PER_SECOND = 100;

/** Seconds of CPU that these processes and all below them have used so far, ended ones included. Linux only. */
export function cpuSecondsOf(pids) {
  let ticks = 0;
  for (const pid of pids) {
    try {
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
      for (const field of fields.slice(11, 15)) ticks += Number(field); // utime, stime, cutime, cstime
      const children = readdirSync(`/proc/${pid}/task`).flatMap((thread) => {
        return readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').trim().split(' ').filter(Boolean);
      });
      ticks += cpuSecondsOf(children) * TICKS_PER_SECOND;
    } catch {
      // It has ended meanwhile: what it used is its parent's.
    }
  }
  return ticks / TICKS_PER_SECOND;
}
