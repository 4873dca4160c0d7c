import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import type { CliContext } from './context.js';
import { runCli } from './program.js';
import { processTerminal } from './terminal.js';

/** The `treadle` command: runs one command line in this process and answers with its exit code. */
export async function main(args: readonly string[]): Promise<number> {
  const interrupt = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      // A second one ends the process at once: what is committed is safe, the rest is taken up by the next start.
      if (interrupt.signal.aborted) process.exit(128 + constants.signals[signal]);
      interrupt.abort();
    });
  }
  const context: CliContext = {
    terminal: processTerminal(),
    fetch: (url, init) => fetch(url, init),
    environment: process.env,
    folder: process.cwd(),
    startServer: async (options) => {
      // Loaded only here: the other commands start quickly without the engine.
      const { startServer } = await import('../server/index.js');
      return startServer(options);
    },
    readInput,
    interrupted: interrupt.signal,
  };
  return runCli(args, context, packageVersion());
}

async function readInput(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}

function packageVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  const { version } = JSON.parse(text) as { version: string }; // our own file
  return version;
}
