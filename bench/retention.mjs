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
import { report } from './states-server.mjs';

const { values } = parseArgs({
  options: {
    executions: { type: 'string', default: '300000' },
    clients: { type: 'string', default: '8' },
    seconds: { type: 'string', default: '5' },
  },
});
const EXECUTIONS = Number(values.executions);
const CLIENTS = Number(values.clients);
const ENTRIES_PER_COMMIT = 500;
const MACHINE = 'arn:aws:states:us-east-1:000000000000:stateMachine:bench';
const SEGMENT = JSON.stringify({ events: 'x'.repeat(585) });
const NOTHING = {
  start: null,
  status: null,
  snapshot: null,
  outboxAdd: [],
  outboxRemove: [],
  timersAdd: [],
  timersRemove: [],
};
const OLD = 1000;

const folder = mkdtempSync(join(tmpdir(), 'treadle-bench-'));
const store = await openSqliteStore({ folder });
let nextId = 1;
try {
  for (let left = EXECUTIONS; left > 0; left -= ENTRIES_PER_COMMIT)
    await store.commit({ entries: Array.from({ length: ENTRIES_PER_COMMIT }, () => ended(OLD)).flat(), writes: [] });
  console.log(`${EXECUTIONS} old executions, ${mebibytes()}, ${CLIENTS} clients, node ${process.version}`);
  const until = performance.now() + Number(values.seconds) * 1000;
  await foreground('commits alone', () => performance.now() < until);
  await besideRetention();
  console.log(`left                 ${mebibytes()}`);
} finally {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
}

/** The server's own retention, until all old ones are gone and the file has shrunk. */
async function besideRetention() {
  const from = performance.now();
  let isOver = false;
  const work = deleteEnded(store, { before: OLD + 1, goesOn: () => true }).finally(() => {
    isOver = true;
  });
  await Promise.all([work, foreground('beside retention', () => !isOver)]);
  const { executions } = await work;
  const seconds = (performance.now() - from) / 1000;
  console.log(`deleted              ${executions}, ${(executions / seconds).toFixed(0)}/s`);
}

async function foreground(name, goesOn) {
  const times = [];
  const client = async () => {
    while (goesOn()) {
      const from = performance.now();
      await store.commit({ entries: ended(Date.now()), writes: [] });
      times.push(performance.now() - from);
    }
  };
  const from = performance.now();
  await Promise.all(Array.from({ length: CLIENTS }, client));
  const rate = times.length / ((performance.now() - from) / 1000);
  report(name, times);
  console.log(`${' '.repeat(20)} ${rate.toFixed(0)} commits/s`);
}

function ended(stopAt) {
  const execution = nextId++;
  const name = `e${String(execution).padStart(12, '0')}`;
  const start = { machine: MACHINE, name, startAt: stopAt - 1, revision: 'revision-1', version: null, alias: null };
  const segment = (firstSeq) => ({ ...NOTHING, execution, firstSeq, data: SEGMENT });
  return [{ ...segment(1), start }, segment(7), { ...segment(13), status: { status: 'SUCCEEDED', stopAt } }];
}

function mebibytes() {
  return `${(statSync(join(folder, 'treadle.db')).size / 1024 ** 2).toFixed(0)} MiB`;
}
