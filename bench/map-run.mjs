// A map run of many items in a server of its own process: a CSV file in S3, one child for each row, results exported to S3.
//
//   node bench/map-run.mjs [--items 100000] [--types STANDARD,EXPRESS]

import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: { items: { type: 'string', default: '100000' }, types: { type: 'string', default: 'STANDARD,EXPRESS' } },
});
const items = Number(values.items);
const bin = fileURLToPath(new URL('../bin/treadle.mjs', import.meta.url));

async function measure(type) {
  const folder = mkdtempSync(join(tmpdir(), 'treadle-bench-'));
  const server = spawn(process.execPath, [bin, 'up', '--port', '0', '--data', folder, '--json'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const [first] = await new Promise((resolve) =>
      createInterface({ input: server.stdout }).once('line', (...line) => resolve(line)),
    );
    const { endpoint } = JSON.parse(first);
    const call = async (action, input) => {
      const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AWSStepFunctions.${action}` };
      const response = await fetch(endpoint, { method: 'POST', headers, body: JSON.stringify(input) });
      if (!response.ok) throw new Error(await response.text());
      return response.json();
    };
    const put = (path, body) => fetch(`${endpoint}/bench${path}`, { method: 'PUT', body });
    await put('');
    await put('/in.csv', `n,name\n${Array.from({ length: items }, (_, i) => `${i},customer ${i}\n`).join('')}`);
    const idle = memoryMb(server.pid, 'VmRSS');
    const { stateMachineArn } = await call('CreateStateMachine', {
      name: 'each',
      roleArn: 'arn:aws:iam::000000000000:role/bench',
      definition: JSON.stringify(definition(type)),
    });
    const startedAt = performance.now();
    const { executionArn } = await call('StartExecution', { stateMachineArn, input: '{}' });
    const execution = await end(call, executionArn);
    const seconds = (performance.now() - startedAt) / 1000;
    const { mapRuns } = await call('ListMapRuns', { executionArn });
    const run = await call('DescribeMapRun', { mapRunArn: mapRuns[0].mapRunArn });
    if (run.executionCounts.succeeded !== items) throw new Error(JSON.stringify([execution, run]));
    const peak = memoryMb(server.pid, 'VmHWM');
    console.log(
      `${type.padEnd(8)} ${items} items in ${seconds.toFixed(1)} s: ${Math.round(items / seconds)} items/s, ` +
        `resident ${idle} MB before, ${peak} MB at most`,
    );
  } finally {
    server.kill();
    await new Promise((gone) => server.once('exit', gone));
    rmSync(folder, { recursive: true, force: true });
  }
}

const definition = (type) => ({
  StartAt: 'Each',
  States: {
    Each: {
      Type: 'Map',
      ItemReader: {
        Resource: 'arn:aws:states:::s3:getObject',
        Parameters: { Bucket: 'bench', Key: 'in.csv' },
        ReaderConfig: { InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW' },
      },
      ItemSelector: { 'row.$': '$$.Map.Item.Value', 'index.$': '$$.Map.Item.Index' },
      ItemProcessor: {
        ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: type },
        StartAt: 'Row',
        States: { Row: { Type: 'Pass', End: true } },
      },
      ResultWriter: { Resource: 'arn:aws:states:::s3:putObject', Parameters: { Bucket: 'bench', Prefix: 'out' } },
      End: true,
    },
  },
});

async function end(call, executionArn) {
  for (;;) {
    const execution = await call('DescribeExecution', { executionArn });
    if (execution.status !== 'RUNNING') return execution;
    await new Promise((next) => setTimeout(next, 100));
  }
}

/** Linux only: `VmRSS` now, `VmHWM` the most so far. */
function memoryMb(pid, name) {
  const kib = new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Math.round(Number(kib) / 1024);
}

for (const type of values.types.split(',')) await measure(type);
