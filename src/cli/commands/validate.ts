import { relative, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { type CommandTools, collectPair, newCommand } from '../command.js';
import { type CliContext, regionOf, writeJson } from '../context.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import type { Validation } from '../validation.js';

interface ValidateOptions {
  readonly type: 'STANDARD' | 'EXPRESS';
  readonly parameter?: Readonly<Record<string, string>>;
  readonly region?: string;
  readonly account: string;
  readonly json?: boolean;
}

export function validateCommand({ context, finish }: CommandTools): Command {
  return newCommand({
    name: 'validate',
    argument: ['<file>', 'ASL file, template or CDK assembly'],
    description:
      'check an ASL file (.asl.json, .asl.yaml), a template or a CDK assembly; needs no server, exit code 1 on errors',
    examples: ['treadle validate orders.asl.json', 'treadle validate cdk.out'],
  })
    .addOption(new Option('--type <type>', 'of an ASL file').choices(['STANDARD', 'EXPRESS']).default('STANDARD'))
    .option('--parameter <Name=value>', 'a parameter of the template; repeatable', collectPair)
    .option('--region <region>', 'default: $AWS_REGION or us-east-1')
    .option('--account <id>', 'account in ARNs', '000000000000')
    .option('--json', 'print JSON, one object per finding')
    .action(async (file: string, options: ValidateOptions) => finish(await validate(context, file, options)));
}

async function validate(context: CliContext, given: string, options: ValidateOptions): Promise<ExitCode> {
  const path = resolve(context.folder, given);
  const shown = relative(process.cwd(), path);
  const { type, account } = options;
  // Loaded only here: the other commands start quickly without the language.
  const { validateFile } = await import('../validation.js');
  const validation = await validateFile({
    file: shown.startsWith('..') ? path : shown,
    type,
    region: regionOf(context, options),
    account,
    parameters: options.parameter ?? {},
  });
  if (options.json === true) for (const finding of validation.findings) writeJson(context, finding);
  else print(context, given, validation);
  return errorsOf(validation) > 0 ? EXIT.failed : EXIT.succeeded;
}

function print({ terminal }: CliContext, given: string, validation: Validation): void {
  const { colors } = terminal;
  for (const { severity, text } of validation.findings)
    terminal.line(severity === 'ERROR' ? `${colors.red('error')}   ${text}` : `${colors.yellow('warning')} ${text}`);
  const errors = errorsOf(validation);
  const warnings = validation.findings.length - errors;
  const counts = warnings === 0 ? '' : ` (${warnings} warning${warnings === 1 ? '' : 's'})`;
  if (errors === 0) terminal.line(`${colors.green('✓')} ${given} is a valid ${validation.kind}${counts}`);
  else terminal.line(`${colors.red('✗')} ${given}: ${errors} error${errors === 1 ? '' : 's'}${counts}`);
}

const errorsOf = ({ findings }: Validation): number => findings.filter(({ severity }) => severity === 'ERROR').length;
