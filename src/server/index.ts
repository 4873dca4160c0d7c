import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cloudwatchService } from '../api/cloudwatch/cloudwatch.js';
import { dynamodbService, dynamodbStreamsService } from '../api/dynamodb/dynamodb.js';
import { eventsService } from '../api/events/index.js';
import { createHttpApi } from '../api/http.js';
import { InProcessApi } from '../api/in-process.js';
import { lambdaService } from '../api/lambda/lambda.js';
import { logsService } from '../api/logs/logs.js';
import { s3Service } from '../api/s3/s3.js';
import { schedulerService } from '../api/scheduler/scheduler.js';
import { sesService, sesv2Service } from '../api/ses/ses.js';
import { snsService } from '../api/sns/sns.js';
import { sqsService } from '../api/sqs/sqs.js';
import {
  Activities,
  type ExecutionActionsOptions,
  StateMachines,
  StoredExecutions,
  statesService,
} from '../api/states/index.js';
import { stsService } from '../api/sts/sts.js';
import { type DeployReport, type DeployRequest, type TreadlePorts, treadleApi } from '../api/treadle/index.js';
import type { Place } from '../arn.js';
import { Functions } from '../functions/index.js';
import {
  type Committed,
  EmbeddedHost,
  ExpressStarts,
  expressRunner,
  seedSource,
  systemClock,
  TransientHost,
  type TrialPorts,
} from '../host/index.js';
import {
  defaultCredentials,
  type Integration,
  integrations,
  performer,
  RemoteEndpoint,
  type RemoteRule,
} from '../integrations/index.js';
import { mapData, s3Objects, textObject } from '../integrations/map-data/index.js';
import { expressPolicy, type Policy, standardPolicy } from '../interpreter/index.js';
import { AWS_QUOTAS, type Quotas, RETENTION_DAYS_DEFAULT } from '../limits.js';
import { ActivityQueue } from '../services/activity-queue.js';
import { AsyncInvocations } from '../services/async-invocations.js';
import type { Tables } from '../services/dynamodb/tables.js';
import { EventSources } from '../services/event-sources/event-sources.js';
import { Connections } from '../services/events/connections.js';
import { parseEventPattern } from '../services/events/event-pattern.js';
import { Events } from '../services/events/events.js';
import { Logs } from '../services/logs/logs.js';
import { Ses } from '../services/mail/ses.js';
import { SmtpMailer, type SmtpSettings } from '../services/mail/smtp.js';
import { Performed } from '../services/performed.js';
import type { Targets } from '../services/ports.js';
import { S3 } from '../services/s3/s3.js';
import { Scheduler } from '../services/scheduler/scheduler.js';
import { Sns } from '../services/sns/sns.js';
import { queueReader } from '../services/sqs/reader.js';
import { Sqs } from '../services/sqs/sqs.js';
import type { Store } from '../store/ports.js';
import { type CommitHooks, openSqliteStore } from '../store/sqlite/index.js';
import { Deployer } from './deploy/index.js';
import { ExecutionLog } from './execution-log.js';
import { timeOrderedNames } from './execution-names.js';
import { executionStarter, executionStarts } from './execution-starter.js';
import { ExecutionsView } from './executions-view.js';
import { functionRecords } from './function-records.js';
import { FunctionsView } from './functions-view.js';
import { HealthWatch } from './health.js';
import { listen } from './listen.js';
import { LocalEndpoint } from './local-endpoint.js';
import { mailsPage } from './mails-view.js';
import { Observability } from './metrics/index.js';
import { openTables } from './open-tables.js';
import { keepOpenTime } from './open-time.js';
import { OpenWaitsView } from './open-waits-view.js';
import { RemoteStates } from './remote-states.js';
import { keepRetention } from './retention.js';
import { statusEvents } from './status-events.js';
import { targetsOf } from './targets.js';
import { topicQueues } from './topic-queues.js';
import { VERSION } from './version.js';

