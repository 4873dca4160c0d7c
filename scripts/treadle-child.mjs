// Runs `treadle up --json` as a child process and listens to what it says. Used by the scripts that need a server.

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const COMMAND = fileURLToPath(new URL('../bin/treadle.mjs', import.meta.url));

/**
 * Starts `treadle up <args> --json` in `cwd`; resolves when it serves and its template, if it has one, was looked at.
 * `ready` and `deployed` are the lines of these types; `deployed` is null without a template. Rejects when it ends before.
 */
export async function startTreadle({ args, cwd, command = COMMAND, hasTemplate = false }) {
  const child = spawn(process.execPath, [command, 'up', ...args, '--json'], {
    cwd,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => child.once('exit', (code) => resolve(code)));
  const server = { ready: null, deployed: null, ended, stop: () => stop(child, ended) };
  const isUp = new Promise((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const message = JSON.parse(line);
      if (message.type === 'ready') server.ready = message;
      if (message.type === 'deployed') server.deployed = message;
      if (message.type === (hasTemplate ? 'deployed' : 'ready')) resolve('up');
    });
  });
  const outcome = await Promise.race([isUp, ended]);
  if (outcome === 'up') return server;
  throw new Error(`Expected treadle up to serve, but it ended with ${outcome}.`);
}

/** Lets it finish what is under way; ends it after ten seconds. */
async function stop(child, ended) {
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await ended;
  clearTimeout(timer);
}
