// Maps of many items in a server of its own process. Map runs: a file of JSON or CSV in S3, one child for each item, results exported to
// S3. And an inline Map of one Pass, whose items are in its input.
//
//   node bench/map-run.mjs [--items 100000] [--types STANDARD,EXPRESS] [--format JSON] [--inline 6000]

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { spread } from './harness/measure.mjs';
import { startProcess, temporaryFolder } from './harness/processes.mjs';

const { values } = parseArgs({
  options: {
    items: { type: 'string', default: '100000' },
    types: { type: 'string', default: 'STANDARD,EXPRESS' },
    format: { type: 'string', default: 'JSON' },
    inline: { type: 'string', default: '6000' },
  },
});
const items = Number(values.items);
const bin = fileURLToPath(new URL('../bin/treadle.mjs', import.meta.url));

async function withServer(work) {
  const folder = temporaryFolder();
  const args = [bin, 'up', '--port', '0', '--data', folder.path, '--json'];
  const server = await startProcess(process.execPath, args, { cwd: folder.path });
  try {
    const { endpoint } = await server.ready;
    const call = async (action, input) => {
      const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AWSStepFunctions.${action}` };
      const response = await fetch(endpoint, { method: 'POST', headers, body: JSON.stringify(input) });
      if (!response.ok) throw new Error(await response.text());
      return response.json();
    };
    const put = (path, body) => fetch(`${endpoint}/bench${path}`, { method: 'PUT', body });
    await work({ pid: server.child.pid, call, put });
  } finally {
    await server.stop();
    folder.remove();
  }
}

const measure = (type) =>
  withServer(async ({ pid, call, put }) => {
    await put('');
    await put('/in', file());
    const idle = memoryMb(pid, 'VmRSS');
    const { stateMachineArn } = await create(call, definition(type));
    const startedAt = performance.now();
    const { executionArn } = await call('StartExecution', { stateMachineArn, input: '{}' });
    const execution = await end(call, executionArn);
    const seconds = (performance.now() - startedAt) / 1000;
    const { mapRuns } = await call('ListMapRuns', { executionArn });
    const run = await call('DescribeMapRun', { mapRunArn: mapRuns[0].mapRunArn });
    if (run.executionCounts.succeeded !== items) throw new Error(JSON.stringify([execution, run]));
    const peak = memoryMb(pid, 'VmHWM');
    console.log(
      `${type.padEnd(8)} ${items} items of ${values.format} in ${seconds.toFixed(1)} s: ${Math.round(items / seconds)} items/s, ` +
        `resident ${idle} MB before, ${peak} MB at most`,
    );
  });

const measureInline = (count) =>
  withServer(async ({ call }) => {
    const { stateMachineArn } = await create(call, INLINE);
    const input = JSON.stringify({ items: Array.from({ length: count }, (_, i) => i) });
    const seconds = [];
    for (let round = 0; round < 5; round++) {
      const startedAt = performance.now();
      const { executionArn } = await call('StartExecution', { stateMachineArn, input });
      const { status } = await end(call, executionArn);
      if (status !== 'SUCCEEDED') throw new Error(status);
      seconds.push((performance.now() - startedAt) / 1000);
    }
    console.log(`inline   ${count} items of one Pass in ${spread(seconds, 2)} s`);
  });

const create = (call, asl) =>
  call('CreateStateMachine', {
    name: 'each',
    roleArn: 'arn:aws:iam::000000000000:role/bench',
    definition: JSON.stringify(asl),
  });

function file() {
  const all = Array.from({ length: items }, (_, n) => ({ n, name: `customer ${n}` }));
  if (values.format !== 'CSV') return JSON.stringify(all);
  return `n,name\n${all.map(({ n, name }) => `${n},${name}\n`).join('')}`;
}

const INLINE = {
  StartAt: 'Each',
  States: {
    Each: {
      Type: 'Map',
      ItemsPath: '$.items',
      ItemProcessor: { StartAt: 'P', States: { P: { Type: 'Pass', End: true } } },
      End: true,
    },
  },
};

const definition = (type) => ({
  StartAt: 'Each',
  States: {
    Each: {
      Type: 'Map',
      ItemReader: {
        Resource: 'arn:aws:states:::s3:getObject',
        Parameters: { Bucket: 'bench', Key: 'in' },
        ReaderConfig:
          values.format === 'CSV' ? { InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW' } : { InputType: 'JSON' },
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
    await new Promise((next) => setTimeout(next, 20));
  }
}

/** Linux only: `VmRSS` now, `VmHWM` the most so far. */
function memoryMb(pid, name) {
  const kib = new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Math.round(Number(kib) / 1024);
}

await measureInline(Number(values.inline));
for (const type of values.types.split(',')) await measure(type);
