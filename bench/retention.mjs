// Deleting old executions beside commits: how much later commits are answered meanwhile, how fast the old ones go, and what is left of
// the file. Executions have three segments of about 600 characters.
//
//   node bench/retention.mjs [--executions 300000] [--clients 8] [--seconds 5]

import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { deleteEnded } from '../dist/server/retention.js';
import { openSqliteStore } from '../dist/store/sqlite/index.js';
import { Foreground, fillEnded, OLD } from './foreground.mjs';
import { mebibytes } from './states-server.mjs';

const { values } = parseArgs({
  options: {
    executions: { type: 'string', default: '300000' },
    clients: { type: 'string', default: '8' },
    seconds: { type: 'string', default: '5' },
  },
});
const EXECUTIONS = Number(values.executions);

const folder = mkdtempSync(join(tmpdir(), 'treadle-bench-'));
const store = await openSqliteStore({ folder });
try {
  await fillEnded(store, EXECUTIONS);
  const size = () => mebibytes(statSync(join(folder, 'treadle.db')).size);
  console.log(`${EXECUTIONS} old executions, ${size()}, ${values.clients} clients, node ${process.version}`);
  const foreground = new Foreground(store, Number(values.clients));
  await foreground.for('commits alone', Number(values.seconds) * 1000);
  const from = performance.now();
  const work = deleteEnded(store, { before: OLD + 1, goesOn: () => true });
  const { executions } = await foreground.beside('beside retention', work);
  console.log(`deleted              ${executions}, ${(executions / ((performance.now() - from) / 1000)).toFixed(0)}/s`);
  console.log(`left                 ${size()}`);
} finally {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
}
