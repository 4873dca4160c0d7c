import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { dynamodbService } from '../api/dynamodb/dynamodb.js';
import { createHttpApi, type HttpApi } from '../api/http.js';
import { lambdaService } from '../api/lambda/lambda.js';
import { snsService } from '../api/sns/sns.js';
import { StateMachines, StoredExecutions, statesService } from '../api/states/index.js';
import { stsService } from '../api/sts/sts.js';
import { type DeployReport, type DeployRequest, type TreadlePorts, treadleApi } from '../api/treadle/index.js';
import type { Place } from '../arn.js';
import { Functions } from '../functions/index.js';
import { EmbeddedHost } from '../host/index.js';
import { integrations, performer } from '../integrations/index.js';
import { AsyncInvocations } from '../services/async-invocations.js';
import { Tables } from '../services/dynamodb/tables.js';
import { Sns } from '../services/sns/sns.js';
import type { Store } from '../store/ports.js';
import { type CommitHooks, openSqliteStore } from '../store/sqlite/index.js';
import { seedSource, timeOrderedNames } from './chance.js';
import { Deployer } from './deploy/index.js';
import { ExecutionsView } from './executions-view.js';
import { functionRecords } from './function-records.js';
import { FunctionsView } from './functions-view.js';
import { HealthWatch } from './health.js';
import { mailsPage } from './mails-view.js';
import { systemClock } from './system-clock.js';
import { VERSION } from './version.js';

export interface ServerOptions {
  /** 0 takes a free one. */
  readonly port: number;
  readonly host: string;
  /** Absolute path; made when it does not exist. One server at a time. */
  readonly dataFolder: string;
  readonly region: string;
  /** Twelve digits. */
  readonly account: string;
  /** A line for the operator: warnings and our own faults. */
  readonly report?: (line: string) => void;
  /** Named points of a commit, for tests that kill the process there. */
  readonly commitHooks?: CommitHooks;
}

export interface RunningServer {
  /** E.g. `http://127.0.0.1:4566`. */
  readonly endpoint: string;
  /** What was found at start and goes on. */
  readonly recovered: { readonly executions: number; readonly commands: number };
  deploy(request: DeployRequest): Promise<DeployReport>;
  /** Finishes what is being committed, then releases the port and the data folder. */
  close(): Promise<void>;
}

/** Puts the parts together: the only place that names a concrete store, service or integration. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const opened: (() => Promise<void> | void)[] = [];
  try {
    return await compose(options, opened);
  } catch (fault) {
    await closeAll(opened);
    throw fault;
  }
}

async function compose(options: ServerOptions, opened: (() => Promise<void> | void)[]): Promise<RunningServer> {
  const { dataFolder, region, account } = options;
  const report = options.report ?? ((line: string) => process.stderr.write(`${line}\n`));
  const place: Place = { region, account };
  let endpoint = '';
  const endpointUrl = () => endpoint;
  await mkdir(dataFolder, { recursive: true });
  const store = await openSqliteStore({
    folder: dataFolder,
    ...(options.commitHooks && { hooks: options.commitHooks }),
  });
  opened.push(() => store.close());
  const functions = await openFunctions({ options, store, place, endpointUrl, report });
  opened.push(() => functions.close());
  const tables = new Tables({ folder: join(dataFolder, 'dynamodb') });
  opened.push(() => tables.close());
  const sns = new Sns({
    records: store.records,
    invoker: functions,
    clock: systemClock,
    mailFolder: join(dataFolder, 'mail'),
    report,
  });
  opened.push(() => sns.close());
  const events = new AsyncInvocations({ records: store.records, invoker: functions, clock: systemClock, report });
  opened.push(() => events.close());

  const machines = new StateMachines(store.records, systemClock.now);
  const quarantined: string[] = [];
  const seed = seedSource();
  const { host, recovery } = await EmbeddedHost.open({
    store,
    revisions: machines,
    performer: performer(integrations({ functions, events, tables, topics: sns, clock: systemClock })),
    clock: systemClock,
    seed,
    onQuarantine: (arn, fault) => {
      quarantined.push(arn);
      report(`${arn} was set aside, its history is untouched. ${fault.stack ?? fault.message}`);
    },
  });
  opened.push(() => host.close());
  await sns.start();
  await events.start();

  const executions = new StoredExecutions(store.executions, machines);
  const deployer = new Deployer({
    functions,
    machines,
    tables,
    topics: sns.topics,
    records: store.records,
    dataFolder,
    place,
  });
  const watch = new HealthWatch({
    store,
    host,
    version: VERSION,
    endpoint: endpointUrl,
    region,
    account,
    dataFolder,
    quarantined: () => quarantined,
  });
  opened.push(() => watch.close());
  const newName = timeOrderedNames(seed, systemClock.now);
  const ports = treadlePorts({
    watch,
    executions: new ExecutionsView(store.executions, host, machines, executions),
    functions: new FunctionsView(functions),
    sns,
    deployer,
  });
  const http = createHttpApi({
    services: [
      statesService({ host, store: store.executions, machines, executions, newName }),
      lambdaService({ functions, events }),
      dynamodbService(tables),
      snsService(sns),
      stsService(),
    ],
    place,
    treadle: treadleApi(ports),
    report: (fault, about) =>
      report(`${about.service} ${about.requestId}: ${fault instanceof Error ? fault.stack : fault}`),
  });
  endpoint = await listen(http, options);
  opened.push(() => http.close());
  return {
    endpoint,
    recovered: recovery,
    deploy: (request) => deployer.deploy(request),
    close: () => closeAll(opened),
  };
}

async function listen(http: HttpApi, { port, host }: ServerOptions): Promise<string> {
  try {
    const taken = await http.listen({ port, host });
    return `http://${host.includes(':') ? `[${host}]` : host}:${taken}`;
  } catch (fault) {
    if ((fault as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw fault;
    throw new PortInUse(
      `Expected port ${port} on ${host} to be free, but something listens there already. Stop it, or choose another with --port.`,
    );
  }
}

/** Somebody else listens on the port. */
export class PortInUse extends Error {
  override readonly name = 'PortInUse';
}

/** The last opened is closed first. */
async function closeAll(opened: readonly (() => Promise<void> | void)[]): Promise<void> {
  for (const close of [...opened].reverse()) await close();
}

function openFunctions(parts: {
  readonly options: ServerOptions;
  readonly store: Store;
  readonly place: Place;
  readonly endpointUrl: () => string;
  readonly report: (line: string) => void;
}): Promise<Functions> {
  return Functions.open({
    dataFolder: parts.options.dataFolder,
    records: functionRecords(parts.store.records),
    endpointUrl: parts.endpointUrl,
    place: parts.place,
    warn: parts.report,
  });
}

interface Views {
  readonly watch: HealthWatch;
  readonly executions: ExecutionsView;
  readonly functions: FunctionsView;
  readonly sns: Sns;
  readonly deployer: Deployer;
}

function treadlePorts({ watch, executions, functions, sns, deployer }: Views): TreadlePorts {
  return {
    consoleFolder: fileURLToPath(new URL('../../console/dist', import.meta.url)),
    health: () => watch.health(),
    machines: () => executions.machineRows(),
    executions: (query) => executions.page(query),
    why: (arn) => executions.why(arn),
    follow: (arn, after, signal) => executions.follow(arn, after, signal),
    functions: async () => functions.rows(),
    logs: (query) => functions.logs(query),
    followLogs: (query, signal) => functions.followLogs(query, signal),
    mails: (query) => mailsPage(sns.outbox, query),
    deploy: (request) => deployer.deploy(request),
  };
}