export { AddressUnusable, PortInUse } from './listen.js';

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
  /** AWS's unless given: what executions may use of payload, history, time. */
  readonly quotas?: Quotas;
  /** Further names of this server that Host headers may have. */
  readonly allowedHosts?: readonly string[];
  /** Calls that go to AWS or another endpoint, the first that fits; without any, all are carried out here. */
  readonly remote?: readonly RemoteRule[];
  /** Where mails go; without it they are written to the data folder. */
  readonly smtp?: SmtpSettings | null;
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
  let states: ExecutionActionsOptions | null = null;
  const base: Base = { options, place, report, endpointUrl: () => endpoint, states: () => stateful(states) };
  const services = await openServices(base, opened);
  const engine = await openEngine(base, services, opened);
  const { store, functions, tables, sns, s3, events } = services;
  states = engine.states;
  opened.push(() => services.scheduler.close());
  opened.push(() => services.buses.close()); // before the host: what is sent meanwhile may be a start
  const deployer = new Deployer({
    functions,
    sources: services.sources,
    machines: engine.machines,
    remote: engine.remote,
    tables,
    sns,
    buckets: s3.buckets,
    queues: services.sqs,
    rules: services.buses.rules,
    scheduler: services.scheduler,
    records: store.records,
    dataFolder: options.dataFolder,
    place,
    endpointUrl: base.endpointUrl,
  });
  const api = {
    services: [
      statesService({ ...engine, ...engine.states }),
      logsService(services.logs, systemClock.now),
      lambdaService({ functions, events, sources: services.sources }),
      dynamodbService(tables),
      dynamodbStreamsService(tables),
      snsService(sns),
      sqsService({ sqs: services.sqs, endpointUrl: base.endpointUrl }),
      s3Service(s3, systemClock),
      eventsService(services.buses, services.connections),
      sesService(services.ses),
      sesv2Service(services.ses),
      schedulerService(services.scheduler),
      cloudwatchService(services.observability.metrics, systemClock.now),
      stsService(),
    ],
    place,
    report: (fault: unknown, about: { readonly service: string; readonly requestId: string }) =>
      report(`${about.service} ${about.requestId}: ${fault instanceof Error ? fault.stack : fault}`),
  };
  engine.local.open(new InProcessApi(api));
  const http = createHttpApi({
    ...api,
    hosts: options.allowedHosts ?? [],
    treadle: treadleApi(treadlePorts({ services, engine, deployer, watch: openWatch(base, services, engine, opened) })),
  });
  endpoint = await listen(http, options);
  opened.push(() => http.close());
  // Only now: functions that are called again find the endpoint in their environment.
  const recovered = await recover(engine);
  await sns.start();
  s3.start();
  tables.start();
  await events.start();
  services.sources.start();
  await services.buses.start();
  await services.scheduler.start();
  const days = options.retentionDays ?? RETENTION_DAYS_DEFAULT;
  opened.push(keepRetention(store, { keepMs: days * DAY_MS, now: systemClock.now, report }));
  opened.push(keepOpenTime({ store: store.executions, ...engine, now: systemClock.now, report }));
  return { endpoint, recovered, deploy: (request) => deployer.deploy(request), close: () => closeAll(opened) };
}

/** What every part is made with. */
interface Base {
  readonly options: ServerOptions;
  readonly place: Place;
  readonly report: (line: string) => void;
  readonly endpointUrl: () => string;
  /** There once the host is open; nothing is started before. */
  readonly states: () => ExecutionActionsOptions;
}

interface Services {
  readonly store: Store;
  readonly functions: Functions;
  readonly tables: Tables;
  readonly sns: Sns;
  readonly sqs: Sqs;
  readonly logs: Logs;
  readonly s3: S3;
  readonly events: AsyncInvocations;
  readonly sources: EventSources;
  readonly buses: Events;
  readonly scheduler: Scheduler;
  readonly observability: Observability;
  readonly connections: Connections;
  readonly ses: Ses;
}

