import type { DeployReport, DeployRequest } from '../api/treadle/index.js';

/** What `up` needs of the composition in `server`. */
export type StartServer = (options: ServerStartOptions) => Promise<RunningServer>;

export interface ServerStartOptions {
  readonly port: number;
  readonly host: string;
  /** Absolute path. */
  readonly dataFolder: string;
  readonly region: string;
  /** Twelve digits. */
  readonly account: string;
}

export interface RunningServer {
  /** E.g. `http://127.0.0.1:4566`. */
  readonly endpoint: string;
  /** What was found at start and goes on. */
  readonly recovered: { readonly executions: number; readonly commands: number };
  deploy(request: DeployRequest): Promise<DeployReport>;
  /** Finishes what is under way, then releases the port and the data folder. */
  close(): Promise<void>;
}
