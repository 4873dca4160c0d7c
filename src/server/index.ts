import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cloudwatchService } from '../api/cloudwatch/cloudwatch.js';
import { dynamodbService } from '../api/dynamodb/dynamodb.js';
import { createHttpApi, type HttpApi } from '../api/http.js';
import { lambdaService } from '../api/lambda/lambda.js';
import { snsService } from '../api/sns/sns.js';
import { sqsService } from '../api/sqs/sqs.js';
import { Activities, StateMachines, StoredExecutions, statesService } from '../api/states/index.js';
import { stsService } from '../api/sts/sts.js';
import { type DeployReport, type DeployRequest, type TreadlePorts, treadleApi } from '../api/treadle/index.js';
import type { Place } from '../arn.js';
import { Functions } from '../functions/index.js';
import { EmbeddedHost, seedSource, systemClock } from '../host/index.js';
import { integrations, performer } from '../integrations/index.js';
import { STANDARD_POLICY } from '../interpreter/index.js';
import { RETENTION_DAYS_DEFAULT } from '../limits.js';
import { ActivityQueue } from '../services/activity-queue.js';
import { AsyncInvocations } from '../services/async-invocations.js';
import { Tables } from '../services/dynamodb/tables.js';
import { Sns } from '../services/sns/sns.js';
import { Sqs } from '../services/sqs/sqs.js';
import type { Store } from '../store/ports.js';
import { type CommitHooks, openSqliteStore } from '../store/sqlite/index.js';
import { Deployer } from './deploy/index.js';
import { timeOrderedNames } from './execution-names.js';
import { ExecutionsView } from './executions-view.js';
import { functionRecords } from './function-records.js';
import { FunctionsView } from './functions-view.js';
import { HealthWatch } from './health.js';
import { mailsPage } from './mails-view.js';
import { Observability } from './metrics/index.js';
import { keepRetention } from './retention.js';
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
  /** Ended executions are kept so many days; 90 unless given, as on AWS. */
  readonly retentionDays?: number;
  /** Further names of this server that Host headers may have. */
  readonly allowedHosts?: readonly string[];
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
  const opened: Closing = [];
  try {
    return await compose(options, opened);
  } catch (fault) {
    await closeAll(opened);
    throw fault;
  }
}

const DAY_MS = 86_400_000;

type Closing = (() => Promise<void> | void)[];

async function compose(options: ServerOptions, opened: Closing): Promise<RunningServer> {
  let endpoint = '';
  const place: Place = { region: options.region, account: options.account };
  const report = options.report ?? ((line: string) => process.stderr.write(`${line}\n`));
  const base: Base = { options, place, report, endpointUrl: () => endpoint };
  const services = await openServices(base, opened);
  const engine = await openEngine(base, services, opened);
  const { store, functions, tables, sns, events } = services;
  const deployer = new Deployer({
    functions,
    machines: engine.machines,
    tables,
    topics: sns.topics,
    records: store.records,
    dataFolder: options.dataFolder,
    place,
  });
  const http = createHttpApi({
    services: [
      statesService({ ...engine, store: store.executions }),
      lambdaService({ functions, events }),
      dynamodbService(tables),
      snsService(sns),
      sqsService({ sqs: services.sqs, endpointUrl: base.endpointUrl }),
      cloudwatchService(services.observability.metrics, systemClock.now),
      stsService(),
    ],
    place,
    hosts: options.allowedHosts ?? [],
    treadle: treadleApi(treadlePorts({ services, engine, deployer, watch: openWatch(base, services, engine, opened) })),
    report: (fault, about) =>
      report(`${about.service} ${about.requestId}: ${fault instanceof Error ? fault.stack : fault}`),
  });
  endpoint = await listen(http, options);
  opened.push(() => http.close());
  // Only now: functions that are called again find the endpoint in their environment.
  const recovered = await engine.host.recover();
  await sns.start();
  await events.start();
  const days = options.retentionDays ?? RETENTION_DAYS_DEFAULT;
  opened.push(keepRetention(store.executions, { keepMs: days * DAY_MS, now: systemClock.now, report }));
  return { endpoint, recovered, deploy: (request) => deployer.deploy(request), close: () => closeAll(opened) };
}

/** What every part is made with. */
interface Base {
  readonly options: ServerOptions;
  readonly place: Place;
  readonly report: (line: string) => void;
  readonly endpointUrl: () => string;
}

interface Services {
  readonly store: Store;
  readonly functions: Functions;
  readonly tables: Tables;
  readonly sns: Sns;
  readonly sqs: Sqs;
  readonly events: AsyncInvocations;
  readonly observability: Observability;
}