async function openServices(base: Base, opened: Closing): Promise<Services> {
  const { options, place, report, endpointUrl } = base;
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
  const tables = await openTables({ records, dataFolder, place, report, endpointUrl });
  opened.push(() => tables.close());
  const mailer = options.smtp == null ? null : new SmtpMailer(options.smtp);
  const delivery = { records, invoker: functions, clock: systemClock, report };
  const s3 = new S3({ records, clock: systemClock, folder: join(dataFolder, 'objects'), report });
  opened.push(() => s3.close());
  const sqs = await Sqs.open({ records, clock: systemClock, report });
  opened.push(() => sqs.close());
  const events = new AsyncInvocations({
    ...delivery,
    settingsOf: (name) => functions.eventInvoke(name),
    send: (call) => targets.send(call),
  });
  opened.push(() => events.close());
  const sources = await EventSources.open({
    ...delivery,
    queues: queueReader(sqs),
    streams: tables.streams,
    functionOf: (arn) => functions.lookUp(arn)?.configuration ?? null,
    parsePattern: parseEventPattern,
  });
  opened.push(() => sources.close());
  const sns = new Sns({
    ...delivery,
    mailFolder: join(dataFolder, 'mail'),
    mailer,
    queues: topicQueues(sqs),
    endpointUrl,
  });
  opened.push(() => sns.close());
  const logs = new Logs({ records, now: systemClock.now, report });
  logs.start();
  opened.push(() => logs.close());
  const targets: Targets = targetsOf(() => ({
    functions,
    invocations: events,
    executions: executionStarts(base.states),
    queues: sqs,
    topics: sns,
    buses,
  }));
  const timed = { records, clock: systemClock, report, targets };
  const buses: Events = await Events.open(timed);
  const scheduler = await Scheduler.open(timed);
  const connections = new Connections(records, systemClock);
  const ses = new Ses({ records, clock: systemClock, mailer: mailer ?? sns.outbox, report });
  opened.push(() => ses.close());
  const timedServices = { sources, buses, scheduler };
  return { store, functions, tables, sns, sqs, s3, logs, events, ...timedServices, observability, connections, ses };
}

function stateful(states: ExecutionActionsOptions | null): ExecutionActionsOptions {
  if (states === null) throw new Error('Broken invariant: something was started before the host was open');
  return states;
}

interface Engine extends TrialPorts {
  readonly local: LocalEndpoint;
  readonly remote: RemoteStates;
  readonly host: EmbeddedHost;
  readonly transient: TransientHost;
  readonly express: ExpressStarts;
  readonly machines: StateMachines;
  readonly executions: StoredExecutions;
  readonly activities: Activities;
  readonly queue: ActivityQueue;
  readonly quotas: Quotas;
  readonly policy: Policy;
  /** What the API and Tasks start executions with. */
  readonly states: ExecutionActionsOptions;
  /** ARNs of executions that were set aside. */
  readonly quarantined: readonly string[];
}

