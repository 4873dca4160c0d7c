// StartExecution over HTTP: a server of its own process, durable starts, unsigned clients with kept connections.
//
//   node bench/http.mjs [--seconds 3] [--rounds 3] [--concurrency 64]

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '3' },
    concurrency: { type: 'string', default: '64' },
  },
});
const concurrency = Number(values.concurrency);
const folder = mkdtempSync(join(tmpdir(), 'treadle-bench-'));
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

function call(action, input) {
  const body = JSON.stringify(input);
  return new Promise((resolve, reject) => {
    const sent = request(
      endpoint,
      {
        agent,
        method: 'POST',
        headers: {
          'content-type': 'application/x-amz-json-1.0',
          'x-amz-target': `AWSStepFunctions.${action}`,
          'content-length': Buffer.byteLength(body),
        },
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part) => {
          text += part;
        });
        response.on('end', () => (response.statusCode === 200 ? resolve(JSON.parse(text)) : reject(new Error(text))));
      },
    );
    sent.on('error', reject).end(body);
  });
}

const definition = JSON.stringify({ StartAt: 'A', States: { A: { Type: 'Pass', End: true } } });
const { stateMachineArn } = await call('CreateStateMachine', {
  name: 'bench',
  definition,
  roleArn: 'arn:aws:iam::000000000000:role/bench',
});

const rates = [];
for (let round = 0; round < Number(values.rounds); round++) {
  const until = performance.now() + Number(values.seconds) * 1000;
  let started = 0;
  const client = async () => {
    while (performance.now() < until) {
      await call('StartExecution', { stateMachineArn, input: '{"order":"1"}' });
      started += 1;
    }
  };
  const from = performance.now();
  await Promise.all(Array.from({ length: concurrency }, client));
  rates.push(started / ((performance.now() - from) / 1000));
}
agent.destroy();
server.kill('SIGTERM');
await new Promise((resolve) => server.once('exit', resolve));
rmSync(folder, { recursive: true, force: true });
rates.sort((a, b) => a - b);
console.log(
  `StartExecution over HTTP at concurrency ${concurrency}: ${rates[Math.floor(rates.length / 2)].toFixed(0)}/s ` +
    `(${rates[0].toFixed(0)}–${rates.at(-1).toFixed(0)}), node ${process.version}, client on the same machine`,
);
