import type { Command } from 'commander';
import type { LogLine, LogsPage } from '../../api/treadle/index.js';
import { PAGE_ITEMS_DEFAULT, PAGE_ITEMS_MAX } from '../../limits.js';
import { CliError } from '../cli-error.js';
import { type CommandTools, newCommand, wholeNumber, withServer } from '../command.js';
import { type CliContext, clientOf, type ServerOptions, writeJson } from '../context.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { findFunction } from '../names.js';
import type { ServerClient } from '../server-client.js';
import type { Colors } from '../terminal.js';
import { clockText } from '../views/durations.js';

interface LogsOptions extends ServerOptions {
  readonly follow?: boolean;
  readonly request?: string;
  readonly limit: number;
}

export function logsCommand({ context, finish }: CommandTools): Command {
  return withServer(
    newCommand({
      name: 'logs',
      argument: ['<function>', 'name or ARN'],
      description: "print a function's log: its output and the START, END and REPORT lines",
      examples: ['treadle logs charge-payment -f', 'treadle logs charge-payment --request 6f1c…'],
    })
      .option('-f, --follow', 'go on with new lines until Ctrl-C')
      .option('--request <id>', 'only lines of one request')
      .option(
        '--limit <lines>',
        'the newest so many lines',
        wholeNumber({ min: 1, max: PAGE_ITEMS_MAX }),
        PAGE_ITEMS_DEFAULT,
      ),
  ).action(async (name: string, options: LogsOptions) => finish(await logs(context, name, options)));
}

async function logs(context: CliContext, name: string, options: LogsOptions): Promise<ExitCode> {
  const client = clientOf(context, options);
  const { arn } = await findFunction(client, name);
  const print = (line: LogLine): void => {
    if (options.json === true) writeJson(context, line);
    else context.terminal.line(logText(line, context.terminal.colors));
  };
  const query = { function: arn, requestId: options.request ?? null };
  const page = await client.get<LogsPage>('/api/logs', { ...query, limit: options.limit });
  page.lines.forEach(print);
  if (options.follow !== true) return EXIT.succeeded;
  await followLines(context, client, { query: { ...query, after: page.next }, print });
  return EXIT.succeeded;
}

async function followLines(
  context: CliContext,
  client: ServerClient,
  { query, print }: { readonly query: Record<string, string | number | null>; readonly print: (line: LogLine) => void },
): Promise<void> {
  try {
    for await (const { event, data } of client.stream('/api/logs', { ...query, follow: 1 }, context.interrupted))
      if (event === 'line') print(JSON.parse(data) as LogLine); // the border: a server of this release
  } catch (error) {
    if (context.interrupted.aborted) return;
    throw error;
  }
  if (!context.interrupted.aborted) throw new CliError('Expected the log to go on, but the server ended the stream.');
}

function logText(line: LogLine, colors: Colors): string {
  const request = line.requestId === null ? '' : `${line.requestId.slice(0, 8)} `;
  const text =
    line.stream === 'stderr' ? colors.red(line.text) : line.stream === 'platform' ? colors.dim(line.text) : line.text;
  return `${colors.dim(`${clockText(line.at)} ${request}`)}${text}`;
}
