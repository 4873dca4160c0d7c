import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { CliError } from '../cli-error.js';
import { type CommandTools, newCommand } from '../command.js';
import { type CliContext, writeJson } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { systemdUnit, UNIT_MARK } from '../systemd-unit.js';

interface InstallOptions {
  readonly user?: boolean;
  readonly dryRun?: boolean;
  readonly start: boolean;
  readonly data?: string;
  readonly json?: boolean;
}

const UNIT = 'treadle.service';

export function installCommand({ context, finish }: CommandTools): Command {
  return newCommand({
    name: 'install',
    argument: ['[up...]', 'after --: template and options of treadle up'],
    description: 'let systemd run the server, from the start of the machine on',
    examples: ['sudo treadle install -- /srv/shop/template.yaml', 'treadle install --user --dry-run -- --port 4600'],
  })
    .option('--user', "in your own service manager; else in the machine's, which needs root")
    .option('--data <folder>', 'data folder (default: /var/lib/treadle, with --user ~/.local/share/treadle)')
    .option('--no-start', 'write the unit only')
    .option('--dry-run', 'only print what would be written')
    .option('--json', 'print JSON')
    .action((upArguments: readonly string[], options: InstallOptions) => {
      install(context, upArguments, options);
      finish(EXIT.succeeded);
    });
}

export function uninstallCommand({ context, finish }: CommandTools): Command {
  return newCommand({
    name: 'uninstall',
    description: 'stop the server that treadle install set up, and remove its unit; its data stays',
    examples: ['sudo treadle uninstall', 'treadle uninstall --user'],
  })
    .option('--user', 'the one in your own service manager')
    .option('--json', 'print JSON')
    .action((options: InstallOptions) => {
      uninstall(context, options);
      finish(EXIT.succeeded);
    });
}

function install(context: CliContext, given: readonly string[], options: InstallOptions): void {
  const { terminal } = context;
  const isForUser = options.user === true;
  const path = unitPath(context, isForUser);
  const upArguments = given.map((word) => pathOf(context, word));
  const text = systemdUnit({
    isForUser,
    program: [process.execPath, fileURLToPath(new URL('../../../bin/treadle.mjs', import.meta.url))],
    upArguments,
    dataFolder: dataFolderOf(context, options),
    writableFolders: upArguments.filter((_, index) => upArguments[index - 1] === '--backup-folder'),
  });
  const isDry = options.dryRun === true;
  if (!isDry) writeUnit(path, text);
  if (options.json === true) writeJson(context, { path, unit: text, isWritten: !isDry });
  else for (const line of [terminal.colors.dim(`# ${path}`), text.trimEnd()]) terminal.line(line);
  if (isDry) return;
  const data = dataFolderOf(context, options);
  if (data !== null) mkdirSync(data, { recursive: true, mode: 0o700 });
  const commands = [
    ['daemon-reload'],
    ...(options.start
      ? [
          ['enable', UNIT],
          ['restart', UNIT],
        ]
      : []),
  ];
  for (const command of commands) systemctl(isForUser, command);
  if (options.json === true) return;
  const manager = isForUser ? '--user ' : '';
  terminal.line('');
  terminal.line(`Wrote ${path}${options.start ? ' and started it' : ''}`);
  terminal.line(`Next: systemctl ${manager}status treadle, journalctl ${manager}-u treadle`);
  if (isForUser) terminal.line('To keep it running after you log out: loginctl enable-linger');
}

function uninstall(context: CliContext, options: InstallOptions): void {
  const isForUser = options.user === true;
  const path = unitPath(context, isForUser);
  if (!existsSync(path)) throw new CliError(`Expected a unit '${path}', but there is none. Nothing to remove.`);
  assertOurs(path);
  assertSystemd();
  systemctl(isForUser, ['disable', '--now', UNIT]);
  explained(path, () => rmSync(path));
  systemctl(isForUser, ['daemon-reload']);
  if (options.json === true) writeJson(context, { path });
  else context.terminal.line(`Removed ${path}; the data stays where it is.`);
}

function unitPath({ environment }: CliContext, isForUser: boolean): string {
  if (!isForUser) return join('/etc/systemd/system', UNIT);
  const home = environment.HOME ?? homedir();
  return join(environment.XDG_CONFIG_HOME ?? join(home, '.config'), 'systemd', 'user', UNIT);
}

/** Null: systemd makes and names it. In a user's own manager that would be the place for configuration, so it is named. */
function dataFolderOf({ folder, environment }: CliContext, { data, user }: InstallOptions): string | null {
  if (data !== undefined) return resolve(folder, data);
  if (user !== true) return null;
  return join(environment.XDG_DATA_HOME ?? join(environment.HOME ?? homedir(), '.local', 'share'), 'treadle');
}

/** A template or folder that is meant from here: the service works elsewhere. */
function pathOf({ folder }: CliContext, word: string): string {
  const path = resolve(folder, word);
  return !word.startsWith('-') && /[./]/.test(word) && existsSync(path) ? path : word;
}

function assertSystemd(): void {
  if (existsSync('/run/systemd/system')) return;
  throw new CliError(
    'Expected systemd to run on this machine, but it does not. Use --dry-run to see the unit, or run treadle up in a container or under another service manager.',
  );
}

function assertOurs(path: string): void {
  if (!existsSync(path) || readFileSync(path, 'utf8').startsWith(UNIT_MARK)) return;
  throw new CliError(`Expected '${path}' to be written by treadle install, but it is not. Move it away first.`);
}

function writeUnit(path: string, text: string): void {
  assertSystemd();
  assertOurs(path);
  explained(path, () => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  });
}

function explained(path: string, work: () => void): void {
  try {
    work();
  } catch (fault) {
    const text = fault instanceof Error ? fault.message : String(fault);
    throw new CliError(
      `Expected to be able to write '${path}', but it is not possible (${text}). Use sudo, or --user.`,
    );
  }
}

function systemctl(isForUser: boolean, command: readonly string[]): void {
  const all = [...(isForUser ? ['--user'] : []), ...command];
  const { status, stderr, error } = spawnSync('systemctl', all, { encoding: 'utf8' });
  if (status === 0) return;
  throw new CliError(
    `Expected 'systemctl ${all.join(' ')}' to work, but ${(error?.message ?? stderr.trim()) || `it ended with ${status}`}`,
  );
}
