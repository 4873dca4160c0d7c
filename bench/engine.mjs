// Executions per second in process and durable: five states, two of them tasks on a no-op integration.
//
//   node bench/engine.mjs [--seconds 2] [--rounds 5] [--concurrency 1,32,128]

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Payload } from '../dist/payload/index.js';
import { openEngine } from '../dist/testing/engine.js';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '5' },
    concurrency: { type: 'string', default: '1,128' },
  },
});

const DEFINITION = {
  StartAt: 'Prepare',
  States: {
    Prepare: {
      Type: 'Pass',
      Parameters: {
        'id.$': '$.orderId',
        'total.$': 'States.MathAdd($.total, 1)',
        'note.$': "States.Format('order {}', $.orderId)",
        'items.$': '$.items',
      },
      Next: 'Large?',
    },
    'Large?': {
      Type: 'Choice',
      Choices: [{ Variable: '$.total', NumericGreaterThan: 100, Next: 'Reserve' }],
      Default: 'Reserve',
    },
    Reserve: {
      Type: 'Task',
      Resource: 'arn:aws:lambda:us-east-1:000000000000:function:noop',
      ResultPath: '$.reserved',
      Next: 'Charge',
    },
    Charge: { Type: 'Task', Resource: 'arn:aws:lambda:us-east-1:000000000000:function:noop', Next: 'Done' },
    Done: { Type: 'Succeed' },
  },
};
const INPUT = JSON.stringify({
  orderId: 'order-0001',
  total: 250,
  customer: { id: 'c-17', name: 'Ada', address: 'Analytical Street 1, 12345 Engine' },
  items: [
    { sku: 'A-1', price: 100, quantity: 1, description: 'a thing' },
    { sku: 'B-2', price: 75, quantity: 2, description: 'another thing' },
  ],
});
const ANSWER = { type: 'succeeded', output: Payload.ofText('{"ok":true,"reference":"r-123"}') };

async function round(concurrency, seconds) {
  const folder = mkdtempSync(join(tmpdir(), 'treadle-bench-'));
  const engine = await openEngine({ folder, definition: JSON.stringify(DEFINITION), perform: async () => ANSWER });
  const latencies = [];
  const stopAt = performance.now() + seconds * 1000;
  let count = 0;
  const client = async () => {
    while (performance.now() < stopAt) {
      const from = performance.now();
      await engine.execute(INPUT, timeOrderedName(count++));
      latencies.push(performance.now() - from);
    }
  };
  const from = performance.now();
  await Promise.all(Array.from({ length: concurrency }, client));
  const rate = latencies.length / ((performance.now() - from) / 1000);
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
  latencies.sort((a, b) => a - b);
  const at = (share) => latencies[Math.floor((latencies.length - 1) * share)];
  return { rate, p50: at(0.5), p99: at(0.99) };
}

/** As the server names executions that nobody named: in order of time, for the index's sake. */
const timeOrderedName = (count) =>
  `${Date.now().toString(16).padStart(12, '0')}-${count.toString(16).padStart(12, '0')}`;

const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
const spread = (numbers) => `${Math.min(...numbers).toFixed(0)}–${Math.max(...numbers).toFixed(0)}`;

console.log(`node ${process.version}, five states, two no-op tasks, ${INPUT.length} B input, every commit synced`);
await round(32, 1); // warm up
for (const concurrency of values.concurrency.split(',').map(Number)) {
  const rounds = [];
  for (let i = 0; i < Number(values.rounds); i++) rounds.push(await round(concurrency, Number(values.seconds)));
  const rates = rounds.map((r) => r.rate);
  console.log(
    `concurrency ${concurrency}: ${median(rates).toFixed(0)} executions/s (${spread(rates)}), ` +
      `p50 ${median(rounds.map((r) => r.p50)).toFixed(2)} ms, p99 ${median(rounds.map((r) => r.p99)).toFixed(2)} ms`,
  );
}
