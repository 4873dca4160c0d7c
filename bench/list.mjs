// ListExecutions over HTTP with many stored executions: first pages, pages by status, and pages far inside the list. Three machines
// have the executions in turn; one execution in a thousand is still running.
//
//   node bench/list.mjs [--executions 1000000] [--requests 1000]

import { statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { passMachine, report, startStatesServer } from './states-server.mjs';

const { values } = parseArgs({
  options: {
    executions: { type: 'string', default: '1000000' },
    requests: { type: 'string', default: '1000' },
  },
});
const EXECUTIONS = Number(values.executions);
const REQUESTS = Number(values.requests);
const CONCURRENCY = 128;
const RUNNING_EVERY = 1000;

const server = await startStatesServer({ concurrency: CONCURRENCY });
try {
  const machines = [];
  for (const name of ['one', 'two', 'three']) machines.push(await passMachine(server, name));
  const waiting = JSON.stringify({ StartAt: 'W', States: { W: { Type: 'Wait', Seconds: 86_400, End: true } } });
  const roleArn = 'arn:aws:iam::000000000000:role/bench';
  const change = { definition: waiting, roleArn };
  const { stateMachineVersionArn } = await server.call('UpdateStateMachine', {
    stateMachineArn: machines[0],
    ...change,
    publish: true,
  });
  await fill(machines, stateMachineVersionArn);
  const megabytes = statSync(join(server.folder, 'treadle.db')).size / 1024 ** 2;
  console.log(
    `${EXECUTIONS} executions, ${megabytes.toFixed(0)} MiB, node ${process.version}, client on the same machine`,
  );
  await measure('first page', () => ({ stateMachineArn: any(machines), maxResults: 100 }));
  await measure('running ones', () => ({ stateMachineArn: machines[0], statusFilter: 'RUNNING', maxResults: 100 }));
  await measure('failed ones (none)', () => ({
    stateMachineArn: any(machines),
    statusFilter: 'FAILED',
    maxResults: 100,
  }));
  await measure('pages of 1000', () => ({ stateMachineArn: any(machines), maxResults: 1000 }));
  await walk(machines[1]);
} finally {
  await server.close();
}

function any(items) {
  return items[Math.floor(Math.random() * items.length)];
}

async function fill(machines, waiting) {
  let started = 0;
  const client = async () => {
    while (started < EXECUTIONS) {
      const number = started++;
      const stateMachineArn = number % RUNNING_EVERY === 0 ? waiting : machines[1 + (number % 2)];
      await server.call('StartExecution', { stateMachineArn, input: '{"order":"1"}' });
      if (number % 100_000 === 0) process.stderr.write(`\r${number} of ${EXECUTIONS} started`);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, client));
  process.stderr.write('\r\x1b[K');
}

async function measure(name, request) {
  const times = [];
  for (let round = 0; round < REQUESTS; round += 1)
    times.push(await timed(() => server.call('ListExecutions', request())));
  report(name, times);
}

/** Page by page through one machine's executions, as a client does that reads them all. */
async function walk(stateMachineArn) {
  const times = [];
  for (let nextToken; times.length < REQUESTS; ) {
    let page;
    times.push(
      await timed(async () => {
        page = await server.call('ListExecutions', {
          stateMachineArn,
          maxResults: 100,
          ...(nextToken && { nextToken }),
        });
      }),
    );
    nextToken = page.nextToken;
    if (nextToken === undefined) break;
  }
  report('page after page', times);
}

async function timed(work) {
  const from = performance.now();
  await work();
  return performance.now() - from;
}
