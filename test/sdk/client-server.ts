import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ServerProcess, startTreadle } from '../durability/server-process.js';

/** A server in a folder of its own, and all that an unmodified AWS client needs to know of it. */
export interface ClientServer {
  readonly folder: string;
  readonly endpoint: string;
  readonly environment: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

export async function openForClients(): Promise<ClientServer> {
  const folder = mkdtempSync(join(tmpdir(), 'treadle-sdk-'));
  const server: ServerProcess = await startTreadle(join(folder, 'data'), folder);
  const environment = {
    AWS_ENDPOINT_URL: server.endpoint,
    // Any credentials do; a client without any refuses to sign. The files of whoever runs the tests are kept out.
    AWS_ACCESS_KEY_ID: 'any',
    AWS_SECRET_ACCESS_KEY: 'any',
    AWS_REGION: 'eu-west-1',
    AWS_DEFAULT_REGION: 'eu-west-1',
    AWS_CONFIG_FILE: join(folder, 'no-config'),
    AWS_SHARED_CREDENTIALS_FILE: join(folder, 'no-credentials'),
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_PAGER: '',
  };
  return {
    folder,
    endpoint: server.endpoint,
    environment,
    close: async () => {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Null where the program can be used, else why not: printed, so that nobody takes a skipped test for a passed one. */
export function whyMissing(program: string, args: readonly string[]): string | null {
  try {
    execFileSync(program, [...args], { stdio: 'ignore', timeout: 20_000 });
    return null;
  } catch (fault) {
    const why = `Skipped: '${[program, ...args].join(' ')}' does not work here (${fault instanceof Error ? fault.message : fault}).`;
    console.warn(why);
    return why;
  }
}

/** What a program prints; rejects with what it printed as error when it fails. */
export async function output(
  server: ClientServer,
  program: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<string> {
  const child = spawn(program, [...args], {
    cwd: server.folder,
    env: { ...process.env, ...server.environment, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  let complaints = '';
  child.stdout.on('data', (chunk: Buffer) => {
    printed += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    complaints += chunk.toString();
  });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${complaints}`);
  return printed;
}