async function openServices({ options, place, report, endpointUrl }: Base, opened: Closing): Promise<Services> {
  const { dataFolder, commitHooks } = options;
  const store = await openSqliteStore({ folder: dataFolder, ...(commitHooks && { hooks: commitHooks }) });
  opened.push(() => store.close());
  const { records } = store;
  const observability = await Observability.open({ records, place, dataFolder, now: systemClock.now, report });
  opened.push(() => observability.close());
  const functions = await Functions.open({
    dataFolder,
    records: functionRecords(records),
    endpointUrl,
    place,
    onCall: observability.onCall,
    warn: report,
  });
  opened.push(() => functions.close());
  const tables = new Tables({ folder: join(dataFolder, 'dynamodb') });
  opened.push(() => tables.close());
  const delivery = { records, invoker: functions, clock: systemClock, report };
  const sns = new Sns({ ...delivery, mailFolder: join(dataFolder, 'mail') });
  opened.push(() => sns.close());
  const events = new AsyncInvocations(delivery);
  opened.push(() => events.close());
  const sqs = await Sqs.open({ records, clock: systemClock, report });
  opened.push(() => sqs.close());
  return { store, functions, tables, sns, sqs, events, observability };
}

interface Engine {
  readonly host: EmbeddedHost;
  readonly machines: StateMachines;
  readonly executions: StoredExecutions;
  readonly activities: Activities;
  readonly queue: ActivityQueue;
  readonly newName: () => string;
  /** ARNs of executions that were set aside. */
  readonly quarantined: readonly string[];
}

async function openEngine({ report }: Base, services: Services, opened: Closing): Promise<Engine> {
  const { store, functions, tables, sns, events } = services;
  const machines = new StateMachines(store.records, systemClock.now);
  const activities = await Activities.open(store.records, systemClock.now);
  const queue = new ActivityQueue(store.records, systemClock);
  const quarantined: string[] = [];
  const seed = seedSource();
  const host = await EmbeddedHost.open({
    store,
    revisions: machines,
    performer: performer(
      integrations({ functions, events, tables, topics: sns, activities: queue, clock: systemClock }),
    ),
    clock: systemClock,
    seed,
    policy: { ...STANDARD_POLICY, activities },
    onCommitted: services.observability.onCommitted,
    onQuarantine: (arn, fault) => {
      quarantined.push(arn);
      report(`${arn} was set aside, its history is untouched. ${fault.stack ?? fault.message}`);
    },
  });
  opened.push(() => host.close());
  const executions = new StoredExecutions(store.executions, machines);
  return {
    host,
    machines,
    executions,
    activities,
    queue,
    quarantined,
    newName: timeOrderedNames(seed, systemClock.now),
  };
}

function openWatch(
  base: Base,
  { store, observability }: Services,
  { host, quarantined }: Engine,
  opened: Closing,
): HealthWatch {
  const { dataFolder, region, account } = base.options;
  const watch = new HealthWatch({
    store,
    host,
    version: VERSION,
    endpoint: base.endpointUrl,
    region,
    account,
    dataFolder,
    quarantined: () => quarantined,
  });
  opened.push(() => watch.close());
  observability.watch(watch);
  return watch;
}

async function listen(http: HttpApi, { port, host }: ServerOptions): Promise<string> {
  try {
    const taken = await http.listen({ port, host });
    return `http://${host.includes(':') ? `[${host}]` : host}:${taken}`;
  } catch (fault) {
    const { code, message } = fault as NodeJS.ErrnoException; // what node:net rejects with
    if (code === 'EADDRINUSE') {
      throw new PortInUse(
        `Expected port ${port} on ${host} to be free, but something listens there already. Stop it, or choose another with --port.`,
      );
    }
    throw new AddressUnusable(
      `Expected to be able to listen on ${host}, port ${port}, but it is not possible (${message}). ` +
        'Choose an address of this machine with --host, and a port above 1023 with --port.',
    );
  }
}

/** Somebody else listens on the port. */
export class PortInUse extends Error {
  override readonly name = 'PortInUse';
}

/** The address is not this machine's, or the port is reserved. */
export class AddressUnusable extends Error {
  override readonly name = 'AddressUnusable';
}

/** The last opened is closed first. */
async function closeAll(opened: Readonly<Closing>): Promise<void> {
  for (const close of [...opened].reverse()) await close();
}

interface Views {
  readonly services: Services;
  readonly engine: Engine;
  readonly deployer: Deployer;
  readonly watch: HealthWatch;
}

function treadlePorts({ services, engine, deployer, watch }: Views): TreadlePorts {
  const executions = new ExecutionsView(services.store.executions, engine);
  const functions = new FunctionsView(services.functions);
  const { sns } = services;
  return {
    consoleFolder: fileURLToPath(new URL('../../console/dist', import.meta.url)),
    health: () => watch.health(),
    prometheus: () => services.observability.page(),
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
