// How soon `treadle up` answers in an empty folder, what it needs when nothing happens, how long another command takes, and how fast a
// history of ten thousand events is read.
//
//   node bench/start.mjs [--rounds 5]

import { spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { report, residentOf, startStatesServer } from './states-server.mjs';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } });
const ROUNDS = Number(values.rounds);
const IDLE_MS = 5000;
const EVENTS = 10_000;
const TREADLE = fileURLToPath(new URL('../bin/treadle.mjs', import.meta.url));

console.log(`node ${process.version}`);
await starts();
commands();
await history();

async function starts() {
  const times = [];
  for (let round = 0; round < ROUNDS; round++) {
    const from = performance.now();
    const server = await startStatesServer({ concurrency: 1 });
    times.push(performance.now() - from);
    if (round === ROUNDS - 1) {
      await sleep(IDLE_MS);
      console.log(`idle                 ${residentOf(server.pid)} resident`);
    }
    await server.close();
  }
  report('up until ready', times);
}

function commands() {
  const times = [];
  for (let round = 0; round < ROUNDS; round++) {
    const from = performance.now();
    spawnSync(process.execPath, [TREADLE, '--help']);
    times.push(performance.now() - from);
  }
  report('treadle --help', times);
}

/** A loop that counts down: three events a round. */
async function history() {
  const server = await startStatesServer({ concurrency: 1 });
  try {
    const definition = JSON.stringify({
      StartAt: 'Count',
      States: {
        Count: { Type: 'Pass', Parameters: { 'left.$': 'States.MathAdd($.left, -1)' }, Next: 'Done?' },
        'Done?': {
          Type: 'Choice',
          Choices: [{ Variable: '$.left', NumericGreaterThan: 0, Next: 'Count' }],
          Default: 'End',
        },
        End: { Type: 'Succeed' },
      },
    });
    const roleArn = 'arn:aws:iam::000000000000:role/bench';
    const { stateMachineArn } = await server.call('CreateStateMachine', { name: 'long', definition, roleArn });
    const input = JSON.stringify({ left: EVENTS / 4 });
    const { executionArn } = await server.call('StartExecution', { stateMachineArn, input });
    while ((await server.call('DescribeExecution', { executionArn })).status === 'RUNNING') await sleep(50);
    const times = [];
    let events = 0;
    for (let round = 0; round < ROUNDS * 4; round++) {
      const from = performance.now();
      events = await readAll(server, executionArn);
      times.push(performance.now() - from);
    }
    report(`${events} events`, times);
  } finally {
    await server.close();
  }
}

async function readAll(server, executionArn) {
  let count = 0;
  for (let nextToken; ; ) {
    const page = await server.call('GetExecutionHistory', {
      executionArn,
      maxResults: 1000,
      ...(nextToken && { nextToken }),
    });
    count += page.events.length;
    nextToken = page.nextToken;
    if (nextToken === undefined) return count;
  }
}
