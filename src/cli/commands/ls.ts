import { type Command, InvalidArgumentError } from 'commander';
import type { ExecutionsPage, MachineRow } from '../../api/treadle/index.js';
import { parseArn } from '../../arn.js';
import { PAGE_ITEMS_MAX } from '../../limits.js';
import { type CommandTools, newCommand, wholeNumber, withServer } from '../command.js';
import { type CliContext, clientOf, type ServerOptions, writeJson } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { findMachine } from '../names.js';
import type { ServerClient } from '../server-client.js';
import { dateText, durationText } from '../views/durations.js';
import { statusText } from '../views/follow-view.js';
import { textTable } from '../views/text-table.js';

interface LsOptions extends ServerOptions {
  readonly status?: string;
  readonly limit: number;
  readonly machines?: boolean;
}

const LIMIT_DEFAULT = 20;
const STATUSES = ['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'];

function oneStatus(text: string): string {
  const status = text.toUpperCase().replaceAll('-', '_');
  if (STATUSES.includes(status)) return status;
  throw new InvalidArgumentError(`Expected one of ${STATUSES.join(', ')}.`);
}

export function lsCommand({ context, finish }: CommandTools): Command {
  return withServer(
    newCommand({
      name: 'ls',
      argument: ['[machine]', 'only of this one: name or ARN'],
      description: 'list executions, newest first, or state machines',
      examples: ['treadle ls orders --status FAILED', 'treadle ls --machines'],
    })
      .option('--status <status>', `only executions with this status: ${STATUSES.join(', ')}`, oneStatus)
      .option('--limit <count>', 'at most so many', wholeNumber({ min: 1, max: PAGE_ITEMS_MAX }), LIMIT_DEFAULT)
      .option('--machines', 'list state machines instead'),
  ).action(async (machine: string | undefined, options: LsOptions) => {
    const client = clientOf(context, options);
    if (options.machines === true) await listMachines(context, client, options);
    else await listExecutions(context, client, { ...options, ...(machine === undefined ? {} : { machine }) });
    finish(EXIT.succeeded);
  });
}

async function listExecutions(
  context: CliContext,
  client: ServerClient,
  options: LsOptions & { readonly machine?: string },
): Promise<void> {
  const machine = options.machine === undefined ? null : (await findMachine(client, options.machine)).arn;
  const { executions, next } = await client.get<ExecutionsPage>('/api/executions', {
    machine,
    status: options.status ?? null,
    limit: options.limit,
  });
  if (options.json === true) {
    for (const row of executions) writeJson(context, row);
    return;
  }
  const { terminal } = context;
  if (executions.length === 0) return terminal.line('No executions. Start one with: treadle run <machine>');
  const now = Date.now();
  const rows = executions.map((row) => [
    statusText(row.status, terminal.colors),
    row.machineName,
    dateText(row.startAt),
    durationText((row.stopAt ?? now) - row.startAt),
    row.name,
  ]);
  const table = textTable(['STATUS', 'MACHINE', 'STARTED', 'DURATION', 'EXECUTION'], rows, terminal.columns);
  for (const line of table) terminal.line(line);
  if (next !== null)
    terminal.line(terminal.colors.dim(`… older ones: --limit ${Math.min(options.limit * 5, PAGE_ITEMS_MAX)}`));
}

async function listMachines(context: CliContext, client: ServerClient, options: LsOptions): Promise<void> {
  const { machines } = await client.get<{ machines: readonly MachineRow[] }>('/api/machines');
  if (options.json === true) {
    for (const row of machines) writeJson(context, row);
    return;
  }
  const { terminal } = context;
  if (machines.length === 0) return terminal.line('No state machines. Deploy some with: treadle deploy template.yaml');
  const rows = machines.map((row) => [row.name, row.type, parseArn(row.arn)?.region ?? '', dateText(row.createdAt)]);
  for (const line of textTable(['MACHINE', 'TYPE', 'REGION', 'CREATED'], rows, terminal.columns)) terminal.line(line);
}
