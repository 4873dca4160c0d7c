import { Command, InvalidArgumentError } from 'commander';
import type { CliContext } from './context.js';
import type { ExitCode } from './exit-codes.js';

/** What a command is made with; `finish` takes the exit code of the process. */
export interface CommandTools {
  readonly context: CliContext;
  readonly finish: (code: ExitCode) => void;
}

interface CommandText {
  readonly name: string;
  /** As `<execution>` or `[template]`, and what it may be. */
  readonly argument?: readonly [usage: string, description: string];
  readonly description: string;
  /** Two, as a person would type them. */
  readonly examples: readonly [string, string];
}

export function newCommand({ name, argument, description, examples }: CommandText): Command {
  const command = new Command(name);
  if (argument !== undefined) command.argument(...argument);
  return command
    .description(description)
    .addHelpText('after', `\nExamples:\n${examples.map((example) => `  ${example}`).join('\n')}`);
}

/** How an execution may be named; see `findExecution`. */
export const EXECUTION_ARGUMENT = ['<execution>', 'ARN, name, machine/name, machine/last, or last'] as const;

/** The options of every command that talks to a running server. */
export const withServer = (command: Command): Command =>
  command
    .option('--endpoint <url>', 'the server (default: $AWS_ENDPOINT_URL or http://127.0.0.1:4566)')
    .option('--region <region>', 'region of names (default: $AWS_REGION or us-east-1)')
    .option('--json', 'print JSON, one object per line where there are several');

/** Option parser for whole numbers in a range. */
export function wholeNumber(range: { readonly min: number; readonly max: number }): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < range.min || value > range.max)
      throw new InvalidArgumentError(`Expected a whole number from ${range.min} to ${range.max}.`);
    return value;
  };
}

/** Collects repeated `Name=value` options. */
export function collectPair(text: string, before: Readonly<Record<string, string>> = {}): Record<string, string> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('Expected Name=value.');
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}
