/** For this folder's tests: the object store behind HTTP, in memory but for the bodies. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Targets, Timekeeper } from '../../services/ports.js';
import { S3 } from '../../services/s3/s3.js';
import type { RecordStore } from '../../store/ports.js';
import { createHttpApi } from '../http.js';
import { s3Service } from './s3.js';

export interface S3Bed {
  readonly s3: S3;
  readonly port: number;
  /** Faults that are ours, and lines for the operator: none, where all is well. */
  readonly reports: readonly unknown[];
  /** How many bodies lie on the disk. */
  files(): Promise<number>;
  close(): Promise<void>;
}

export interface S3BedOptions {
  /** The real one unless given. */
  readonly clock?: Timekeeper;
  readonly targets?: Targets;
}

export async function openBed(records: RecordStore, { clock: given, targets }: S3BedOptions = {}): Promise<S3Bed> {
  const folder = await mkdtemp(join(tmpdir(), 'treadle-s3-'));
  const reports: unknown[] = [];
  const clock = given ?? { now: () => Date.now() };
  const s3 = new S3({
    ...{ records, clock, folder, report: (line) => reports.push(line) },
    ...(given !== undefined && { timekeeper: given }),
    ...(targets !== undefined && { notifications: { targets, account: '000000000000' } }),
  });
  if (targets !== undefined) await s3.tell();
  const api = createHttpApi({
    services: [s3Service(s3, clock)],
    place: { account: '000000000000' },
    report: (fault) => reports.push(fault),
  });
  return {
    s3,
    port: await api.listen({ port: 0, host: '127.0.0.1' }),
    reports,
    files: async () => {
      const entries = await readdir(folder, { recursive: true, withFileTypes: true });
      return entries.filter((entry) => entry.isFile()).length;
    },
    close: async () => {
      await api.close(100);
      await s3.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
