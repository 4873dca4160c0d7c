// Durable orders from end to end, beside Restate and DBOS: started over HTTP, five states, two tasks answered in another process,
// every step synced to the disk, the client reads the result. One client, all systems on this machine, rounds in turns.
//
//   node bench/durable.mjs [--seconds 2] [--rounds 5] [--concurrency 128] [--rate 1000] [--only Treadle,Restate,DBOS]

import { parseArgs } from 'node:util';
import { closedLoop, fixedRate, median, spread } from './harness/measure.mjs';
import { cpuSecondsOf } from './harness/processes.mjs';
import { startDbos, startRestate, startTreadle } from './peers/contenders.mjs';
import { installPeers } from './peers/install.mjs';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '5' },
    concurrency: { type: 'string', default: '128' },
    rate: { type: 'string', default: '1000' },
    only: { type: 'string', default: 'Treadle,Restate,DBOS' },
  },
});
const SECONDS = Number(values.seconds);
const ROUNDS = Number(values.rounds);
const CONCURRENCY = Number(values.concurrency);
const RATE = Number(values.rate);
const STARTS = { Treadle: startTreadle, Restate: startRestate, DBOS: startDbos };

const contenders = [];
try {
  const names = values.only.split(',');
  if (names.some((name) => name !== 'Treadle')) installPeers();
  for (const name of names) contenders.push(...(await start(name)));
  for (const { name, version, note } of contenders) console.log(`${name} ${version}${note && ` (${note})`}`);
  for (const { run } of contenders) await closedLoop(run, { concurrency: 32, seconds: SECONDS }); // warm up
  await saturated();
  await alone();
  await atRate();
} finally {
  for (const { close } of contenders) await close();
}

/** A system that does not start here is not measured, and nobody has won against it. */
async function start(name) {
  try {
    return [await STARTS[name]({ connections: 2 * CONCURRENCY })];
  } catch (fault) {
    console.log(`${name}: not measured, for ${fault.message}`);
    return [];
  }
}

/** Everybody's rounds, in turns, so that what else this machine does meets all alike. */
async function rounds(measure) {
  const results = new Map(contenders.map(({ name }) => [name, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const { name, run, pids } of contenders) results.get(name).push(await measure(run, pids));
  }
  return results;
}

async function saturated() {
  console.log(`\nOrders per second at concurrency ${CONCURRENCY}, median of ${ROUNDS} rounds (least–most)`);
  const results = await rounds(async (run, pids) => {
    const before = cpuSecondsOf(pids);
    const loop = await closedLoop(run, { concurrency: CONCURRENCY, seconds: SECONDS });
    return { ...loop, cpuMs: ((cpuSecondsOf(pids) - before) * 1000) / loop.count };
  });
  const of = (name, key) => (results.get(name) ?? []).map((round) => round[key]);
  for (const { name } of contenders) {
    const [rates, cpu] = [of(name, 'rate'), of(name, 'cpuMs')];
    const times = name === 'Treadle' ? '' : ratio(median(of('Treadle', 'rate')) / median(rates), 'times as many');
    const share = name === 'Treadle' ? '' : ratio(median(cpu) / median(of('Treadle', 'cpuMs')), 'times less CPU');
    console.log(`  ${name.padEnd(8)} ${spread(rates).padEnd(24)} p99 ${median(of(name, 'p99')).toFixed(0)} ms${times}`);
    console.log(`  ${''.padEnd(8)} ${spread(cpu, 2)} ms of CPU for an order, all its processes${share}`);
  }
}

async function alone() {
  console.log('\nOne order after the other: milliseconds of one, median of the rounds (least–most)');
  const results = await rounds((run) => closedLoop(run, { concurrency: 1, seconds: SECONDS }));
  const p50s = (name) => (results.get(name) ?? []).map(({ p50 }) => p50);
  for (const { name } of contenders) {
    const share = name === 'Treadle' ? '' : ratio(median(p50s(name)) / median(p50s('Treadle')), 'times as fast');
    console.log(`  ${name.padEnd(8)} p50 ${spread(p50s(name), 2)}${share}`);
  }
}

async function atRate() {
  console.log(`\n${RATE} orders per second, whatever the answers do: milliseconds, counted from when an order was due`);
  const results = await rounds((run) => fixedRate(run, { perSecond: RATE, seconds: SECONDS }));
  for (const { name } of contenders) {
    const kept = results.get(name).filter((round) => round !== null);
    if (kept.length < ROUNDS)
      console.log(`  ${name.padEnd(8)} did not keep up in ${ROUNDS - kept.length} of ${ROUNDS} rounds`);
    if (kept.length === 0) continue;
    const [p50s, p99s] = [kept.map((round) => round.p50), kept.map((round) => round.p99)];
    console.log(`  ${name.padEnd(8)} p50 ${spread(p50s, 1)}, p99 ${spread(p99s, 1)}`);
  }
}

/** Nothing where Treadle itself was not measured. */
function ratio(number, text) {
  return Number.isNaN(number) ? '' : `   Treadle: ${number.toFixed(1)} ${text}`;
}
