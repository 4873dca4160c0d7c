import type { Command } from 'commander';
import type { OpenWaitRow, OpenWaitsPage } from '../../api/treadle/index.js';
import { PAGE_ITEMS_MAX } from '../../limits.js';
import { usageError } from '../cli-error.js';
import { type CommandTools, newCommand, wholeNumber, withServer } from '../command.js';
import { type CliContext, clientOf, type ServerOptions, writeJson } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { findMachine } from '../names.js';
import type { ServerClient } from '../server-client.js';
import { dateText, durationText } from '../views/durations.js';
import { textTable } from '../views/text-table.js';

interface TokensOptions extends ServerOptions {
  readonly limit: number;
  readonly all?: boolean;
  readonly machine?: string;
  readonly output?: string;
  readonly error?: string;
  readonly cause?: string;
  readonly again?: boolean;
}

const LIMIT_DEFAULT = 20;

export function tokensCommand({ context, finish }: CommandTools): Command {
  return withServer(
    newCommand({
      name: 'tokens',
      argument: ['[id]', 'the wait to answer or to send again, as the list names it'],
      description:
        'list the tasks that wait for their token or for a worker, oldest first; answer one yourself, or send its message again',
      examples: [
        `treadle tokens 001735689600000.42.7 --output '{"approved":true}'`,
        'treadle tokens 001735689600000.42.7 --again',
      ],
    })
      .option('--output <json>', 'let the task succeed with this')
      .option('--error <name>', 'let the task fail with this error')
      .option('--cause <text>', 'why it fails')
      .option('--again', 'make its call again, with the same token: for a message that was lost')
      .option('--machine <name>', 'list only those of this machine: name or ARN')
      .option('--limit <count>', 'list at most so many', wholeNumber({ min: 1, max: PAGE_ITEMS_MAX }), LIMIT_DEFAULT)
      .option('--all', 'list all of them, however many there are'),
  ).action(async (id: string | undefined, options: TokensOptions) => {
    const client = clientOf(context, options);
    if (id === undefined) await list(context, client, options);
    else await act(context, client, { ...options, id });
    finish(EXIT.succeeded);
  });
}

async function act(
  context: CliContext,
  client: ServerClient,
  { id, output, error, cause, again, json }: TokensOptions & { readonly id: string },
): Promise<void> {
  const isAnswer = output !== undefined || error !== undefined || cause !== undefined;
  if (again === true && isAnswer)
    throw usageError('Expected either an answer (--output, --error) or --again, but got both.');
  if (again === true) await client.post('/api/tokens/send', { id });
  else await client.post('/api/tokens/answer', { id, ...(output !== undefined && { output }), error, cause });
  if (json === true) writeJson(context, { id });
  else context.terminal.line(again === true ? `Sent again: ${id}` : `Answered: ${id}`);
}

async function list(context: CliContext, client: ServerClient, options: TokensOptions): Promise<void> {
  const machine = options.machine === undefined ? null : (await findMachine(client, options.machine)).arn;
  const max = options.all === true ? Number.POSITIVE_INFINITY : options.limit;
  let shown = 0;
  let after: string | null = null;
  do {
    const limit = Math.min(max - shown, PAGE_ITEMS_MAX);
    const { waits, next }: OpenWaitsPage = await client.get<OpenWaitsPage>('/api/tokens', { machine, limit, after });
    if (options.json === true) for (const wait of waits) writeJson(context, wait);
    else if (waits.length > 0) for (const line of lines(waits, context.terminal.columns)) context.terminal.line(line);
    shown += waits.length;
    after = next;
  } while (after !== null && shown < max);
  if (options.json === true) return;
  const { terminal } = context;
  if (shown === 0) terminal.line('Nothing waits for a token or for a worker.');
  if (after !== null) terminal.line(terminal.colors.dim('… younger ones: --all'));
}

function lines(waits: readonly OpenWaitRow[], columns: number): readonly string[] {
  const rows = waits.map((wait) => [
    wait.id,
    wait.executionArn.split(':').slice(6).join('/'),
    wait.state,
    waitsFor(wait),
    durationText(Math.max(0, Date.now() - wait.openedAt)),
    wait.dueAt === null ? '–' : dateText(wait.dueAt),
    wait.parameters,
  ]);
  return textTable(['ID', 'EXECUTION', 'STATE', 'WAITS FOR', 'AGE', 'DEADLINE', 'SENT'], rows, columns);
}

/** `sqs:sendMessage, sent again 2 times`; `activity pack, with worker-1`. */
function waitsFor({ resource, activityArn, worker, sends, sendFault }: OpenWaitRow): string {
  if (activityArn !== null) {
    const who = worker === null ? 'nobody has it' : `with ${worker.name ?? 'a worker'}`;
    return `activity ${activityArn.split(':').at(-1)}, ${who}`;
  }
  if (sends === 0) return resource;
  return `${resource}, sent again${sends === 1 ? '' : ` ${sends} times`}${sendFault === null ? '' : ' but refused'}`;
}
