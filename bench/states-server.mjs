// A `treadle up` of its own process in a folder of its own, and an unsigned client with kept connections.

import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** In a new folder, or in one that another has filled. `stop` leaves the folder, `close` removes it. */
export async function startStatesServer({ concurrency, folder = mkdtempSync(join(tmpdir(), 'treadle-bench-')) }) {
  const bin = fileURLToPath(new URL('../bin/treadle.mjs', import.meta.url));
  const server = spawn(process.execPath, [bin, 'up', '--port', '0', '--data', folder, '--json'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [first] = await new Promise((resolve) =>
    createInterface({ input: server.stdout }).once('line', (...line) => resolve(line)),
  );
  const { endpoint } = JSON.parse(first);
  const agent = new Agent({ keepAlive: true, maxSockets: concurrency });
  const gone = new Promise((resolve) => server.once('exit', resolve));
  const stop = async () => {
    agent.destroy();
    server.kill('SIGTERM');
    await gone;
  };
  return {
    folder,
    endpoint,
    pid: server.pid,
    /** `action` is one of Step Functions, or has its service in front: `DynamoDB_20120810.PutItem`. `sign` gives further headers. */
    call: (action, input, sign) => call({ endpoint, agent, sign }, action, input),
    stop,
    close: async () => {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** One line of percentiles of many times in milliseconds. */
export function report(name, times) {
  times.sort((a, b) => a - b);
  const at = (share) => `${times[Math.min(times.length - 1, Math.floor(times.length * share))].toFixed(2)} ms`;
  console.log(`${name.padEnd(20)} p50 ${at(0.5).padStart(9)}  p95 ${at(0.95).padStart(9)}  max ${at(1).padStart(9)}`);
}

/** Of a process, by the kernel's word; `VmHWM` is the most that it ever had. */
export function residentOf(pid, field = 'VmRSS') {
  const [, kibibytes] =
    new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return mebibytes(Number(kibibytes) * 1024);
}

export function mebibytes(bytes) {
  return `${(bytes / 1024 ** 2).toFixed(0)} MiB`;
}

/** dynalite wants a signature, and looks at none. */
const SIGNED = {
  authorization:
    'AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
  'x-amz-date': '20260101T000000Z',
};

export function call({ endpoint, agent, sign }, action, input) {
  const body = JSON.stringify(input);
  const headers = {
    'content-type': 'application/x-amz-json-1.0',
    'x-amz-target': action.includes('.') ? action : `AWSStepFunctions.${action}`,
    'content-length': Buffer.byteLength(body),
    ...(action.includes('.') && SIGNED),
    ...sign?.({ endpoint, body, target: `AWSStepFunctions.${action}` }),
  };
  return new Promise((resolve, reject) => {
    const sent = request(endpoint, { agent, method: 'POST', headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part) => {
        text += part;
      });
      response.on('end', () => (response.statusCode === 200 ? resolve(JSON.parse(text)) : reject(new Error(text))));
    });
    sent.on('error', reject).end(body);
  });
}

/** A machine of one Pass state. Gives its ARN. */
export async function passMachine(server, name = 'bench') {
  const definition = JSON.stringify({ StartAt: 'A', States: { A: { Type: 'Pass', End: true } } });
  const roleArn = 'arn:aws:iam::000000000000:role/bench';
  const { stateMachineArn } = await server.call('CreateStateMachine', { name, definition, roleArn });
  return stateMachineArn;
}
