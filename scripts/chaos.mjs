// Proves that nothing acknowledged is lost:
//
//   npm run chaos -- [--kills 20] [--power-losses 0] [--starts 10] [--seed 1] [--keep]
//   npm run chaos -- --flood 20000 [--payload-bytes 0] [--connections 500] [--function-ms 50]
//   npm run chaos -- --simulate [--seed 1] [--minutes 1 | --seeds 100]
//
// The first starts executions of every kind over HTTP while the server is killed with SIGKILL, or loses power, at random moments, and
// compares histories, outputs, calls of functions and what lies in the folder at the end. The second sends more than the server can take.
// The third does the like of the first on virtual time, with a store that fails (src/simulation). Exit code 1 = something was broken.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildIfNeeded } from './build-if-needed.mjs';

const { values } = parseArgs({
  options: {
    kills: { type: 'string' },
    'power-losses': { type: 'string', default: '0' },
    starts: { type: 'string', default: '10' },
    seed: { type: 'string' },
    keep: { type: 'boolean', default: false },
    flood: { type: 'string' },
    'payload-bytes': { type: 'string', default: '0' },
    connections: { type: 'string', default: '500' },
    'function-ms': { type: 'string', default: '50' },
    simulate: { type: 'boolean', default: false },
    minutes: { type: 'string' },
    seeds: { type: 'string' },
  },
});
const powerLosses = Number(values['power-losses']);
const kills = Number(values.kills ?? (powerLosses > 0 ? 0 : 20));
const seed = Number(values.seed ?? Date.now() % 2 ** 31);

buildIfNeeded({ console: false });
const problems = await (values.simulate ? simulateSeeds() : values.flood ? floodServer() : killServers());
for (const problem of problems.slice(0, 20)) console.error(`  ✗ ${problem}`);
process.exitCode = problems.length > 0 ? 1 : 0;

async function killServers() {
  const { chaos } = await import('./chaos/chaos.mjs');
  const folder = mkdtempSync(join(tmpdir(), 'treadle-chaos-'));
  const found = await chaos({ folder, kills, powerLosses, seed, startsPerLife: Number(values.starts) });
  if (found.length === 0 && !values.keep) rmSync(folder, { recursive: true, force: true });
  else console.log(`  folder ${folder}`);
  return found;
}

async function floodServer() {
  const { flood } = await import('./chaos/flood.mjs');
  const folder = mkdtempSync(join(tmpdir(), 'treadle-flood-'));
  const figures = await flood({
    folder,
    starts: Number(values.flood),
    payloadBytes: Number(values['payload-bytes']),
    connections: Number(values.connections),
    functionMs: Number(values['function-ms']),
  });
  rmSync(folder, { recursive: true, force: true });
  for (const [name, number] of Object.entries(figures)) console.log(`  ${name.padEnd(16)} ${number}`);
  return figures.lost + figures.failed > 0 || figures.complaints !== ''
    ? ['Not everything that was accepted has been finished.']
    : [];
}

async function simulateSeeds() {
  const { simulate } = await import('../dist/simulation/index.js');
  const endAt = Date.now() + Number(values.minutes ?? 1) * 60_000;
  const count = values.seeds ?? (values.seed !== undefined && values.minutes === undefined ? 1 : undefined);
  const totals = new Map();
  const broken = [];
  let tried = 0;
  for (; count === undefined ? Date.now() < endAt : tried < Number(count); tried++) {
    const { seed: used, problems: found, faults, ...counts } = await simulate({ seed: seed + tried });
    for (const [name, number] of Object.entries({ ...counts, ...faults })) {
      totals.set(name, (totals.get(name) ?? 0) + number);
    }
    broken.push(...found.map((problem) => `seed ${used}: ${problem}`));
  }
  console.log(`${tried} seeds from ${seed}: ${broken.length === 0 ? 'nothing was lost' : `${broken.length} problems`}`);
  for (const [name, number] of totals) console.log(`  ${name.padEnd(16)} ${Math.round(number)}`);
  return broken;
}
