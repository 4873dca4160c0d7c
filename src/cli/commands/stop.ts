import type { Command } from 'commander';
import { type CommandTools, EXECUTION_ARGUMENT, newCommand, withServer } from '../command.js';
import { clientOf, type ServerOptions, writeJson } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { findExecution } from '../names.js';

interface StopOptions extends ServerOptions {
  readonly error?: string;
  readonly cause?: string;
}

export function stopCommand({ context, finish }: CommandTools): Command {
  return withServer(
    newCommand({
      name: 'stop',
      argument: EXECUTION_ARGUMENT,
      description: 'stop a running execution',
      examples: ['treadle stop last', 'treadle stop orders/last --error Cancelled --cause "The customer called"'],
    })
      .option('--error <name>', 'error that its history shows')
      .option('--cause <text>', 'cause that its history shows'),
  ).action(async (execution: string, options: StopOptions) => {
    const client = clientOf(context, options);
    const executionArn = await findExecution(client, execution);
    const { stopDate } = await client.states<{ stopDate: number }>('StopExecution', {
      executionArn,
      ...(options.error === undefined ? {} : { error: options.error }),
      ...(options.cause === undefined ? {} : { cause: options.cause }),
    });
    // Stopping what has ended is no error, but nothing was stopped.
    const { status } = await client.states<{ status: string }>('DescribeExecution', { executionArn });
    if (options.json === true) writeJson(context, { executionArn, stopDate, status });
    else
      context.terminal.line(
        status === 'ABORTED' ? `Stopped ${executionArn}` : `It had ended already: ${status} ${executionArn}`,
      );
    finish(EXIT.succeeded);
  });
}
