import type { Command } from 'commander';
import { type CommandTools, EXECUTION_ARGUMENT, newCommand, withServer } from '../command.js';
import { clientOf, type ServerOptions, writeJson } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { findExecution } from '../names.js';

export function redriveCommand({ context, finish }: CommandTools): Command {
  return withServer(
    newCommand({
      name: 'redrive',
      argument: EXECUTION_ARGUMENT,
      description: 'let an execution that failed, timed out or was stopped go on where it was',
      examples: ['treadle redrive last', 'treadle redrive orders/last && treadle history last'],
    }),
  ).action(async (execution: string, options: ServerOptions) => {
    const client = clientOf(context, options);
    const executionArn = await findExecution(client, execution);
    const { redriveDate } = await client.states<{ redriveDate: number }>('RedriveExecution', { executionArn });
    if (options.json === true) writeJson(context, { executionArn, redriveDate });
    else context.terminal.line(`Goes on: ${executionArn}`);
    finish(EXIT.succeeded);
  });
}
