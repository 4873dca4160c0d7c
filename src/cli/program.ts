import { Command, CommanderError } from 'commander';
import { suggestion } from '../templates/suggestion.js';
import { CliError } from './cli-error.js';
import type { CommandTools } from './command.js';
import { backupCommand } from './commands/backup.js';
import { createCommand } from './commands/create.js';
import { deployCommand } from './commands/deploy.js';
import { doctorCommand } from './commands/doctor.js';
import { envCommand } from './commands/env.js';
import { historyCommand } from './commands/history.js';
import { initCommand } from './commands/init.js';
import { installCommand, uninstallCommand } from './commands/install.js';
import { logsCommand } from './commands/logs.js';
import { lsCommand } from './commands/ls.js';
import { mailCommand } from './commands/mail.js';
import { redriveCommand } from './commands/redrive.js';
import { restoreCommand } from './commands/restore.js';
import { runCommand } from './commands/run.js';
import { showCommand } from './commands/show.js';
import { stopCommand } from './commands/stop.js';
import { tokensCommand } from './commands/tokens.js';
import { upCommand } from './commands/up.js';
import { validateCommand } from './commands/validate.js';
import type { CliContext } from './context.js';
import { EXIT, type ExitCode } from './exit-codes.js';

const CLOSING_HELP = `
Exit codes: 0 succeeded, 1 failed, 2 wrong usage, 3 timed out, 4 aborted, 5 no server answers.
Colours: NO_COLOR=1 turns them off.

Examples:
  treadle up
  treadle run orders -i @order.json`;

/** Wider help is harder to read. */
const HELP_COLUMNS_MAX = 100;

/** Runs one command line; answers with the exit code. Everything is printed by then. */
export async function runCli(args: readonly string[], context: CliContext, version: string): Promise<ExitCode> {
  let code: ExitCode = EXIT.succeeded;
  const program = buildProgram({ context, finish: (given) => (code = given) }, version);
  try {
    await program.parseAsync([...args], { from: 'user' });
    return code;
  } catch (error) {
    return report(error, { args, context, program });
  }
}

function buildProgram(tools: CommandTools, version: string): Command {
  const { terminal } = tools.context;
  const program = new Command('treadle')
    .description('Durable, AWS Step Functions-compatible business processes on your own machine.')
    .version(version)
    .addHelpText('after', CLOSING_HELP);
  const commands = [
    upCommand,
    deployCommand,
    initCommand,
    createCommand,
    runCommand,
    lsCommand,
    showCommand,
    historyCommand,
    logsCommand,
    stopCommand,
    redriveCommand,
    tokensCommand,
    validateCommand,
    envCommand,
    doctorCommand,
    mailCommand,
    backupCommand,
    restoreCommand,
    installCommand,
    uninstallCommand,
  ];
  for (const make of commands) program.addCommand(make(tools));
  for (const command of withParts(program)) {
    command.exitOverride().configureOutput({
      writeOut: (text) => terminal.line(text.trimEnd()),
      // Printed by `report`, once and in our words.
      writeErr: () => undefined,
      getOutHelpWidth: () => Math.min(terminal.columns, HELP_COLUMNS_MAX),
    });
  }
  return program;
}

/** A command and the commands below it. */
const withParts = (command: Command): readonly Command[] => [command, ...command.commands.flatMap(withParts)];

interface Failure {
  readonly args: readonly string[];
  readonly context: CliContext;
  readonly program: Command;
}

function report(error: unknown, { args, context, program }: Failure): ExitCode {
  if (error instanceof CommanderError && error.exitCode === 0) return EXIT.succeeded; // --help, --version
  const failure = asCliError(error, args, program);
  if (failure === null) throw error;
  if (args.includes('--json'))
    context.terminal.problem(JSON.stringify({ type: 'error', error: failure.code, message: failure.message }));
  else context.terminal.problem(context.terminal.colors.red(failure.message));
  return failure.exitCode;
}

function asCliError(error: unknown, args: readonly string[], program: Command): CliError | null {
  if (error instanceof CliError) return error;
  if (error instanceof Error && isOfThePlace(error)) return new CliError(error.message);
  if (!(error instanceof CommanderError)) return null;
  const { parent, name, word } = namedCommand(program, args);
  const names = parent.commands.flatMap((command) => [command.name(), ...command.aliases()]);
  const of = parent === program ? 'treadle' : `treadle ${parent.name()}`;
  if (error.code === 'commander.help')
    return new CliError(
      `Expected a command: ${parent.commands.map((command) => command.name()).join(', ')}. See: ${of} --help`,
      EXIT.usage,
    );
  if (error.code === 'commander.unknownCommand' || name === null)
    return new CliError(
      `Expected a command of ${of}, but '${word}' is none.${suggestion(word, names)} See: ${of} --help`,
      EXIT.usage,
    );
  const text = error.message
    .replace(/^error: /, '')
    .replaceAll('\n', ' ')
    .replace(/\.$/, '');
  return new CliError(`${text.charAt(0).toUpperCase()}${text.slice(1)}. See: ${of} ${name} --help`, EXIT.usage);
}

/** The command that was meant: `name` in its parent, which is the program or a command with parts; null when there is none of the name. */
function namedCommand(
  program: Command,
  args: readonly string[],
): { readonly parent: Command; readonly name: string | null; readonly word: string } {
  const words = args.filter((arg) => !arg.startsWith('-'));
  const [word = '', part = ''] = words;
  const command = commandOf(program, word);
  if (command === undefined || command.commands.length === 0)
    return { parent: program, name: command?.name() ?? null, word };
  return { parent: command, name: commandOf(command, part)?.name() ?? null, word: part };
}

const commandOf = (parent: Command, word: string): Command | undefined =>
  parent.commands.find((command) => command.name() === word || command.aliases().includes(word));

/** Thrown by the server for what the person can mend; their messages say how. */
const FAULTS_OF_THE_PLACE = new Set([
  'PortInUse',
  'AddressUnusable',
  'StoreInUse',
  'StoreUnavailable',
  'TemplateError',
  'BackupRefused',
]);

/** A busy port, a data folder in use or not writable, an unreadable template: no fault of ours, so no stack. */
const isOfThePlace = (error: Error): boolean => FAULTS_OF_THE_PLACE.has(error.name) || 'syscall' in error;
