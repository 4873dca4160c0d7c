import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { BackupRow, BackupsPage, Health } from '../../api/treadle/index.js';
import { CliError, usageError } from '../cli-error.js';
import { type CommandTools, newCommand, withServer } from '../command.js';
import { type CliContext, clientOf, type ServerOptions, writeJson } from '../context.js';
import { EXIT } from '../exit-codes.js';
import type { ServerClient } from '../server-client.js';
import { bytesText, dateText, durationText } from '../views/durations.js';
import { textTable } from '../views/text-table.js';

interface BackupOptions extends ServerOptions {
  readonly data?: string;
  readonly folder?: string;
}

export const DATA_DEFAULT = './.treadle';
const POLL_MS = 200;

export function backupCommand({ context, finish }: CommandTools): Command {
  return withServer(
    newCommand({
      name: 'backup',
      argument: ['[list]', 'list the backups instead of making one'],
      description: 'copy everything, of a running server or of a stopped data folder',
      examples: ['treadle backup', 'treadle backup list --folder /mnt/backups'],
    })
      .option('--data <folder>', `the data folder (default: the running server's, else ${DATA_DEFAULT})`)
      .option(
        '--folder <folder>',
        'where backups lie (default: backups in the data folder, or as the server was told)',
      ),
  ).action(async (what: string | undefined, options: BackupOptions) => {
    if (what !== undefined && what !== 'list') throw usageError(`Expected 'list' or nothing, but it is '${what}'.`);
    if (what === 'list') await list(context, options);
    else await make(context, options);
    finish(EXIT.succeeded);
  });
}

async function make(context: CliContext, options: BackupOptions): Promise<void> {
  const { terminal } = context;
  const row = await (options.data === undefined ? ofServerOrFolder(context, options) : ofFolder(context, options));
  if (options.json === true) {
    writeJson(context, row);
    return;
  }
  const { executions, running, files, bytes, at, endedAt } = row;
  terminal.line(`${terminal.colors.green('✓')} ${row.id}  ${bytesText(bytes)}  ${durationText(endedAt - at)}`);
  terminal.line(`  ${executions} executions (${running} running), ${files} files`);
  terminal.line(`  ${row.path}`);
}

async function ofServerOrFolder(context: CliContext, options: BackupOptions): Promise<BackupRow> {
  try {
    return await askServer(context, clientOf(context, options), options);
  } catch (error) {
    const { isDataFolder } = await import('../../server/backup/stopped-folder.js');
    const isStopped = error instanceof CliError && error.exitCode === EXIT.noServer;
    if (!isStopped || !isDataFolder(resolve(context.folder, DATA_DEFAULT))) throw error;
    return copyStopped(context, options);
  }
}

/** The server makes it where it has the folder open. */
async function ofFolder(context: CliContext, options: BackupOptions): Promise<BackupRow> {
  try {
    return await copyStopped(context, options);
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'StoreInUse') throw error;
    const client = clientOf(context, options);
    const { dataFolder } = await client.get<Health>('/health');
    const asked = resolve(context.folder, options.data ?? DATA_DEFAULT);
    if (dataFolder === asked) return askServer(context, client, options);
    throw new CliError(
      `Expected the server of '${asked}' at ${client.endpoint}, but that one has '${dataFolder}' open. Name its address with --endpoint.`,
    );
  }
}

async function askServer(context: CliContext, client: ServerClient, options: BackupOptions): Promise<BackupRow> {
  const folder = options.folder === undefined ? null : resolve(context.folder, options.folder);
  const { at } = await client.post<{ readonly at: number }>('/api/backups', { folder });
  for (;;) {
    const page = await client.get<BackupsPage>('/api/backups', { folder });
    if (!page.isMaking) {
      const made = page.backups.find((backup) => backup.kind === 'manual' && backup.at >= at);
      if (made !== undefined) return made;
      throw new CliError(page.failure?.message ?? 'The backup was not made.');
    }
    if (context.interrupted.aborted) throw new CliError('The server goes on making the backup.', EXIT.interrupted);
    await new Promise((resume) => setTimeout(resume, POLL_MS));
  }
}

async function copyStopped(context: CliContext, options: BackupOptions): Promise<BackupRow> {
  const { backUpStopped } = await import('../../server/backup/stopped-folder.js');
  const { backupRow } = await import('../../server/backup/backup-row.js');
  return backupRow(backUpStopped(placeOf(context, options), Date.now()));
}

export function placeOf(context: CliContext, { data, folder }: { readonly data?: string; readonly folder?: string }) {
  return {
    dataFolder: resolve(context.folder, data ?? DATA_DEFAULT),
    folder: folder === undefined ? null : resolve(context.folder, folder),
  };
}

async function list(context: CliContext, options: BackupOptions): Promise<void> {
  const rows = await rowsOf(context, options);
  if (options.json === true) for (const row of rows) writeJson(context, row);
  else for (const line of lines(rows, context.terminal.columns)) context.terminal.line(line);
}

async function rowsOf(context: CliContext, options: BackupOptions): Promise<readonly BackupRow[]> {
  if (options.data === undefined && options.folder === undefined) {
    try {
      return (await clientOf(context, options).get<BackupsPage>('/api/backups')).backups;
    } catch (error) {
      if (!(error instanceof CliError) || error.exitCode !== EXIT.noServer) throw error;
    }
  }
  const { listBackups } = await import('../../server/backup/stopped-folder.js');
  const { backupRow } = await import('../../server/backup/backup-row.js');
  return listBackups(placeOf(context, options)).map(backupRow);
}

function lines(rows: readonly BackupRow[], columns: number): readonly string[] {
  if (rows.length === 0) return ['There are no backups. Make one with: treadle backup'];
  const cells = rows.map(({ id, at, kind, executions, running, bytes, path }) => [
    id,
    dateText(at),
    kind,
    String(executions),
    String(running),
    bytesText(bytes),
    path,
  ]);
  return textTable(['BACKUP', 'OF', 'KIND', 'EXECUTIONS', 'RUNNING', 'SIZE', 'PATH'], cells, columns);
}
