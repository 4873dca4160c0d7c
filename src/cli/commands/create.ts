import { Command, Option } from 'commander';
import { type CommandTools, newCommand } from '../command.js';
import { type CliContext, writeJson } from '../context.js';
import { type Creation, Project } from '../create/project.js';
import { STARTER_RUNTIMES, type StarterRuntime } from '../create/starter-code.js';
import { EXIT } from '../exit-codes.js';

interface Shared {
  readonly name: string;
  readonly json?: boolean;
}

interface StepOptions extends Shared {
  readonly description?: string;
  readonly variableId: readonly string[];
  readonly function?: string;
  readonly task?: string;
  readonly runtime: StarterRuntime;
}

/** `treadle create task|step|variable|function`: writes or extends the ASL file and the template of the current folder. */
export function createCommand(tools: CommandTools): Command {
  const command = newCommand({
    name: 'create',
    description: 'write or extend an ASL file and a template in this folder: task, step, variable, function',
    examples: [
      'treadle create task --name orders --description "What happens to an order"',
      'treadle create step --name analyse --variableId limit',
    ],
  });
  return command
    .addCommand(taskCommand(tools))
    .addCommand(stepCommand(tools))
    .addCommand(variableCommand(tools))
    .addCommand(functionCommand(tools));
}

const taskCommand = (tools: CommandTools): Command =>
  part('task', 'a state machine: an ASL file, and its resource in the template')
    .option('--description <text>', 'what it is for')
    .action((options: Shared & { readonly description?: string }) =>
      make(tools, options, (project) => project.createTask(options.name, options.description ?? null)),
    );

const stepCommand = (tools: CommandTools): Command =>
  withRuntime(part('step', 'a state after the last one, and the function that it calls'))
    .option('--description <text>', 'what it does')
    .option('--variableId <id>', 'a variable that its code gets; repeatable', collect, [])
    .option('--function <name>', 'the function that it calls (default: one of its own)')
    .option('--task <name>', 'the task (default: the only one)')
    .action((options: StepOptions) =>
      make(tools, options, (project) =>
        project.createStep({
          name: options.name,
          description: options.description ?? null,
          variables: options.variableId,
          functionName: options.function ?? null,
          runtime: options.runtime,
          task: options.task ?? null,
        }),
      ),
    );

const variableCommand = (tools: CommandTools): Command =>
  part('variable', 'a value that steps may ask for by its id')
    .requiredOption('--value <value>', 'JSON, or text')
    .option('--task <name>', 'the task (default: the only one)')
    .action((options: Shared & { readonly value: string; readonly task?: string }) =>
      make(tools, options, (project) => project.createVariable(options.name, options.value, options.task ?? null)),
    );

const functionCommand = (tools: CommandTools): Command =>
  withRuntime(part('function', 'a function: its code, and its resource in the template'))
    .requiredOption('--handler <name>', 'the function in its code, as your_lambda_function or app.your_lambda_function')
    .action((options: Shared & { readonly handler: string; readonly runtime: StarterRuntime }) =>
      make(tools, options, (project) => project.createFunction(options.name, options.handler, options.runtime)),
    );

const part = (name: Creation['kind'], description: string): Command =>
  new Command(name).description(description).requiredOption('--name <name>', 'its name').option('--json', 'print JSON');

const withRuntime = (command: Command): Command =>
  command.addOption(
    new Option('--runtime <name>', 'language of the code').choices(STARTER_RUNTIMES).default(STARTER_RUNTIMES[0]),
  );

const collect = (value: string, values: readonly string[]): readonly string[] => [...values, value];

async function make(
  { context, finish }: CommandTools,
  { json }: Shared,
  create: (project: Project) => Promise<Creation>,
): Promise<void> {
  const creation = await create(await Project.open(context.folder));
  if (json === true) writeJson(context, creation);
  else print(context, creation);
  finish(EXIT.succeeded);
}

const NEXT: Readonly<Record<Creation['kind'], string>> = {
  task: 'treadle create step --name …',
  variable: 'treadle create step --name … --variableId …',
  function: 'treadle create step --name … --function …',
  step: 'write its code, then: treadle up, and treadle run',
};

function print({ terminal }: CliContext, { kind, name, id, files }: Creation): void {
  const { green, dim } = terminal.colors;
  terminal.line(`${green('✓')} ${kind} ${name}${id === null || id === name ? '' : ` (its id is ${id})`}`);
  for (const file of files) terminal.line(`  ${dim('wrote')} ${file}`);
  terminal.line(`Next: ${NEXT[kind]}`);
}
