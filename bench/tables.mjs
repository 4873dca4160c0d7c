// DynamoDB over HTTP: durable puts, conditional updates, and gets at a fixed rate, of Treadle and of dynalite (which syncs nothing)
// in the same run, with the processor time of the server for each.
//
//   node bench/tables.mjs [--seconds 3] [--rounds 3] [--concurrency 32] [--rate 500] [--without-dynalite]

import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { call, startStatesServer } from './states-server.mjs';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '3' },
    concurrency: { type: 'string', default: '32' },
    rate: { type: 'string', default: '500' },
    'without-dynalite': { type: 'boolean', default: false },
  },
});
const seconds = Number(values.seconds);
const rounds = Number(values.rounds);
const concurrency = Number(values.concurrency);
const rate = Number(values.rate);
const KEYS = 10_000;

const treadle = await startStatesServer({ concurrency });
const servers = [['Treadle', treadle], ...(values['without-dynalite'] ? [] : [['dynalite', await startDynalite()]])];
const results = new Map(servers.map(([name]) => [name, { put: [], update: [] }]));
for (const [, server] of servers) await createTable(server);
for (let round = 0; round < rounds; round++) {
  for (const [name, server] of servers) {
    results.get(name).put.push(await throughput(server, (at) => put(server, at)));
    results.get(name).update.push(await throughput(server, (at) => update(server, at)));
  }
}
for (const [name, server] of servers) results.get(name).get = await latencies(server);
for (const [, server] of servers) await server.close();

console.log(
  `${concurrency} clients, ${seconds} s, median of ${rounds} (least–most), node ${process.version}, clients on the same machine`,
);
for (const [name, { put, update, get }] of results) {
  console.log(`${name.padEnd(9)} puts     ${shown(put)}`);
  console.log(`${name.padEnd(9)} updates  ${shown(update)}`);
  console.log(`${name.padEnd(9)} gets at ${rate}/s: p50 ${get.p50.toFixed(2)} ms, p99 ${get.p99.toFixed(2)} ms`);
}
if (results.size === 2) {
  const [own, other] = [...results.values()];
  const ratio = (kind) => (median(own[kind]).rate / median(other[kind]).rate).toFixed(1);
  console.log(`Treadle / dynalite: puts ${ratio('put')}×, updates ${ratio('update')}×`);
}

async function createTable(server) {
  await server.call('DynamoDB_20120810.CreateTable', {
    TableName: 'Bench',
    AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    BillingMode: 'PAY_PER_REQUEST',
  });
  await new Promise((resolve) => setTimeout(resolve, 100));
}

function put(server, at) {
  const Item = { id: { S: `order-${at % KEYS}` }, at: { N: String(at) }, text: { S: 'x'.repeat(100) } };
  return server.call('DynamoDB_20120810.PutItem', { TableName: 'Bench', Item });
}

function update(server, at) {
  return server.call('DynamoDB_20120810.UpdateItem', {
    TableName: 'Bench',
    Key: { id: { S: `order-${at % KEYS}` } },
    UpdateExpression: 'ADD changes :one SET #s = :s',
    ExpressionAttributeNames: { '#s': 'state' },
    ExpressionAttributeValues: { ':one': { N: '1' }, ':s': { S: 'PAID' } },
  });
}

async function throughput(server, once) {
  let at = 0;
  const until = performance.now() + seconds * 1000;
  const from = performance.now();
  const cpuBefore = cpuSeconds(server.pid);
  const client = async () => {
    while (performance.now() < until) await once(at++);
  };
  await Promise.all(Array.from({ length: concurrency }, client));
  return {
    rate: at / ((performance.now() - from) / 1000),
    cpuMicros: ((cpuSeconds(server.pid) - cpuBefore) / at) * 1e6,
  };
}

/** One get every 1/rate seconds, whether or not the ones before have been answered. */
async function latencies(server) {
  const times = [];
  const underWay = [];
  const from = performance.now();
  for (let sent = 0; sent < rate * seconds; ) {
    const due = Math.min(rate * seconds, Math.floor(((performance.now() - from) / 1000) * rate));
    for (; sent < due; sent++) {
      const started = performance.now();
      const Key = { id: { S: `order-${(sent * 7919) % KEYS}` } };
      const answered = server.call('DynamoDB_20120810.GetItem', { TableName: 'Bench', Key });
      underWay.push(answered.then(() => times.push(performance.now() - started)));
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await Promise.all(underWay);
  times.sort((a, b) => a - b);
  return { p50: times[Math.floor(times.length / 2)], p99: times[Math.floor(times.length * 0.99)] };
}

/** Of a process and its threads; 0 where the system does not say (only Linux does). */
function cpuSeconds(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return 0;
  }
}

function median(all) {
  return all.toSorted((a, b) => a.rate - b.rate)[Math.floor(all.length / 2)];
}

function shown(all) {
  const rates = all.map(({ rate: one }) => one).sort((a, b) => a - b);
  const { rate: middle, cpuMicros } = median(all);
  return `${middle.toFixed(0)}/s (${rates[0].toFixed(0)}–${rates.at(-1).toFixed(0)}), ${cpuMicros.toFixed(0)} µs of processor each`;
}

async function startDynalite() {
  const folder = mkdtempSync(join(tmpdir(), 'treadle-bench-'));
  const script = fileURLToPath(new URL('dynalite-server.mjs', import.meta.url));
  const child = spawn(process.execPath, [script, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [port] = await new Promise((resolve) =>
    createInterface({ input: child.stdout }).once('line', (...line) => resolve(line)),
  );
  const agent = new Agent({ keepAlive: true, maxSockets: concurrency });
  return {
    pid: child.pid,
    call: (action, input) => call({ endpoint: `http://127.0.0.1:${port}`, agent }, action, input),
    close: async () => {
      agent.destroy();
      child.kill('SIGTERM');
      await new Promise((resolve) => child.once('exit', resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
