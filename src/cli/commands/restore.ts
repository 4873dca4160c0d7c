import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { RestoredOne } from '../../api/treadle/index.js';
import { usageError } from '../cli-error.js';
import { type CommandTools, newCommand, withServer } from '../command.js';
import { type CliContext, clientOf, type ServerOptions, writeJson } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { timeOf } from '../time-option.js';
import { dateText } from '../views/durations.js';
import { DATA_DEFAULT, placeOf } from './backup.js';

interface RestoreOptions extends ServerOptions {
  readonly data?: string;
  readonly folder?: string;
  readonly at?: string;
  readonly replace?: boolean;
  readonly dryRun?: boolean;
  readonly table?: string;
  readonly bucket?: string;
  readonly key?: string;
}

export function restoreCommand({ context, finish }: CommandTools): Command {
  return withServer(
    newCommand({
      name: 'restore',
      argument: ['[backup]', "a backup's name or path (default: the newest)"],
      description: 'put a backup into a data folder whose server is stopped, or one row or object into a running one',
      examples: [
        'treadle restore --replace',
        `treadle restore --table Orders --key '{"OrderId":{"S":"o-1"}}' --at 10m-ago`,
      ],
    })
      .option('--at <time>', 'the newest backup of then or before: 10m-ago, 2h-ago, 3d-ago or an ISO time')
      .option('--data <folder>', `the data folder that it goes into (default: ${DATA_DEFAULT})`)
      .option('--folder <folder>', 'where backups lie (default: backups in the data folder, or as the server was told)')
      .option('--replace', 'put aside what is in the data folder, in a folder within')
      .option('--dry-run', 'only compare the checksums')
      .option('--table <name>', 'one row of this table, in a running server')
      .option('--bucket <name>', 'one object of this bucket, in a running server')
      .option('--key <key>', "the row's key as JSON, or the object's key"),
  ).action(async (name: string | undefined, options: RestoreOptions) => {
    const at = timeOf(options.at ?? 'now', Date.now());
    if (options.table !== undefined || options.bucket !== undefined) await restoreOne(context, options, at);
    else await restoreAll(context, options, { name: name ?? null, at });
    finish(EXIT.succeeded);
  });
}

async function restoreAll(
  context: CliContext,
  options: RestoreOptions,
  which: { readonly name: string | null; readonly at: number },
): Promise<void> {
  const { chooseBackup } = await import('../../server/backup/stopped-folder.js');
  const { restoreBackup, verifyBackup } = await import('../../server/backup/restore.js');
  const place = placeOf(context, options);
  const isPath = which.name !== null && /[\\/]/.test(which.name);
  const name = which.name !== null && isPath ? resolve(context.folder, which.name) : which.name;
  const backup = chooseBackup(place, { ...which, name });
  const { dataFolder } = place;
  const isDry = options.dryRun === true;
  if (isDry) verifyBackup(backup);
  const replaces = options.replace === true;
  const { aside } = isDry ? NOTHING_ASIDE : restoreBackup({ backup, dataFolder, replaces, now: Date.now() });
  if (options.json === true) {
    writeJson(context, { backup: backup.id, at: backup.manifest.at, data: dataFolder, aside, isDry });
    return;
  }
  const { terminal } = context;
  const { executions, running } = backup.manifest.counts;
  terminal.line(`${terminal.colors.green('✓')} ${backup.id} of ${dateText(backup.manifest.at)} is whole`);
  if (isDry) return;
  terminal.line(`  ${executions} executions, of which ${running} go on, are in ${dataFolder}`);
  if (aside !== null) terminal.line(`  What was there lies in ${aside}: delete it when you are sure`);
  terminal.line('Next: treadle up');
}

const NOTHING_ASIDE = { aside: null };

async function restoreOne(context: CliContext, options: RestoreOptions, at: number): Promise<void> {
  const { table, bucket, key } = options;
  if (key === undefined) throw usageError('Expected --key with --table or --bucket.');
  if (table !== undefined && bucket !== undefined)
    throw usageError('Expected --table or --bucket, but both are given.');
  const folder = options.folder === undefined ? null : resolve(context.folder, options.folder);
  const what = table === undefined ? { bucket, key } : { table, key: rowKey(key), region: options.region ?? null };
  const answer = await clientOf(context, options).post<RestoredOne>('/api/backups/restore', { at, folder, ...what });
  if (options.json === true) writeJson(context, answer);
  else context.terminal.line(`Restored as it was in ${answer.backup}, made ${dateText(answer.at)}`);
}

function rowKey(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw usageError(`Expected --key as JSON, e.g. '{"OrderId":{"S":"o-1"}}', but it is '${text}'.`);
  }
}
