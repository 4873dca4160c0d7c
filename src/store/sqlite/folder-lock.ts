import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StoreInUse } from '../ports.js';
import { isBusy } from './errors.js';
import { openDatabase } from './sqlite-module.js';

/**
 * Keeps other processes out of a data folder until `release`. The lock is the operating system's (SQLite's exclusive lock on an empty
 * file), so it ends with the process however that dies; the pid file beside it only serves the message. Throws StoreInUse.
 */
export function lockFolder(folder: string): { release(): void } {
  const pidFile = join(folder, 'treadle.pid');
  const database = openDatabase(join(folder, 'treadle.lock'), { readOnly: false, timeout: 0 });
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (!isBusy(error)) throw error;
    throw new StoreInUse(
      `Expected the data folder '${folder}' to be free, but ${holder(pidFile)} has it open. ` +
        'Stop that process, or choose another data folder.',
    );
  }
  writeFileSync(pidFile, `${process.pid}\n`);
  return {
    release() {
      rmSync(pidFile, { force: true });
      database.close();
    },
  };
}

function holder(pidFile: string): string {
  try {
    return `process ${readFileSync(pidFile, 'utf8').trim()}`;
  } catch {
    return 'another process'; // it has locked the folder and not written its pid yet
  }
}
