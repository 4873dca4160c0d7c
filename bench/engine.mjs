// Executions per second in process and durable: five states, two of them tasks on a no-op integration.
//
//   node bench/engine.mjs [--seconds 2] [--rounds 5] [--concurrency 1,32,128]

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { EmbeddedHost } from '../dist/host/index.js';
import { parseDefinition } from '../dist/language/index.js';
import { Payload } from '../dist/payload/index.js';
import { seedSource, timeOrderedNames } from '../dist/server/chance.js';
import { systemClock } from '../dist/server/system-clock.js';
import { openSqliteStore } from '../dist/store/sqlite/index.js';

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
    Reserve: { Type: 'Task', Resource: 'arn:aws:lambda:us-east-1:000000000000:function:noop', ResultPath: '$.reserved', Next: 'Charge' },
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

const { definition, diagnostics } = parseDefinition(JSON.stringify(DEFINITION), { type: 'STANDARD' });
if (definition === null) throw new Error(JSON.stringify(diagnostics));
const machineArn = 'arn:aws:states:us-east-1:000000000000:stateMachine:bench';
const revision = { id: 'r1', machineArn, machineName: 'bench', roleArn: 'arn:aws:iam::000000000000:role/bench', definition };

async function round(concurrency, seconds) {
  const folder = mkdtempSync(join(tmpdir(), 'treadle-bench-'));
  const store = await openSqliteStore({ folder });
  const seed = seedSource();
  const { host } = await EmbeddedHost.open({
    store,
    revisions: { load: async () => revision },
    performer: { perform: async () => ANSWER },
    clock: systemClock,
    seed,
    onQuarantine: (arn, fault) => console.error(arn, fault),
  });
  const newName = timeOrderedNames(seed, Date.now);
  const latencies = [];
  const stopAt = performance.now() + seconds * 1000;
  let finished = 0;
  const client = async () => {
    while (performance.now() < stopAt) {
      const from = performance.now();
      const started = await host.start({ revision, name: newName(), input: Payload.ofText(INPUT) });
      await host.ended(started.execution);
      latencies.push(performance.now() - from);
      finished += 1;
    }
  };
  const from = performance.now();
  await Promise.all(Array.from({ length: concurrency }, client));
  const rate = finished / ((performance.now() - from) / 1000);
  await host.close();
  await store.close();
  rmSync(folder, { recursive: true, force: true });
  latencies.sort((a, b) => a - b);
  const at = (share) => latencies[Math.floor((latencies.length - 1) * share)];
  return { rate, p50: at(0.5), p99: at(0.99) };
}

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
