import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const treadle = fileURLToPath(new URL('../../bin/treadle.mjs', import.meta.url));

/** A Treadle server of its own, with an application deployed. */
export interface TreadleServer {
  /** E.g. `http://127.0.0.1:40000`. */
  readonly endpoint: string;
  readonly region: string;
  readonly account: string;
  /** Of the server's process. */
  readonly pid: number | undefined;
  /** Stops the server, and removes its data where the folder was not given. */
  close(): Promise<void>;
  /** Ends the process as a lost machine would: SIGKILL. The data stay. */
  kill(): Promise<void>;
}

export interface ServedApplication {
  /** The template, or the folder that `cdk synth` wrote. */
  readonly template: string;
  readonly parameters?: Readonly<Record<string, string>>;
  /** Default: a new folder, which goes when the server closes. */
  readonly data?: string;
  /** More options of `treadle up`. */
  readonly options?: readonly string[];
}

/** Starts `treadle up` as a user does. Rejects with what it printed when it ends before it is ready. */
export async function startTreadle({
  template,
  parameters = {},
  data: given,
  options = [],
}: ServedApplication): Promise<TreadleServer> {
  const data = given ?? mkdtempSync(join(tmpdir(), 'treadle-application-'));
  const region = 'us-east-1';
  const account = '000000000000';
  const settings = Object.entries(parameters).flatMap(([name, value]) => ['--parameter', `${name}=${value}`]);
  const child = spawn(
    process.execPath,
    [
      ...[treadle, 'up', template, '--json', '--port', '0', '--data', data],
      ...['--region', region, '--account', account, ...settings, ...options],
    ],
    { cwd: data, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const ended = once(child, 'exit');
  let complaints = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints += text;
  });
  const close = async () => {
    child.kill('SIGTERM');
    await ended;
    if (given === undefined) rmSync(data, { recursive: true, force: true });
  };
  const kill = async () => {
    child.kill('SIGKILL');
    await ended;
  };
  try {
    const endpoint = await Promise.race([
      readEndpoint(createInterface({ input: child.stdout })),
      ended.then(([code]) => {
        throw new Error(`Expected treadle up to serve, but it ended with ${code}: ${complaints}`);
      }),
    ]);
    return { endpoint, region, account, pid: child.pid, close, kill };
  } catch (error) {
    await close();
    throw error;
  }
}

interface Report {
  readonly type: string;
  /** With type `ready`. */
  readonly endpoint?: string;
  /** With type `deployed`: why the template was refused. */
  readonly problems?: readonly string[];
  /** With type `deployed`. */
  readonly resources?: ReadonlyArray<{ readonly outcome: string }>;
}

/** Reads lines until the template is deployed, and keeps the rest flowing. */
function readEndpoint(lines: Interface): Promise<string> {
  return new Promise((resolve, reject) => {
    let endpoint = '';
    lines.on('line', (line) => {
      const report: Report = JSON.parse(line);
      if (report.type === 'ready') endpoint = report.endpoint ?? '';
      if (report.type !== 'deployed') return;
      const hasFailed = report.resources?.some(({ outcome }) => outcome === 'failed') || report.problems?.length !== 0;
      if (hasFailed) reject(new Error(`Expected the template to be deployed, but: ${line}`));
      else resolve(endpoint);
    });
  });
}
