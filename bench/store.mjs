// Commits per second of the store alone: executions of three commits (start, one result, end) with segments of about 600 characters.
// Usage: node bench/store.mjs [--seconds 2] [--memory] [--folder <on the disk to measure>]   (after `node scripts/build.mjs --engine`)
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { openSqliteStore } from '../dist/store/sqlite/index.js';
import { memoryStore } from '../dist/testing/memory-store.js';

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '2' },
    memory: { type: 'boolean', default: false },
    folder: { type: 'string', default: tmpdir() },
  },
});

const MACHINE = 'arn:aws:states:us-east-1:000000000000:stateMachine:bench';
const SEGMENT = JSON.stringify({ events: 'x'.repeat(585) });
const NOTHING = {
  data: null,
  start: null,
  status: null,
  outboxAdd: [],
  outboxRemove: [],
  timersAdd: [],
  timersRemove: [],
  snapshot: null,
};

let nextId = 1;

/** Names as the server makes them: ordered by time, like uuid7. */
function nameOf(id) {
  return `${Date.now().toString(16).padStart(12, '0')}-7000-8000-${id.toString(16).padStart(12, '0')}`;
}

async function oneExecution(store) {
  const execution = nextId++;
  const startAt = Date.now();
  const start = { machine: MACHINE, name: nameOf(execution), startAt, revision: 'revision-1' };
  const entries = [
    { ...NOTHING, execution, firstSeq: 1, data: SEGMENT, start, outboxAdd: [6] },
    { ...NOTHING, execution, firstSeq: 7, data: SEGMENT, outboxRemove: [6], outboxAdd: [12] },
    {
      ...NOTHING,
      execution,
      firstSeq: 13,
      data: SEGMENT,
      outboxRemove: [12],
      status: { status: 'SUCCEEDED', stopAt: startAt + 5 },
    },
  ];
  for (const entry of entries) await store.commit({ entries: [entry], writes: [] });
}

async function measure(store, concurrency, seconds) {
  const latencies = [];
  const cpu = process.cpuUsage();
  const busy = performance.eventLoopUtilization();
  const startedAt = performance.now();
  const endAt = startedAt + seconds * 1000;
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      while (performance.now() < endAt) {
        const begin = performance.now();
        await oneExecution(store);
        latencies.push(performance.now() - begin);
      }
    }),
  );
  const elapsed = (performance.now() - startedAt) / 1000;
  const used = process.cpuUsage(cpu);
  latencies.sort((a, b) => a - b);
  const at = (fraction) => latencies[Math.floor((latencies.length - 1) * fraction)].toFixed(2);
  return {
    concurrency,
    'executions/s': Math.round(latencies.length / elapsed),
    'commits/s': Math.round((3 * latencies.length) / elapsed),
    'p50 ms': at(0.5),
    'p99 ms': at(0.99),
    'CPU us/execution': Math.round((used.user + used.system) / latencies.length),
    'main thread busy': `${Math.round(performance.eventLoopUtilization(busy).utilization * 100)} %`,
  };
}

const folder = mkdtempSync(join(options.folder, 'treadle-bench-'));
const store = options.memory ? memoryStore() : await openSqliteStore({ folder });
await measure(store, 128, 0.5); // warm up
const rows = [];
for (const concurrency of [1, 32, 128, 1024]) rows.push(await measure(store, concurrency, Number(options.seconds)));
console.table(rows);
const { commitMsP50, commitMsP99, bytesOnDisk } = store.statistics();
console.log(`last transactions: p50 ${commitMsP50.toFixed(2)} ms, p99 ${commitMsP99.toFixed(2)} ms`);
console.log(`${Math.round(bytesOnDisk / nextId)} bytes on disk per execution, ${nextId - 1} executions`);
await store.close();
rmSync(folder, { recursive: true, force: true });
