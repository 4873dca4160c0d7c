import type { RunningServer, ServerOptions as ServerStart } from '../server/index.js';
import type { Fetch } from './server-client.js';
import { ServerClient } from './server-client.js';
import type { Terminal } from './terminal.js';

/** What every command gets: everything of the outside that it may touch. */
export interface CliContext {
  readonly terminal: Terminal;
  readonly fetch: Fetch;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly folder: string;
  readonly startServer: (options: ServerStart) => Promise<RunningServer>;
  /** The whole of standard input. */
  readInput(): Promise<string>;
  /** Aborts when the person presses Ctrl-C or the process is asked to end. */
  readonly interrupted: AbortSignal;
}

export const ENDPOINT_DEFAULT = 'http://127.0.0.1:4566';
export const REGION_DEFAULT = 'us-east-1';

/** Options of every command that talks to a server. */
export interface ServerOptions {
  readonly endpoint?: string;
  readonly region?: string;
  readonly json?: boolean;
}

export const regionOf = (context: CliContext, options: { readonly region?: string }): string =>
  options.region ?? context.environment.AWS_REGION ?? context.environment.AWS_DEFAULT_REGION ?? REGION_DEFAULT;

export function clientOf(context: CliContext, options: ServerOptions): ServerClient {
  const endpoint = options.endpoint ?? context.environment.AWS_ENDPOINT_URL ?? ENDPOINT_DEFAULT;
  return new ServerClient({
    endpoint: endpoint.replace(/\/+$/, ''),
    region: regionOf(context, options),
    fetch: context.fetch,
  });
}

/** Writes one JSON object on a line of its own. */
export const writeJson = (context: CliContext, value: object): void => context.terminal.line(JSON.stringify(value));
