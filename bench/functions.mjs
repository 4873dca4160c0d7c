// Calls of a Node.js function that does nothing: alone, and as the task of a durable execution, in turns in one process.
//
//   node bench/functions.mjs [--seconds 2] [--rounds 5] [--concurrency 32]

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Functions } from '../dist/functions/index.js';
import { Payload } from '../dist/payload/index.js';
import { openEngine } from '../dist/testing/engine.js';
import { closedLoop, median, spread } from './harness/measure.mjs';
import { temporaryFolder } from './harness/processes.mjs';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '5' },
    concurrency: { type: 'string', default: '32' },
  },
});
const seconds = Number(values.seconds);
const concurrency = Number(values.concurrency);
const EVENT = JSON.stringify({ orderId: 'order-0001', total: 250 });
const CALLS_PER_EXECUTION = 5;

const folder = temporaryFolder();
const code = join(folder.path, 'code');
mkdirSync(code);
writeFileSync(join(code, 'app.mjs'), 'export const handler = async (event) => event;\n');
const records = new Map();
const functions = await Functions.open({
  dataFolder: join(folder.path, 'data'),
  records: {
    write: async (changes) => {
      for (const { key, text } of changes) text === null ? records.delete(key) : records.set(key, text);
    },
    list: async () => [...records].map(([key, text]) => ({ key, text })),
  },
  endpointUrl: () => 'http://127.0.0.1:9',
  place: { region: 'us-east-1', account: '000000000000' },
  warn: (text) => console.log(text),
});
const { arn, name } = await functions.create({
  name: 'echo',
  place: { region: 'us-east-1', account: '000000000000' },
  runtime: 'nodejs20.x',
  handler: 'app.handler',
  memoryMb: 256,
  timeoutSeconds: 20,
  code: { type: 'folder', path: code },
});
let calls = 0;
const call = async (event) => {
  const answer = await functions.invoke({ functionName: name, event, requestId: `call-${calls++}` });
  if (answer.type !== 'succeeded') throw new Error(JSON.stringify(answer));
  return answer.payload;
};
const task = (Next) => ({ Type: 'Task', Resource: arn, ...(Next ? { Next } : { End: true }) });
const names = Array.from({ length: CALLS_PER_EXECUTION }, (_, i) => `Call ${i}`);
const States = Object.fromEntries(names.map((state, i) => [state, task(names[i + 1])]));
const engine = await openEngine({
  folder: join(folder.path, 'store'),
  definition: JSON.stringify({ StartAt: names[0], States }),
  perform: async ({ parameters }) => ({ type: 'succeeded', output: Payload.ofText(await call(parameters.text)) }),
});

const bare = [];
const whole = [];
try {
  await closedLoop(() => call(EVENT), { concurrency, seconds: 1 });
  await closedLoop(() => engine.execute(EVENT), { concurrency, seconds: 1 });
  for (let round = 0; round < Number(values.rounds); round++) {
    bare.push((await closedLoop(() => call(EVENT), { concurrency, seconds })).rate);
    whole.push((await closedLoop(() => engine.execute(EVENT), { concurrency, seconds })).rate * CALLS_PER_EXECUTION);
  }
} finally {
  await engine.close();
  await functions.close();
  folder.remove();
}
const overhead = (median(bare) / median(whole) - 1) * 100;
console.log(`bare calls            ${spread(bare)} per second at concurrency ${concurrency}`);
console.log(`in durable executions ${spread(whole)} per second, ${overhead.toFixed(0)} % more time for each call`);
