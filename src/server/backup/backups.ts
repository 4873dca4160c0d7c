import { once } from 'node:events';
import { statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { BACKUP_LOOK_MS, BACKUP_MISSED_DELAY_MS } from '../../limits/services.js';
import { QUIET_ARGUMENTS, threadUrl } from '../../store/sqlite/storage-thread.js';
import { BACKUPS, DATABASE } from './layout.js';
import type { BackupRequest } from './make.js';
import { type Backup, backupAt, backupsIn, openBackup } from './manifest.js';
import { BackupRefused } from './refused.js';
import { type BackupSchedule, expired, lastMoment } from './schedule.js';

/** Settings of a server's backups. */
export interface BackupSettings {
  /** Absolute path; null = `backups` in the data folder. */
  readonly folder: string | null;
  /** Null = only when somebody asks. */
  readonly schedule: BackupSchedule | null;
}

export interface BackupsOptions {
  readonly dataFolder: string;
  readonly settings: BackupSettings;
  readonly version: string;
  readonly now: () => number;
  readonly report: (line: string) => void;
  /** Nothing that a copy of the records may name is deleted until the answer is called. */
  readonly holdRemovals: () => () => void;
}

/** What the thread says at its end. */
export type BackupAnswer =
  | { readonly type: 'made'; readonly id: string }
  | { readonly type: 'failed'; readonly name: string; readonly message: string };

/** A running server's backups: one at a time, each on a thread of its own. */
export class Backups {
  readonly folder: string;
  readonly #startedAt: number;
  #worker: Worker | null = null;
  #making: Promise<Backup> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #failure: { readonly at: number; readonly message: string } | null = null;

  constructor(private readonly options: BackupsOptions) {
    this.folder = options.settings.folder ?? join(options.dataFolder, BACKUPS);
    this.#startedAt = options.now();
  }

  get isMaking(): boolean {
    return this.#making !== null;
  }

  /** The last attempt, when it failed. */
  get failure(): { readonly at: number; readonly message: string } | null {
    return this.#failure;
  }

  /** Begins a backup by hand, and says when; `isMaking` and `failure` tell how it went. Throws BackupRefused. */
  begin(folder: string): number {
    this.#assertIdle();
    const at = this.options.now();
    this.make('manual', folder).catch(() => undefined); // `failure` has it
    return at;
  }

  #assertIdle(): void {
    if (this.#making !== null)
      throw new BackupRefused('Expected no other backup to be under way, but one is being made. Wait for it.');
  }

  /** Resolves when the backup is on the disk. Rejects with BackupRefused, also while another one is being made. */
  async make(kind: 'manual' | 'scheduled', folder = this.folder): Promise<Backup> {
    this.#assertIdle();
    const { dataFolder, version, now, holdRemovals } = this.options;
    const release = holdRemovals();
    try {
      this.#making = this.#run({ dataFolder, backupFolder: folder, kind, version, at: now() });
      const backup = await this.#making;
      this.#failure = null;
      return backup;
    } catch (fault) {
      this.#failure = { at: now(), message: fault instanceof Error ? fault.message : String(fault) };
      throw fault;
    } finally {
      this.#making = null;
      release();
    }
  }

  async #run(request: BackupRequest): Promise<Backup> {
    const url = threadUrl('backup-thread', import.meta.url);
    const worker = new Worker(url, { workerData: request, name: 'treadle-backup', execArgv: QUIET_ARGUMENTS });
    this.#worker = worker;
    try {
      const answer = await Promise.race([
        once(worker, 'message').then(([message]: BackupAnswer[]) => message),
        once(worker, 'exit').then(() => undefined),
      ]);
      if (answer?.type === 'made') return openBackup(join(request.backupFolder, answer.id));
      const text = answer?.message ?? 'The server was stopped while the backup was made.';
      throw answer === undefined || answer.name === 'BackupRefused' ? new BackupRefused(text) : new Error(text);
    } finally {
      this.#worker = null;
    }
  }

  /** The newest first. */
  list(folder = this.folder): readonly Backup[] {
    return backupsIn(folder);
  }

  /** The newest that was made then or before. Throws BackupRefused. */
  at(time: number, folder = this.folder): Backup {
    return backupAt(folder, time);
  }

  /** Begins to look at the clock, where there is a schedule. */
  start(): void {
    const { schedule } = this.options.settings;
    if (schedule !== null) this.#timer = setInterval(() => void this.look(schedule), BACKUP_LOOK_MS).unref();
  }

  /** Makes the backup that is due, and deletes those that are too old. A missed one is made up for, some minutes after the start. */
  async look({ times, keepDays }: BackupSchedule): Promise<void> {
    const { now, report, dataFolder } = this.options;
    const due = lastMoment(times, now());
    if (this.#making !== null || this.#since() >= due) return;
    if (due < this.#startedAt && now() < this.#startedAt + BACKUP_MISSED_DELAY_MS) return;
    try {
      await this.make('scheduled');
      const mine = this.list().filter(({ manifest }) => manifest.source === dataFolder);
      for (const { path } of expired(mine, { keepDays, now: now() })) await rm(path, { recursive: true, force: true });
    } catch (fault) {
      report(
        `The backup of ${new Date(due).toISOString()} was not made: ${fault instanceof Error ? fault.message : fault}`,
      );
    }
  }

  /** When the last scheduled backup was made or tried, or the data folder itself. */
  #since(): number {
    const { dataFolder } = this.options;
    const newest = this.list().find(({ manifest }) => manifest.kind === 'scheduled' && manifest.source === dataFolder);
    const madeAt = newest?.manifest.at ?? statSync(join(dataFolder, DATABASE)).birthtimeMs;
    return Math.max(madeAt, this.#failure?.at ?? 0);
  }

  /** A backup that is being made is given up: it has no manifest yet, so it is none. */
  async close(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    await this.#worker?.terminate();
    await this.#making?.catch(() => undefined);
  }
}
