// `treadle up` in an empty folder: until its first answer, what it holds when nothing happens.
//
//   node bench/start-up.mjs [--rounds 5]

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { spread } from './lib/measure.mjs';
import { startProcess, temporaryFolder } from './lib/processes.mjs';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } });
const bin = fileURLToPath(new URL('../bin/treadle.mjs', import.meta.url));
/** What the start needed and nothing uses any more has gone by then. */
const IDLE_MS = 3000;

const seconds = [];
const megabytes = [];
for (let round = 0; round < Number(values.rounds); round++) {
  const folder = temporaryFolder();
  const from = performance.now();
  const args = [bin, 'up', '--port', '0', '--data', join(folder.path, 'data'), '--json'];
  const server = await startProcess(process.execPath, args, { cwd: folder.path });
  const { endpoint } = await server.ready;
  const answer = await fetch(`${endpoint}/_treadle/health`);
  if (!answer.ok) throw new Error(await answer.text());
  seconds.push((performance.now() - from) / 1000);
  await answer.arrayBuffer();
  await new Promise((next) => setTimeout(next, IDLE_MS));
  megabytes.push(residentMegabytes(server.child.pid));
  await server.stop();
  folder.remove();
}
console.log(`treadle up: first answer after ${spread(seconds, 2)} s, resident ${spread(megabytes)} MB when idle`);

/** Linux only. */
function residentMegabytes(pid) {
  const kib = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kib) / 1024;
}
