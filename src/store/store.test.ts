import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { faultyStore } from '../testing/faulty-store.js';
import { memoryStore } from '../testing/memory-store.js';
import { describeStore } from './conformance.js';
import { openSqliteStore } from './sqlite/index.js';

const folders = mkdtempSync(join(tmpdir(), 'treadle-store-'));
afterAll(() => rmSync(folders, { recursive: true, force: true }));

const stores = {
  sqlite: () => openSqliteStore({ folder: mkdtempSync(join(folders, 'sqlite-')) }),
  memory: async () => memoryStore(),
  // Without chances it must not be noticed.
  'faultless faulty': async () => faultyStore(memoryStore(), { seed: 1 }),
};

/** `STORES=sqlite` narrows, names separated by commas. */
const wanted = process.env.STORES?.split(',');

for (const [name, open] of Object.entries(stores)) {
  if (wanted === undefined || wanted.includes(name)) describeStore(name, open);
}
