import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { applicationFolder } from './application-files.js';

const treadle = fileURLToPath(new URL('../../../bin/treadle.mjs', import.meta.url));

/** A Treadle server of its own, with this application deployed and an empty data folder. */
export interface TreadleServer {
  /** E.g. `http://127.0.0.1:40000`. */
  readonly endpoint: string;
  readonly region: string;
  readonly account: string;
  /** Stops the server and removes its data. */
  close(): Promise<void>;
}

/** What describes the application: the SAM template, or what `cdk synth` makes of the CDK app. */
export type Description = 'template.yaml' | 'cdk.out';

const paths: Readonly<Record<Description, string>> = {
  'template.yaml': join(applicationFolder, 'template.yaml'),
  'cdk.out': fileURLToPath(new URL('../../../test/cdk/order-processing.cdk.out', import.meta.url)),
};

/** Starts `treadle up` as a user does. Rejects with what it printed when it ends before it is ready. */
export async function startTreadle(
  parameters: Readonly<Record<string, string>> = {},
  description: Description = 'template.yaml',
): Promise<TreadleServer> {
  const data = mkdtempSync(join(tmpdir(), 'order-processing-'));
  const region = 'us-east-1';
  const account = '000000000000';
  const settings = Object.entries(parameters).flatMap(([name, value]) => ['--parameter', `${name}=${value}`]);
  const child = spawn(
    process.execPath,
    [
      ...[treadle, 'up', paths[description], '--json', '--port', '0', '--data', data],
      ...['--region', region, '--account', account, ...settings],
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
    rmSync(data, { recursive: true, force: true });
  };
  try {
    const endpoint = await Promise.race([
      readEndpoint(createInterface({ input: child.stdout })),
      ended.then(([code]) => {
        throw new Error(`Expected treadle up to serve, but it ended with ${code}: ${complaints}`);
      }),
    ]);
    return { endpoint, region, account, close };
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
