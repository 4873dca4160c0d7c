import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, vi } from 'vitest';
import { eventually, type ServerProcess, startTreadle } from '../durability/server-process.js';

/** A server in a folder of its own, and all that an unmodified AWS client needs to know of it. */
export interface ClientServer {
  readonly folder: string;
  readonly endpoint: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly process: ServerProcess;
  close(): Promise<void>;
}

type Start = (dataFolder: string, folder: string) => Promise<ServerProcess>;

async function openForClients(start: Start): Promise<ClientServer> {
  const folder = mkdtempSync(join(tmpdir(), 'treadle-sdk-'));
  const server = await start(join(folder, 'data'), folder);
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
    process: server,
    close: async () => {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A server for all tests of a file or a `describe`, and what is closed with it. */
export interface Bed {
  readonly server: ClientServer;
  /** Destroyed at the end. The environment alone leads a client here: `new SFNClient({})`. */
  use<Client extends { destroy(): void }>(client: Client): Client;
}

/** To be called where hooks may be: the server is there from the first `beforeAll` on. */
export function openBed(start: Start = startTreadle): Bed {
  const clients: { destroy(): void }[] = [];
  let server: ClientServer | null = null;
  beforeAll(async () => {
    server = await openForClients(start);
    for (const [name, value] of Object.entries(server.environment)) vi.stubEnv(name, value);
  });
  afterAll(async () => {
    for (const client of clients) client.destroy();
    vi.unstubAllEnvs();
    await server?.close();
  });
  return {
    get server() {
      if (server === null) throw new Error('Expected the server after the first hook, but it is not there yet');
      return server;
    },
    use: (client) => {
      clients.push(client);
      return client;
    },
  };
}

/** What a Python script that uses boto3 prints. */
export const python = (server: ClientServer, args: readonly string[]): Promise<string> =>
  output(server, pythonWithBoto3(), ['-B', ...args], endpointOfBoto3(server));

/** What the `aws` command prints. */
export const awsCommand = (
  server: ClientServer,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<string> => output(server, 'aws', [...endpointArgs(server), ...args], environment);

/** Commands before 2.13 (1.29) do not know AWS_ENDPOINT_URL, and would go to AWS. */
export const endpointArgs = (server: ClientServer): readonly string[] =>
  isOldAws() ? ['--endpoint-url', server.endpoint] : [];

/** A command of before mid-2023, as Debian 12 has it: it knows neither TestState nor how to leave the host's name as it is. */
export const isOldAws = (): boolean => isBefore(awsVersion(), { 1: 29, 2: 13 });

/** Version 2 copies an object's tags, which are not here, unless it is told not to; version 1 does not know how to be told. */
export const withoutTags = (): readonly string[] => (awsVersion().startsWith('2.') ? ['--copy-props', 'none'] : []);

let found: { readonly program: string; readonly version: string } | null = null;

/**
 * The one in PATH, else the system's, for which Debian packages boto3. Throws where there is no boto3: a test that is left out
 * looks like one that has passed.
 */
export const pythonWithBoto3 = (): string => boto3().program;

function boto3(): { readonly program: string; readonly version: string } {
  for (const program of ['python3', '/usr/bin/python3']) {
    const version = found === null ? printed(program, ['-c', 'import boto3; print(boto3.__version__)']) : null;
    if (version !== null) found = { program, version };
  }
  if (found === null)
    throw new Error('Expected Python with boto3, but there is none. Install it: apt-get install python3-boto3');
  return found;
}

/** What boto3 before 1.28 has to be told; newer ones know AWS_ENDPOINT_URL. */
const endpointOfBoto3 = (server: ClientServer): Readonly<Record<string, string>> =>
  isBefore(boto3().version, { 1: 28 }) ? { CLIENT_ENDPOINT: server.endpoint } : {};

let version: string | null = null;

function awsVersion(): string {
  version ??= /aws-cli\/([\d.]+)/.exec(printed('aws', ['--version']) ?? '')?.[1] ?? null;
  if (version === null)
    throw new Error('Expected the aws command, but there is none. Install it: apt-get install awscli');
  return version;
}

/** `first`: the first minor version of each major one. */
function isBefore(given: string, first: Readonly<Record<number, number>>): boolean {
  const [major = 0, minor = 0] = given.split('.').map(Number);
  return minor < (first[major] ?? 0);
}

function printed(program: string, args: readonly string[]): string | null {
  try {
    return execFileSync(program, [...args], { encoding: 'utf8', stdio: 'pipe', timeout: 60_000 }).trim();
  } catch {
    return null;
  }
}

/** What a program of ours that uses an unmodified client has to be told besides the environment. */
export const clientEnvironment = (server: ClientServer): Readonly<Record<string, string>> => ({
  ...endpointOfBoto3(server),
  CLIENT_ARGS: endpointArgs(server).join(' '),
});

/** A client program at work, which can be killed. */
export interface Program {
  /** Resolves when it has printed this. */
  printed(text: string): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
}

export function startProgram(server: ClientServer, program: string, args: readonly string[]): Program {
  const child = spawn(program, [...args], {
    cwd: server.folder,
    env: { ...process.env, ...server.environment, ...clientEnvironment(server) },
    detached: true, // with the processes that it has started itself
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let all = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      all += chunk.toString();
    });
  }
  const gone = once(child, 'close');
  return {
    printed: async (text) => {
      await eventually(() => (all.includes(text) ? true : null), 60_000).catch(() => {
        throw new Error(`Expected ${program} to print '${text}', but it printed: ${all}`);
      });
    },
    kill: async () => {
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
      await gone;
    },
  };
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
