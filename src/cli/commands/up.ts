import { relative, resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { DeployReport } from '../../api/treadle/index.js';
import { BACKUP_KEEP_DAYS_DEFAULT, BACKUP_KEEP_DAYS_MAX, BACKUP_TIME_DEFAULT } from '../../limits/services.js';
import { type Quotas, RETENTION_DAYS_DEFAULT } from '../../limits.js';
import type { BackupSettings } from '../../server/backup/backups.js';
import { timeOfDay } from '../../server/backup/schedule.js';
import type { RunningServer } from '../../server/index.js';
import { usageError } from '../cli-error.js';
import { type CommandTools, newCommand, wholeNumber } from '../command.js';
import { type CliContext, regionOf, writeJson } from '../context.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { smtpOf } from '../mail-settings.js';
import { quotaNames, quotasOf as quotasIn, withQuota } from '../quotas.js';
import { remoteOf } from '../remote-settings.js';
import { type LogFormat, serverLog } from '../server-log.js';
import { templateFile } from '../template-file.js';
import { throttleOf } from '../throttle.js';
import { deployLines, isDeployed } from '../views/deploy-lines.js';
import { type TemplateOptions, withTemplate } from './deploy.js';

interface UpOptions extends TemplateOptions {
  readonly port: number;
  readonly host: string;
  readonly data: string;
  readonly region?: string;
  readonly account: string;
  readonly retentionDays: number;
  readonly backupAt?: readonly number[];
  readonly backupKeep: number;
  readonly backupFolder?: string;
  readonly backup: boolean;
  readonly allowHost: readonly string[];
  readonly quota: readonly string[];
  readonly throttle: readonly string[];
  readonly smtp?: string;
  readonly alarms?: string;
  readonly remote: readonly string[];
  readonly log: LogFormat;
  readonly logFile?: string;
  readonly json?: boolean;
}

const PORT_DEFAULT = 4566;
const PORT_MAX = 65_535;
const RETENTION_DAYS_MAX = 36_500;
const ACCOUNT_DEFAULT = '000000000000';

export function upCommand({ context, finish }: CommandTools): Command {
  return withTemplate(
    newCommand({
      name: 'up',
      argument: ['[template]', 'default: ./template.yaml if there is one'],
      description: 'start the server, deploy the template and serve until Ctrl-C',
      examples: ['treadle up', 'treadle up shop/template.yaml --port 4600 --data ./shop-data'],
    })
      .option(
        '--port <number>',
        'port to listen on; 0 takes a free one',
        wholeNumber({ min: 0, max: PORT_MAX }),
        PORT_DEFAULT,
      )
      .option('--host <address>', 'address to listen on', '127.0.0.1')
      .option('--data <folder>', 'where everything is kept', './.treadle')
      .option('--region <region>', 'where the template goes (default: $AWS_REGION or us-east-1)')
      .option('--account <id>', 'account in ARNs', accountId, ACCOUNT_DEFAULT)
      .option(
        '--retention-days <days>',
        'how long ended executions are kept',
        wholeNumber({ min: 1, max: RETENTION_DAYS_MAX }),
        RETENTION_DAYS_DEFAULT,
      )
      .option(
        '--backup-at <time>',
        `when backups are made, local time; may be given again (default: ${BACKUP_TIME_DEFAULT})`,
        collectTime,
      )
      .option(
        '--backup-keep <days>',
        'of how many days the newest scheduled backup is kept',
        wholeNumber({ min: 1, max: BACKUP_KEEP_DAYS_MAX }),
        BACKUP_KEEP_DAYS_DEFAULT,
      )
      .option('--backup-folder <folder>', 'where backups go (default: backups in the data folder)')
      .option('--no-backup', 'make no backups by the clock')
      .option('--allow-host <name>', 'a further name of this server in Host headers; may be given again', collect, [])
      .option(
        '--quota <name=value>',
        `a quota above AWS's (${quotaNames.join(', ')}); may be given again (default: $TREADLE_QUOTAS, separated by commas)`,
        collect,
        [],
      )
      .option(
        '--throttle <what>',
        'answer ThrottlingException beyond so many calls of an action of Step Functions at once and a second: aws (its quotas), StartExecution=100/10, *=50/5; may be given again (default: $TREADLE_THROTTLE, separated by commas)',
        collect,
        [],
      )
      .option(
        '--smtp <url>',
        'send mails, by smtp://user:password@host:port?from=address (default: $TREADLE_SMTP, else they are written to the data folder)',
      )
      .option(
        '--alarms <address>',
        'mail address that hears of failed executions, a disk that is nearly full, and waits of over a day',
        mailAddress,
      )
      .option(
        '--remote <what=where>',
        'calls that go elsewhere, with real credentials: dynamodb=aws, s3=http://minio:9000, function/NAME=aws, state/MACHINE/STATE=aws, *=aws (whatever is not run here); may be given again (default: $TREADLE_REMOTE, separated by commas)',
        collect,
        [],
      )
      .addOption(
        new Option('--log <format>', 'how warnings and faults are written').choices(['text', 'json']).default('text'),
      )
      .option('--log-file <file>', 'write them to a file of bounded size instead of standard error')
      .option('--json', 'print JSON, one object per line'),
  ).action(async (given: string | undefined, options: UpOptions) => finish(await up(context, given, options)));
}

const collect = (name: string, names: readonly string[]): readonly string[] => [...names, name];

function collectTime(text: string, times: readonly number[] = []): readonly number[] {
  const minutes = timeOfDay(text);
  if (minutes === null) throw new InvalidArgumentError('Expected a time of day, e.g. 02:30.');
  return [...times, minutes];
}

function backupsOf({ folder }: CliContext, options: UpOptions): BackupSettings {
  const {
    backup,
    backupAt: times = [timeOfDay(BACKUP_TIME_DEFAULT) ?? 0],
    backupKeep: keepDays,
    backupFolder,
  } = options;
  return {
    folder: backupFolder === undefined ? null : resolve(folder, backupFolder),
    schedule: backup ? { times, keepDays } : null,
  };
}

function reportOf({ folder, terminal }: CliContext, { log: format, logFile }: UpOptions): (line: string) => void {
  const file = logFile === undefined ? null : resolve(folder, logFile);
  return serverLog({ format, file, write: (line) => terminal.problem(line), now: Date.now });
}

/** Those of the command line win over the environment's. */
function quotasOf({ environment }: CliContext, settings: readonly string[]): Quotas {
  try {
    return settings.reduce(withQuota, quotasIn(environment.TREADLE_QUOTAS ?? ''));
  } catch (fault) {
    throw usageError(fault instanceof Error ? fault.message : String(fault));
  }
}

function mailAddress(text: string): string {
  if (!/^[^\s@]+@[^\s@]+$/.test(text)) throw new InvalidArgumentError('Expected a mail address.');
  return text;
}

function accountId(text: string): string {
  if (!/^\d{12}$/.test(text)) throw new InvalidArgumentError('Expected twelve digits.');
  return text;
}

async function up(context: CliContext, given: string | undefined, options: UpOptions): Promise<ExitCode> {
  const template = templateFile(context.folder, given);
  const region = regionOf(context, options);
  const dataFolder = resolve(context.folder, options.data);
  const { port, host, account, retentionDays, allowHost: allowedHosts } = options;
  const quotas = quotasOf(context, options.quota);
  const server = await context.startServer({
    port,
    host,
    dataFolder,
    region,
    account,
    retentionDays,
    allowedHosts,
    quotas,
    throttle: throttleOf(options.throttle, context.environment),
    backups: backupsOf(context, options),
    report: reportOf(context, options),
    smtp: smtpOf(options.smtp, context.environment),
    alarmsTo: options.alarms ?? null,
    remote: remoteOf(options.remote, context.environment),
  });
  try {
    announce(context, server, { dataFolder, region, json: options.json === true });
    const machine = template === null ? null : await deploy(context, server, { template, region, options });
    if (options.json !== true) context.terminal.line(nextCommand(machine, template));
    await untilAborted(context.interrupted);
    if (options.json !== true) context.terminal.line('Stopping …');
  } finally {
    await server.close();
  }
  return EXIT.succeeded;
}

interface Announcement {
  readonly dataFolder: string;
  readonly region: string;
  readonly json: boolean;
}

function announce(context: CliContext, server: RunningServer, { dataFolder, region, json }: Announcement): void {
  const { endpoint, recovered } = server;
  const consoleUrl = `${endpoint}/_treadle/`;
  if (json)
    return writeJson(context, { type: 'ready', endpoint, console: consoleUrl, data: dataFolder, region, recovered });
  const { terminal } = context;
  const { bold, dim, cyan } = terminal.colors;
  const goesOn = recoveredText(recovered);
  terminal.line(`${bold('Treadle')} serves AWS clients at ${cyan(endpoint)} ${dim(`(region ${region})`)}`);
  terminal.line(`  ${dim('console  ')} ${cyan(consoleUrl)}`);
  terminal.line(`  ${dim('data     ')} ${dataFolder}`);
  terminal.line(`  ${dim('recovered')} ${goesOn}`);
}

function recoveredText({ executions, commands, timersOverdue }: RunningServer['recovered']): string {
  if (executions + commands + timersOverdue === 0) return 'nothing was under way';
  const overdue = timersOverdue === 0 ? '' : `, ${timersOverdue} timers had come due`;
  return `${executions} executions go on, ${commands} calls are made again${overdue}`;
}

interface Deployment {
  readonly template: string;
  readonly region: string;
  readonly options: UpOptions;
}

/** The name of a deployed state machine; null when there is none. A refused template does not stop the server. */
async function deploy(context: CliContext, server: RunningServer, deployment: Deployment): Promise<string | null> {
  const { template, region, options } = deployment;
  const report = await server.deploy({
    template,
    parameters: options.parameter ?? {},
    region,
    allowUnsupported: options.allowUnsupported === true,
    fill: options.fill === true,
    stacks: options.stack ?? [],
  });
  if (options.json === true) writeJson(context, { type: 'deployed', ...report });
  else for (const line of reportLines(context, report)) context.terminal.line(line);
  return isDeployed(report) ? machineOf(report) : null;
}

function reportLines(context: CliContext, report: DeployReport): string[] {
  const name = relative(context.folder, report.template) || report.template;
  const isDone = isDeployed(report);
  const { colors } = context.terminal;
  return [
    isDone ? `Deployed ${name} to ${report.region}` : colors.red(`Nothing was deployed of ${name}`),
    ...deployLines(report, colors),
    ...(isDone ? [] : ['  Mend it, then: treadle deploy']),
    ...(report.canBeKept ? ['  Or keep what Treadle does not run, without effect: --allow-unsupported'] : []),
  ];
}

function machineOf(report: DeployReport): string | null {
  const machine = report.resources.find(
    ({ type, outcome }) =>
      /::(Serverless|StepFunctions)::StateMachine$/.test(type) && outcome !== 'kept' && outcome !== 'deleted',
  );
  return machine?.physicalId?.split(':').at(-1) ?? null;
}

function nextCommand(machine: string | null, template: string | null): string {
  if (machine !== null) return `Next: treadle run ${machine} -i @input.json`;
  if (template === null) return 'Next: treadle deploy <template.yaml>, or eval "$(treadle env --shell)" and use aws';
  return 'Next: treadle ls --machines';
}

const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
