import { existsSync, readdirSync } from 'node:fs';
import { cp, readFile } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { suggestion } from '../../templates/suggestion.js';
import { usageError } from '../cli-error.js';
import { type CommandTools, newCommand } from '../command.js';
import { writeJson } from '../context.js';
import { EXIT } from '../exit-codes.js';

/** The applications that come with Treadle, in a checkout and in a package alike. */
const APPLICATIONS = fileURLToPath(new URL('../../../apps/', import.meta.url));
/** What belongs to Treadle's own repository and not to the application. */
const LEFT_OUT = new Set([
  'test',
  'node_modules',
  '.treadle',
  '.aws-sam',
  'cdk',
  'cdk.out',
  'package.json',
  'tsconfig.json',
]);
const TEMPLATE = 'template.yaml';

/** `treadle init NAME`: an application of Treadle's own, copied into a folder to start from. */
export function initCommand({ context, finish }: CommandTools): Command {
  return newCommand({
    name: 'init',
    argument: ['[application]', 'which one; without it, they are listed'],
    description: 'copy one of the applications that come with Treadle into a folder, to start from',
    examples: ['treadle init hello', 'treadle init booking --folder shop'],
  })
    .option('--folder <folder>', "where to (default: the application's name)")
    .option('--json', 'print JSON')
    .action(async (name: string | undefined, options: { readonly folder?: string; readonly json?: boolean }) => {
      const { terminal } = context;
      if (name === undefined) {
        const applications = await Promise.all(applicationNames().map(described));
        if (options.json === true) for (const application of applications) writeJson(context, application);
        else for (const { name, description } of applications) terminal.line(`${name.padEnd(20)} ${description}`);
        return finish(EXIT.succeeded);
      }
      const folder = resolve(context.folder, options.folder ?? name);
      await copy(name, folder);
      const shown = relative(context.folder, folder) || '.';
      if (options.json === true) writeJson(context, { name, folder, template: join(folder, TEMPLATE) });
      else {
        terminal.line(
          `${terminal.colors.green('✓')} ${name} is in ${shown}. How to try it: ${join(shown, 'README.md')}`,
        );
        terminal.line(`Next: ${shown === '.' ? '' : `cd ${shown} && `}treadle up`);
      }
      finish(EXIT.succeeded);
    });
}

const applicationNames = (): readonly string[] =>
  readdirSync(APPLICATIONS)
    .filter((name) => existsSync(join(APPLICATIONS, name, TEMPLATE)))
    .sort();

async function described(name: string): Promise<{ readonly name: string; readonly description: string }> {
  const { parseDocument } = await import('yaml');
  const document = parseDocument(await readFile(join(APPLICATIONS, name, TEMPLATE), 'utf8'), { logLevel: 'silent' });
  return { name, description: String(document.get('Description') ?? '') };
}

async function copy(name: string, folder: string): Promise<void> {
  const names = applicationNames();
  if (!names.includes(name))
    throw usageError(`Expected one of ${names.join(', ')}, but it is '${name}'.${suggestion(name, names)}`);
  if (existsSync(folder) && readdirSync(folder).length > 0)
    throw usageError(`Expected a new or empty folder, but ${folder} has files. Name another one: --folder <folder>`);
  const from = join(APPLICATIONS, name);
  await cp(from, folder, {
    recursive: true,
    filter: (path) => {
      const [first = ''] = relative(from, path).split(sep);
      return !LEFT_OUT.has(first) && !path.includes('__pycache__');
    },
  });
}
