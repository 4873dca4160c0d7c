import type { Command } from 'commander';
import type { Why } from '../../api/treadle/index.js';
import type { ExecutionStatus } from '../../interpreter/execution.js';
import { type CommandTools, EXECUTION_ARGUMENT, newCommand, withServer } from '../command.js';
import { type CliContext, clientOf, type ServerOptions, writeJson } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { findExecution } from '../names.js';
import { dateText, durationText } from '../views/durations.js';
import { statusText } from '../views/follow-view.js';
import { readableText } from '../views/readable-text.js';
import { cut } from '../views/text-table.js';

/** DescribeExecution's answer; times are epoch seconds. */
interface Description {
  readonly executionArn: string;
  readonly stateMachineArn: string;
  readonly name: string;
  readonly status: ExecutionStatus;
  readonly startDate: number;
  readonly stopDate?: number;
  readonly input?: string;
  readonly output?: string;
  readonly error?: string;
  readonly cause?: string;
}

export function showCommand({ context, finish }: CommandTools): Command {
  return withServer(
    newCommand({
      name: 'show',
      argument: EXECUTION_ARGUMENT,
      description: 'show one execution and, when it failed, why',
      examples: ['treadle show last', 'treadle show orders/last --json'],
    }),
  ).action(async (execution: string, options: ServerOptions) => {
    await show(context, execution, options);
    finish(EXIT.succeeded);
  });
}

async function show(context: CliContext, execution: string, options: ServerOptions): Promise<void> {
  const client = clientOf(context, options);
  const executionArn = await findExecution(client, execution);
  const [description, why] = await Promise.all([
    client.states<Description>('DescribeExecution', { executionArn }),
    client.get<Why>('/api/executions/why', { arn: executionArn }),
  ]);
  if (options.json === true) return writeJson(context, { ...description, why: why.sentence, whyState: why.state });
  for (const line of descriptionLines(description, why, context)) context.terminal.line(line);
}

function descriptionLines(description: Description, why: Why, { terminal }: CliContext): string[] {
  const { colors } = terminal;
  const startAt = description.startDate * 1000;
  const stopAt = description.stopDate === undefined ? Date.now() : description.stopDate * 1000;
  const member = (name: string, text: string | undefined): string[] =>
    text === undefined ? [] : [`  ${colors.dim(name.padEnd(9))} ${text}`];
  const short = (text: string | undefined): string | undefined =>
    text === undefined ? undefined : cut(readableText(text).replace(/\s+/g, ' '), Math.max(40, terminal.columns - 14));
  return [
    `${statusText(description.status, colors)}  ${description.stateMachineArn.split(':').at(-1)} / ${description.name}`,
    ...member('started', dateText(startAt)),
    ...member('duration', durationText(stopAt - startAt)),
    ...member('input', short(description.input)),
    ...member('output', short(description.output)),
    ...member('error', description.error),
    ...(description.status === 'SUCCEEDED' ? [] : member('why', why.sentence)),
    ...member('arn', description.executionArn),
    colors.dim(`  Every event: treadle history ${description.name}`),
  ];
}
