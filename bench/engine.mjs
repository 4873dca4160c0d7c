// Executions per second in process and durable: five states, two of them tasks on a no-op integration, every commit synced.
//
//   node bench/engine.mjs [--seconds 2] [--rounds 5]

import { parseArgs } from 'node:util';
import { Payload } from '../dist/payload/index.js';
import { openEngine } from '../dist/testing/engine.js';
import { closedLoop, median, spread } from './harness/measure.mjs';
import { temporaryFolder } from './harness/processes.mjs';
import { definitionOf, INPUT } from './peers/order.mjs';

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '2' }, rounds: { type: 'string', default: '5' } },
});
const seconds = Number(values.seconds);
const RESOURCE = 'arn:aws:lambda:us-east-1:000000000000:function:noop';
const ANSWER = '{"ok":true,"reference":"r-123"}';

const order = { asl: definitionOf(RESOURCE), input: JSON.stringify(INPUT) };
const CASES = [
  { name: 'concurrency 128', ...order, concurrency: 128, commitDelayMs: 0 },
  { name: 'concurrency 1', ...order, concurrency: 1, commitDelayMs: 0 },
  { name: 'concurrency 128, 2 ms added to each commit', ...order, concurrency: 128, commitDelayMs: 2 },
  { name: 'concurrency 128, 3 kB carried through', ...carrying(3000), concurrency: 128, commitDelayMs: 0 },
];

console.log(`node ${process.version}, ${order.input.length} B input`);
await round(CASES[0]); // warm up
for (const each of CASES) {
  const rounds = [];
  for (let i = 0; i < Number(values.rounds); i++) rounds.push(await round(each));
  const of = (key) => rounds.map((one) => one[key]);
  console.log(
    `${each.name.padEnd(42)} ${spread(of('rate')).padEnd(24)} executions/s, p50 ${median(of('p50')).toFixed(2)} ms, ` +
      `p99 ${median(of('p99')).toFixed(2)} ms, ${median(of('cpu')).toFixed(0)} µs of CPU each`,
  );
}

/** A list of things that stands in the output of every state. */
function carrying(chars) {
  const asl = definitionOf(RESOURCE);
  asl.States.Prepare.Parameters['rest.$'] = '$.rest';
  const rest = [];
  while (JSON.stringify(rest).length < chars)
    rest.push({ sku: `A-${rest.length}`, price: 100, quantity: 2, note: 'some thing' });
  return { asl, input: JSON.stringify({ ...INPUT, rest }) };
}

async function round({ asl, input, concurrency, commitDelayMs }) {
  const folder = temporaryFolder();
  const perform = async () => ({ type: 'succeeded', output: Payload.ofText(ANSWER) });
  const engine = await openEngine({ folder: folder.path, definition: JSON.stringify(asl), perform, commitDelayMs });
  let count = 0;
  const before = process.cpuUsage();
  const loop = await closedLoop(() => engine.execute(input, timeOrderedName(count++)), { concurrency, seconds });
  const { user, system } = process.cpuUsage(before);
  await engine.close();
  folder.remove();
  return { ...loop, cpu: (user + system) / count };
}

/** As the server names executions that nobody named: in order of time, for the index's sake. */
function timeOrderedName(count) {
  return `${Date.now().toString(16).padStart(12, '0')}-${count.toString(16).padStart(12, '0')}`;
}
