import type { Command } from 'commander';
import { HIGHEST_QUOTAS, PAGE_ITEMS_MAX } from '../../limits.js';
import { type CommandTools, EXECUTION_ARGUMENT, newCommand, wholeNumber, withServer } from '../command.js';
import { type CliContext, clientOf, type ServerOptions, writeJson } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { findExecution } from '../names.js';
import type { ServerClient } from '../server-client.js';
import { HISTORY_HEADINGS, type HistoryEvent, historyRows } from '../views/history-rows.js';
import { textTable } from '../views/text-table.js';

interface HistoryOptions extends ServerOptions {
  readonly reverse?: boolean;
  readonly limit: number;
}

interface HistoryPage {
  readonly events: readonly HistoryEvent[];
  readonly nextToken?: string;
}

export function historyCommand({ context, finish }: CommandTools): Command {
  return withServer(
    newCommand({
      name: 'history',
      argument: EXECUTION_ARGUMENT,
      description: 'list the events of an execution',
      examples: ['treadle history last', 'treadle history orders/last --reverse --limit 10'],
    })
      .option('--reverse', 'newest first')
      .option(
        '--limit <count>',
        'at most so many events',
        wholeNumber({ min: 1, max: HIGHEST_QUOTAS.historyEventsMax }),
        HIGHEST_QUOTAS.historyEventsMax,
      ),
  ).action(async (execution: string, options: HistoryOptions) => {
    await history(context, execution, options);
    finish(EXIT.succeeded);
  });
}

async function history(context: CliContext, execution: string, options: HistoryOptions): Promise<void> {
  const client = clientOf(context, options);
  const executionArn = await findExecution(client, execution);
  const events = await readHistory(client, executionArn, options);
  if (options.json === true) {
    for (const event of events) writeJson(context, event);
    return;
  }
  const { startDate } = await client.states<{ startDate: number }>('DescribeExecution', { executionArn });
  const table = textTable(HISTORY_HEADINGS, historyRows(events, startDate * 1000), context.terminal.columns);
  for (const line of table) context.terminal.line(line);
}

async function readHistory(
  client: ServerClient,
  executionArn: string,
  options: HistoryOptions,
): Promise<HistoryEvent[]> {
  const events: HistoryEvent[] = [];
  let nextToken: string | undefined;
  do {
    const page: HistoryPage = await client.states('GetExecutionHistory', {
      executionArn,
      maxResults: Math.min(PAGE_ITEMS_MAX, options.limit - events.length),
      reverseOrder: options.reverse === true,
      ...(nextToken === undefined ? {} : { nextToken }),
    });
    events.push(...page.events);
    nextToken = page.nextToken;
  } while (nextToken !== undefined && events.length < options.limit);
  return events;
}
