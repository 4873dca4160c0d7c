import { readFileSync } from 'node:fs';

/**
 * Memory of a process and what it started, in bytes: what is its own (shared libraries and mapped files are not
 * counted). 0 when it is gone or the system has no /proc.
 */
export function ownMemoryBytes(pid: number): number {
  let kilobytes = 0;
  for (const member of withDescendants(pid)) {
    for (const match of readProc(`${member}/status`).matchAll(/^Rss(?:Anon|Shmem):\s+(\d+) kB$/gm)) {
      kilobytes += Number(match[1]);
    }
  }
  return kilobytes * 1024;
}

/** At most so many processes of one function are measured: a fork bomb must not keep the server busy. */
const PROCESSES_MAX = 200;

function withDescendants(pid: number): readonly number[] {
  const found = [pid];
  for (const member of found) {
    if (found.length >= PROCESSES_MAX) break;
    const children = readProc(`${member}/task/${member}/children`);
    if (children !== '') found.push(...children.trim().split(' ').map(Number));
  }
  return found;
}

function readProc(path: string): string {
  try {
    return readFileSync(`/proc/${path}`, 'utf8');
  } catch {
    return ''; // the process has just ended
  }
}
