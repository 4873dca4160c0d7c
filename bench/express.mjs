// Express executions in memory: started, run to their end, their output read, all in the caller's process. Beside aws-local-stepfunctions, which
// interprets the same definition in memory too; each in a process of its own, rounds in turns.
//
//   node bench/express.mjs [--seconds 1] [--rounds 5] [--concurrency 128]

import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { identityOf, seedSource, systemClock, TransientHost } from '../dist/host/index.js';
import { EXPRESS_POLICY } from '../dist/interpreter/index.js';
import { parseDefinition } from '../dist/language/index.js';
import { Payload, parsePayload } from '../dist/payload/index.js';
import { closedLoop, cpuMicroseconds, median, spread } from './harness/measure.mjs';
import { installedVersion, installPeers, STAND_IN_NOTE, treadleVersion } from './peers/install.mjs';
import { definitionOf, INPUT, perform } from './peers/order.mjs';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '5' },
    concurrency: { type: 'string', default: '128' },
    only: { type: 'string', default: '' },
  },
});
const options = { concurrency: Number(values.concurrency), seconds: Number(values.seconds) };
const RESOURCE = 'arn:aws:lambda:us-east-1:000000000000:function:noop';
const RESULT = JSON.stringify(perform());

if (process.send !== undefined) await contend(values.only);
else await compare();

/** In a process of its own: a round for each message. */
async function contend(name) {
  const { run, close, version, note } = name === 'Treadle' ? treadle() : await peer(name);
  process.on('message', async (word) => {
    if (word === 'close') {
      close();
      process.disconnect();
      return;
    }
    const before = cpuMicroseconds();
    const { rate } = await closedLoop(run, options);
    process.send({ rate, cpu: (cpuMicroseconds() - before) / (rate * options.seconds) });
  });
  process.send({ version, note });
}

async function compare() {
  installPeers();
  const contenders = [];
  for (const name of ['Treadle', 'aws-local-stepfunctions']) {
    const child = fork(fileURLToPath(import.meta.url), [...process.argv.slice(2), '--only', name]);
    const said = await answerOf(child);
    if (said === null) console.log(`${name}: not measured, for it does not start here`);
    else contenders.push({ name, child, ...said, rounds: [] });
  }
  for (const { name, version, note } of contenders) console.log(`${name} ${version}${note && ` (${note})`}`);
  for (let round = 0; round <= Number(values.rounds); round++) {
    for (const { child, rounds } of contenders) {
      child.send('round');
      const result = await answerOf(child);
      if (round > 0) rounds.push(result); // the first is the compiler's
    }
  }
  for (const { name, child, rounds } of contenders) {
    const rates = rounds.map(({ rate }) => rate);
    const own = median(contenders[0].rounds.map(({ rate }) => rate));
    const ratio = name === 'Treadle' ? '' : `   Treadle: ${(own / median(rates)).toFixed(1)} times as many`;
    const cpu = median(rounds.map((round) => round.cpu)).toFixed(1);
    console.log(`  ${name.padEnd(24)} ${spread(rates)} executions/s, ${cpu} µs of CPU each${ratio}`);
    child.send('close');
  }
}

/** Its next message; null where it ends instead. */
function answerOf(child) {
  return new Promise((resolve) => {
    child.once('message', resolve);
    child.once('exit', () => resolve(null));
  });
}

function treadle() {
  const { definition } = parseDefinition(JSON.stringify(definitionOf(RESOURCE)), { type: 'EXPRESS' });
  const revision = {
    id: 'r1',
    machineArn: 'arn:aws:states:us-east-1:000000000000:stateMachine:order',
    machineName: 'order',
    roleArn: 'arn:aws:iam::000000000000:role/bench',
    definition,
  };
  const host = new TransientHost({
    performer: { perform: async () => ({ type: 'succeeded', output: Payload.ofText(JSON.stringify(perform())) }) },
    clock: systemClock,
    seed: seedSource(),
  });
  const input = JSON.stringify(INPUT);
  let count = 0;
  const run = async () => {
    const identity = identityOf(revision, `e-${count++}`);
    const { ended } = host.run({ revision, identity, input: parsePayload(input), policy: EXPRESS_POLICY });
    const { output } = await ended;
    if (output?.text !== RESULT) throw new Error(`Expected ${RESULT}, but got ${output?.text}`);
  };
  return { version: treadleVersion, note: '', run, close: () => host.close() };
}

async function peer(name) {
  const { StateMachine } = await import('./peers/local-stepfunctions.mjs');
  const machine = new StateMachine(definitionOf(RESOURCE));
  const overrides = { taskResourceLocalHandlers: { Reserve: async () => perform(), Charge: async () => perform() } };
  const run = async () => {
    const output = JSON.stringify(await machine.run(INPUT, { overrides }).result);
    if (output !== RESULT) throw new Error(`Expected ${RESULT}, but got ${output}`);
  };
  await run();
  return { version: installedVersion(name), note: STAND_IN_NOTE, run, close: () => undefined };
}
