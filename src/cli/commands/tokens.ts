import type { Command } from 'commander';
import type { OpenWaitRow, OpenWaitsPage } from '../../api/treadle/index.js';
import { PAGE_ITEMS_MAX } from '../../limits.js';
import { type CommandTools, newCommand, wholeNumber, withServer } from '../command.js';
import { clientOf, type ServerOptions, writeJson } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { dateText, durationText } from '../views/durations.js';
import { textTable } from '../views/text-table.js';

interface TokensOptions extends ServerOptions {
  readonly limit: number;
  readonly output?: string;
  readonly error?: string;
  readonly cause?: string;
}

const LIMIT_DEFAULT = 20;

export function tokensCommand({ context, finish }: CommandTools): Command {
  return withServer(
    newCommand({
      name: 'tokens',
      argument: ['[id]', 'the wait to answer, as the list names it'],
      description: 'list the tasks that wait for their token, oldest first, or answer one of them yourself',
      examples: ['treadle tokens', `treadle tokens 000000000000042.7 --output '{"approved":true}'`],
    })
      .option('--output <json>', 'let the task succeed with this')
      .option('--error <name>', 'let the task fail with this error')
      .option('--cause <text>', 'why it fails')
      .option('--limit <count>', 'list at most so many', wholeNumber({ min: 1, max: PAGE_ITEMS_MAX }), LIMIT_DEFAULT),
  ).action(async (id: string | undefined, options: TokensOptions) => {
    const client = clientOf(context, options);
    const { output, error, cause } = options;
    if (id === undefined) {
      const { waits } = await client.get<OpenWaitsPage>('/api/tokens', { limit: options.limit });
      if (options.json === true) for (const wait of waits) writeJson(context, wait);
      else for (const line of lines(waits, context.terminal.columns)) context.terminal.line(line);
    } else {
      await client.post('/api/tokens/answer', { id, ...(output !== undefined && { output }), error, cause });
      if (options.json === true) writeJson(context, { id });
      else context.terminal.line(`Answered: ${id}`);
    }
    finish(EXIT.succeeded);
  });
}

function lines(waits: readonly OpenWaitRow[], columns: number): readonly string[] {
  if (waits.length === 0) return ['Nothing waits for a token.'];
  const rows = waits.map(({ id, executionArn, state, resource, openedAt, dueAt, parameters }) => [
    id,
    executionArn.split(':').slice(6).join('/'),
    state,
    resource,
    durationText(Math.max(0, Date.now() - openedAt)),
    dueAt === null ? '–' : dateText(dueAt),
    parameters,
  ]);
  return textTable(['ID', 'EXECUTION', 'STATE', 'RESOURCE', 'AGE', 'DEADLINE', 'SENT'], rows, columns);
}