async function openEngine(base: Base, services: Services, opened: Closing): Promise<Engine> {
  const { report, options, place } = base;
  const { store, s3, buses } = services;
  const quotas = options.quotas ?? AWS_QUOTAS;
  const machines = new StateMachines(store.records, systemClock.now, quotas);
  const activities = await Activities.open(store.records, systemClock.now);
  const queue = new ActivityQueue(store.records, systemClock);
  const executionLog = new ExecutionLog(services.logs, systemClock.now);
  const executions = new StoredExecutions(store.executions, machines);
  const quarantined: string[] = [];
  const seed = seedSource();
  const newName = timeOrderedNames(seed, systemClock.now);
  const onCommitted = (committed: Committed): void => {
    executionLog.committed(committed);
    services.observability.onCommitted(committed);
  };
  const onStatus = statusEvents({ events: buses, executions, account: place.account, report });
  const local = new LocalEndpoint();
  const remote = await RemoteStates.open({ records: store.records, machines, rules: options.remote ?? [] });
  const around = { performer: taskPerformer({ base, services, queue, local, remote }), clock: systemClock, seed };
  const policy = { ...standardPolicy(quotas), activities };
  const objects = s3Objects(s3, place);
  const trials = { ...around, policy, mapDataOf: (text: string) => mapData({ ...objects, ...textObject(text) }) };
  const transient = new TransientHost({ ...around, onCommitted });
  const host = await EmbeddedHost.open({
    ...around,
    store,
    revisions: machines,
    mapData: mapData(objects),
    express: expressRunner(transient, expressPolicy(quotas)),
    policy,
    onCommitted: (committed) => {
      onCommitted(committed);
      onStatus(committed);
    },
    onQuarantine: (arn, fault) => {
      quarantined.push(arn);
      report(`${arn} was set aside, its history is untouched. ${fault.stack ?? fault.message}`);
    },
  });
  opened.push(() => host.close());
  const express = new ExpressStarts({
    records: store.records,
    revisions: machines,
    host: transient,
    policy: expressPolicy(quotas),
    clock: systemClock,
    newId: newName,
    report,
  });
  opened.push(() => {
    express.close();
    transient.close();
  });
  const actors = { host, transient, express, machines, executions, activities, queue };
  const performed = new Performed(store.records, systemClock, 'states.performed');
  performed.start(report);
  opened.push(() => performed.stop());
  const states: ExecutionActionsOptions = {
    ...actors,
    store: store.executions,
    records: store.records,
    now: systemClock.now,
    groupExists: async (arn) => (await services.logs.groups.find(arn)) !== null,
    newName,
    quotas,
    performed,
  };
  return { ...trials, ...actors, local, remote, quarantined, quotas, states };
}

/** Carries out what Tasks call. */
function taskPerformer({
  base,
  services: { functions, events, tables, sns, sqs, buses, connections },
  queue,
  local,
  remote,
}: {
  readonly base: Base;
  readonly services: Services;
  readonly queue: ActivityQueue;
  readonly local: LocalEndpoint;
  readonly remote: RemoteStates;
}): Pick<Integration, 'perform'> {
  const credentials = defaultCredentials(process.env);
  return performer(
    integrations({
      functions,
      events,
      tables,
      topics: sns,
      queues: sqs,
      buses,
      connections,
      activities: queue,
      executions: executionStarter(base.states),
      clock: systemClock,
    }),
    {
      rulesFor: (machineArn) => remote.rulesFor(machineArn),
      local: (asked) => (local.has(asked) ? local : null),
      remote: (target) => new RemoteEndpoint(target, { credentials, clock: systemClock }),
    },
  );
}

/** Executions that were under way when the last server stopped go on; Express ones run again. */
async function recover({ host, express }: Engine): Promise<RunningServer['recovered']> {
  const { executions, commands } = await host.recover();
  return { executions: executions + (await express.recover()), commands };
}

function openWatch(base: Base, { store, observability }: Services, engine: Engine, opened: Closing): HealthWatch {
  const { dataFolder, region, account } = base.options;
  const watch = new HealthWatch({
    store,
    host: engine.host,
    transient: engine.transient,
    express: engine.express,
    quotas: engine.quotas,
    version: VERSION,
    endpoint: base.endpointUrl,
    region,
    account,
    dataFolder,
    quarantined: () => engine.quarantined,
  });
  opened.push(() => watch.close());
  observability.watch(watch);
  return watch;
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
  const waits = new OpenWaitsView(services.store.records, engine.host);
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
    openWaits: (query) => waits.page(query),
    answerWait: (answer) => waits.answer(answer),
    deploy: (request) => deployer.deploy(request),
  };
}
