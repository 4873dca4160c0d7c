import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { codeOf } from './files.js';
import { MANIFEST, PARTIAL } from './layout.js';
import { BackupRefused } from './refused.js';

/** Version of a backup's own layout. */
export const BACKUP_FORMAT = 1;

const checked = { bytes: z.number().int().min(0), sha256: z.string().regex(/^[0-9a-f]{64}$/) };

const manifest = z.object({
  format: z.literal(BACKUP_FORMAT),
  /** Treadle's version that made it. */
  version: z.string(),
  storeFormat: z.number().int(),
  kind: z.enum(['manual', 'scheduled']),
  /** The data folder that it is of. */
  source: z.string(),
  /** Everything that was acknowledged before is in it. */
  at: z.number(),
  endedAt: z.number(),
  database: z.object(checked),
  /** The file that lists all others, and what it lists. */
  list: z.object({ ...checked, files: z.number().int(), filesBytes: z.number().int() }),
  counts: z.object({ executions: z.number(), running: z.number(), records: z.number() }),
});

export type Manifest = z.output<typeof manifest>;

const fileLine = z.tuple([checked.sha256, checked.bytes, z.string().min(1)]);

/** A line of the list of files. */
export interface ListedFile {
  readonly sha256: string;
  readonly bytes: number;
  /** With `/`, from the data folder. */
  readonly path: string;
}

export const fileLineOf = ({ sha256, bytes, path }: ListedFile): string => `${JSON.stringify([sha256, bytes, path])}\n`;

/** Throws BackupRefused for a line that is not of a backup, and for a path that leads elsewhere. */
export function readFileLine(line: string, list: string): ListedFile {
  const parsed = fileLine.safeParse(jsonOf(line));
  if (!parsed.success)
    throw new BackupRefused(`Expected a file in each line of '${list}', but there is: ${line.slice(0, 100)}`);
  const [sha256, bytes, path] = parsed.data;
  if (path.startsWith('/') || path.split('/').some((name) => name === '..' || name === '' || name.includes('\\')))
    throw new BackupRefused(`Expected '${list}' to name files of a data folder, but it names '${path}'.`);
  return { sha256, bytes, path };
}

/** One whole backup. */
export interface Backup {
  /** Its folder's name. */
  readonly id: string;
  readonly path: string;
  readonly manifest: Manifest;
}

/** Whole backups in a folder, the newest first. What is not one is passed over. */
export function backupsIn(folder: string): readonly Backup[] {
  const backups: Backup[] = [];
  for (const id of namesIn(folder)) {
    if (id.startsWith(PARTIAL)) continue;
    const backup = findBackup(join(folder, id), id);
    if (backup !== null) backups.push(backup);
  }
  return backups.sort((left, right) => right.manifest.at - left.manifest.at);
}

/** Throws BackupRefused where there is none. */
export function openBackup(path: string): Backup {
  const backup = findBackup(path, path.split(/[\\/]/).at(-1) ?? path);
  if (backup !== null) return backup;
  throw new BackupRefused(
    `Expected a whole backup in '${path}', but there is no ${MANIFEST} of this version in it. See: treadle backup list`,
  );
}

function findBackup(path: string, id: string): Backup | null {
  let text: string;
  try {
    text = readFileSync(join(path, MANIFEST), 'utf8');
  } catch {
    return null;
  }
  const parsed = manifest.safeParse(jsonOf(text));
  return parsed.success ? { id, path, manifest: parsed.data } : null;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

export function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (fault) {
    if (codeOf(fault) === 'ENOENT') return [];
    throw fault;
  }
}

/** The newest backup that was made at that time or before. Throws BackupRefused when there is none. */
export function backupAt(folder: string, at: number): Backup {
  const all = backupsIn(folder);
  const found = all.find((backup) => backup.manifest.at <= at);
  if (found !== undefined) return found;
  const oldest = all.at(-1);
  throw new BackupRefused(
    `Expected a backup of ${new Date(at).toISOString()} or before in '${folder}', but ` +
      `${oldest === undefined ? 'there is no backup at all' : `the oldest is of ${new Date(oldest.manifest.at).toISOString()}`}. ` +
      'See: treadle backup list',
  );
}
