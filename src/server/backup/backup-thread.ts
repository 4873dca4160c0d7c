// Makes one backup and ends: copying and checksums would hold up the thread that serves.
import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import type { BackupAnswer } from './backups.js';
import { type BackupRequest, makeBackup } from './make.js';

const NICE = 10;

/** On Linux a priority is a thread's own: here commits go first. Elsewhere it would be the process's, so it stays. */
function giveWay(): void {
  if (process.platform === 'linux') setPriority(0, NICE);
}

function run(request: BackupRequest): BackupAnswer {
  try {
    giveWay();
    return { type: 'made', id: makeBackup(request).id };
  } catch (fault) {
    return fault instanceof Error
      ? { type: 'failed', name: fault.name, message: fault.message }
      : { type: 'failed', name: 'Error', message: String(fault) };
  }
}

parentPort?.postMessage(run(workerData));
