// `npm run bench`: every measurement of this folder, one after the other, each in a process of its own. One report.
// What it says depends on the machine and on what else it does: compare within one run, not between machines.
//
//   npm run bench [-- --only engine,durable]

import { spawnSync } from 'node:child_process';
import { cpus, loadavg, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const MEASUREMENTS = {
  transitions: 'CPU of one state transition, in the interpreter alone',
  cost: 'What an execution costs, by phase',
  store: 'The store alone',
  engine: 'Durable executions in process',
  express: 'Express executions in memory, beside aws-local-stepfunctions',
  functions: 'Calls of functions',
  http: 'StartExecution over HTTP',
  tables: 'Tables over HTTP, beside dynalite',
  'map-run': 'Maps',
  start: 'Start, idle memory, reading a long history',
  durable: 'Durable orders over HTTP, beside Restate and DBOS',
};

const { values } = parseArgs({ options: { only: { type: 'string', default: Object.keys(MEASUREMENTS).join(',') } } });
const gigabytes = (totalmem() / 1024 ** 3).toFixed(0);
console.log(
  `${cpus().length} cores (${cpus()[0]?.model.trim()}), ${gigabytes} GB, node ${process.version}, ${new Date().toISOString()}`,
);
for (const name of values.only.split(',')) {
  if (!(name in MEASUREMENTS))
    throw new Error(`Expected one of ${Object.keys(MEASUREMENTS).join(', ')}, but it is '${name}'.`);
  console.log(`\n== ${name}: ${MEASUREMENTS[name]} (load ${loadavg()[0].toFixed(1)})`);
  const file = fileURLToPath(new URL(`${name}.mjs`, import.meta.url));
  const { status } = spawnSync(process.execPath, [file], { stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}
