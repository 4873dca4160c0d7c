import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { ExecutionStatus } from '../../interpreter/execution.js';
import { CliError, usageError } from '../cli-error.js';
import { type CommandTools, newCommand, withServer } from '../command.js';
import { type CliContext, clientOf, type ServerOptions, writeJson } from '../context.js';
import { EXIT, type ExitCode, exitCodeOf } from '../exit-codes.js';
import { followExecution } from '../follow-execution.js';
import { findMachine } from '../names.js';
import type { ServerClient } from '../server-client.js';
import { readableText } from '../views/readable-text.js';

interface RunOptions extends ServerOptions {
  readonly input?: string;
  readonly name?: string;
  readonly follow: boolean;
}

interface DescribedExecution {
  readonly executionArn: string;
  readonly status: ExecutionStatus;
  readonly output?: string;
  readonly error?: string;
  readonly cause?: string;
}

export function runCommand({ context, finish }: CommandTools): Command {
  return withServer(
    newCommand({
      name: 'run',
      argument: ['<machine>', 'name or ARN'],
      description: 'start an execution and follow it until its end (exit code by outcome)',
      examples: ['treadle run orders -i @order.json', `treadle run orders -i '{"customerId": "c-1"}' --no-follow`],
    })
      .alias('start')
      .option('-i, --input <json>', 'input: JSON text, @file, or - for standard input (default: {})')
      .option('--name <name>', 'name of the execution (default: the server makes one)')
      .option('--no-follow', 'print its ARN and return at once'),
  ).action(async (machine: string, options: RunOptions) => finish(await start(context, machine, options)));
}

async function start(context: CliContext, machine: string, options: RunOptions): Promise<ExitCode> {
  const client = clientOf(context, options);
  const input = await readInput(context, options.input ?? '{}');
  const { arn, name, type } = await findMachine(client, machine);
  if (type === 'EXPRESS' && options.follow) return runExpress(context, client, { arn, input, options });
  const { executionArn } = await client.states<{ executionArn: string }>('StartExecution', {
    stateMachineArn: arn,
    input,
    ...(options.name === undefined ? {} : { name: options.name }),
  });
  if (options.json === true) writeJson(context, { type: 'started', executionArn, stateMachineArn: arn });
  else if (options.follow) context.terminal.line(`${name} ${context.terminal.colors.dim(executionArn)}`);
  else context.terminal.line(executionArn);
  if (!options.follow) return EXIT.succeeded;
  return finishOf(context, client, { executionArn, json: options.json === true });
}

/** Express executions have no history to follow: they are waited for. */
async function runExpress(
  context: CliContext,
  client: ServerClient,
  { arn, input, options }: { readonly arn: string; readonly input: string; readonly options: RunOptions },
): Promise<ExitCode> {
  const ended = await client.states<DescribedExecution>('StartSyncExecution', {
    stateMachineArn: arn,
    input,
    ...(options.name === undefined ? {} : { name: options.name }),
  });
  if (options.json === true) writeJson(context, { type: 'ended', ...ended });
  else if (ended.output !== undefined) context.terminal.line(readableText(ended.output));
  else
    context.terminal.problem([ended.status, ended.error, ended.cause].filter((part) => part !== undefined).join(' '));
  return exitCodeOf(ended.status);
}

async function finishOf(
  context: CliContext,
  client: ServerClient,
  { executionArn, json }: { readonly executionArn: string; readonly json: boolean },
): Promise<ExitCode> {
  const ended = await followExecution(context, client, { executionArn, json });
  if (!ended) {
    if (!json) context.terminal.problem(`No longer followed; the execution goes on. See: treadle show ${executionArn}`);
    return EXIT.interrupted;
  }
  const described = await client.states<DescribedExecution>('DescribeExecution', { executionArn });
  if (json) writeJson(context, { type: 'ended', ...described });
  else if (described.output !== undefined) context.terminal.line(readableText(described.output));
  else context.terminal.line(`See why: treadle show ${executionArn.split(':').at(-1)}`);
  return exitCodeOf(described.status);
}

/** The input's text: JSON, checked here, so that its place is named as the person typed it. */
async function readInput(context: CliContext, given: string): Promise<string> {
  const isFile = given.startsWith('@');
  const text = isFile
    ? await readText(resolve(context.folder, given.slice(1)))
    : given === '-'
      ? await context.readInput()
      : given;
  try {
    JSON.parse(text);
  } catch (error) {
    const where = isFile ? given.slice(1) : given === '-' ? 'standard input' : '--input';
    throw usageError(
      `Expected JSON in ${where}, but ${error instanceof Error ? error.message : String(error)}. To read a file: -i @file.json`,
    );
  }
  return text;
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new CliError(
      `Expected an input file '${path}', but ${error instanceof Error ? error.message : String(error)}.`,
      EXIT.usage,
    );
  }
}
