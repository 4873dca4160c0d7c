// A backup beside commits: how much later they are answered meanwhile, and how long it takes. Executions have three segments of about
// 600 characters.
//
//   node bench/backup.mjs [--executions 300000] [--clients 8] [--seconds 5]

import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Backups } from '../dist/server/backup/backups.js';
import { openSqliteStore } from '../dist/store/sqlite/index.js';
import { Foreground, fillEnded } from './foreground.mjs';
import { mebibytes } from './states-server.mjs';

const { values } = parseArgs({
  options: {
    executions: { type: 'string', default: '300000' },
    clients: { type: 'string', default: '8' },
    seconds: { type: 'string', default: '5' },
  },
});

const folder = mkdtempSync(join(tmpdir(), 'treadle-bench-'));
const store = await openSqliteStore({ folder });
try {
  await fillEnded(store, Number(values.executions));
  const size = (name) => mebibytes(statSync(join(folder, name)).size);
  console.log(
    `${values.executions} executions, ${size('treadle.db')}, ${values.clients} clients, node ${process.version}`,
  );
  const foreground = new Foreground(store, Number(values.clients));
  await foreground.for('commits alone', Number(values.seconds) * 1000);
  const backups = new Backups({
    dataFolder: folder,
    settings: { folder: null, schedule: null },
    version: 'bench',
    now: Date.now,
    report: console.error,
    holdRemovals: () => () => undefined,
  });
  const { manifest } = await foreground.beside('beside a backup', backups.make('manual'));
  console.log(
    `backup               ${((manifest.endedAt - manifest.at) / 1000).toFixed(1)} s, ${mebibytes(manifest.database.bytes)}, write-ahead log ${size('treadle.db-wal')}`,
  );
  await foreground.for('commits after it', Number(values.seconds) * 1000);
} finally {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
}
