// ListExecutions and DescribeExecution over HTTP with many stored executions: first pages, pages by status, and pages far inside the
// list. Two machines have the executions in turn; one in a thousand is of a third and still running.
//
//   node bench/list.mjs [--executions 1000000] [--requests 1000]

import { statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { passMachine, report, startStatesServer } from './states-server.mjs';
import { entriesOf, fill, nameOf, sampleOf } from './stored-copies.mjs';

const { values } = parseArgs({
  options: {
    executions: { type: 'string', default: '1000000' },
    requests: { type: 'string', default: '1000' },
  },
});
const EXECUTIONS = Number(values.executions);
const REQUESTS = Number(values.requests);
const RUNNING_EVERY = 1000;

let server = await startStatesServer({ concurrency: 8 });
try {
  const machines = [];
  for (const name of ['two', 'three']) machines.push(await passMachine(server, name));
  const running = await waitingMachine();
  await fillFolder({ running, machines });
  server = await startStatesServer({ concurrency: 8, folder: server.folder });
  const megabytes = statSync(join(server.folder, 'treadle.db')).size / 1024 ** 2;
  console.log(
    `${EXECUTIONS} executions, ${megabytes.toFixed(0)} MiB, node ${process.version}, client on the same machine`,
  );
  await measure('first page', 'ListExecutions', () => ({ stateMachineArn: any(machines), maxResults: 100 }));
  const ones = { stateMachineArn: running, statusFilter: 'RUNNING', maxResults: 100 };
  await measure('running ones', 'ListExecutions', () => ones);
  const none = { statusFilter: 'FAILED', maxResults: 100 };
  await measure('failed ones (none)', 'ListExecutions', () => ({ stateMachineArn: any(machines), ...none }));
  await measure('pages of 1000', 'ListExecutions', () => ({ stateMachineArn: any(machines), maxResults: 1000 }));
  await walk(machines[1]);
  await measure('describe one', 'DescribeExecution', () => ({ executionArn: anyExecution(machines) }));
} finally {
  await server.close();
}

async function waitingMachine() {
  const definition = JSON.stringify({ StartAt: 'W', States: { W: { Type: 'Wait', Seconds: 86_400, End: true } } });
  const roleArn = 'arn:aws:iam::000000000000:role/bench';
  return (await server.call('CreateStateMachine', { name: 'one', definition, roleArn })).stateMachineArn;
}

/** Any of those that `fillFolder` made: most are not in any cache. */
function anyExecution(machines) {
  for (;;) {
    const id = machines.length + 2 + Math.floor(Math.random() * (EXECUTIONS - machines.length - 2));
    if (id % RUNNING_EVERY === 0) continue;
    return `${machines[id % machines.length].replace(':stateMachine:', ':execution:')}:${nameOf(id)}`;
  }
}

function any(items) {
  return items[Math.floor(Math.random() * items.length)];
}

/** One real execution of each machine, and copies of them through the store. */
async function fillFolder({ running, machines }) {
  const samples = [];
  for (const stateMachineArn of [running, ...machines])
    await server.call('StartExecution', { stateMachineArn, name: nameOf(0), input: '{"order":"1"}' });
  await sleep(500);
  await server.stop();
  const startedAt = Date.now() - EXECUTIONS;
  await fill(server.folder, {
    count: EXECUTIONS - machines.length - 1,
    prepare: async (store) => {
      for (const machine of [running, ...machines]) samples.push(await sampleOf(store, machine));
    },
    make: (id) => {
      const sample = id % RUNNING_EVERY === 0 ? samples[0] : samples[1 + (id % machines.length)];
      return { entries: entriesOf(sample, { id, startAt: startedAt + id }) };
    },
  });
}

async function measure(name, action, request) {
  const times = [];
  for (let round = 0; round < REQUESTS; round += 1) times.push(await timed(() => server.call(action, request())));
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
