// `npm run bench`: every measurement of this folder, one after the other, each in a process of its own.
// What they say depends on the machine and on what else it does: compare within one run, not between machines.

import { spawnSync } from 'node:child_process';
import { cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';

const MEASUREMENTS = ['transitions.mjs', 'engine.mjs', 'http.mjs', 'store.mjs', 'tables.mjs', 'map-run.mjs'];

console.log(`${cpus().length} cores (${cpus()[0]?.model.trim()}), load ${loadavg()[0].toFixed(1)}`);
for (const file of MEASUREMENTS) {
  console.log(`\n== ${file}`);
  const { status } = spawnSync(process.execPath, [fileURLToPath(new URL(file, import.meta.url))], { stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}
