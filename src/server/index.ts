import { join } from 'node:path';
import { apiGatewayService } from '../api/apigateway/apigateway.js';
import { cloudwatchService } from '../api/cloudwatch/cloudwatch.js';
import { dynamodbService, dynamodbStreamsService } from '../api/dynamodb/dynamodb.js';
import { eventsService } from '../api/events/index.js';
import { createHttpApi } from '../api/http.js';
import { InProcessApi } from '../api/in-process.js';
import { lambdaService } from '../api/lambda/lambda.js';
import { logsService } from '../api/logs/logs.js';
import type { ApiService } from '../api/port.js';
import { s3Service } from '../api/s3/s3.js';
import { schedulerService } from '../api/scheduler/scheduler.js';
import { secretsManagerService } from '../api/secretsmanager/secretsmanager.js';
import { sesService, sesv2Service } from '../api/ses/ses.js';
import { snsService } from '../api/sns/sns.js';
import { sqsService } from '../api/sqs/sqs.js';
import { Activities, type ExecutionActionsOptions, StateMachines, StoredExecutions } from '../api/states/index.js';
import { stsService } from '../api/sts/sts.js';
import { treadleApi } from '../api/treadle/index.js';
import type { Place } from '../arn.js';
import { Functions } from '../functions/index.js';
import {
  type Clock,
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
import { SmtpMailer } from '../services/mail/smtp.js';
import type { Alarms } from '../services/metrics/alarms/alarms.js';
import { Performed } from '../services/performed.js';
import type { Targets } from '../services/ports.js';
import { S3 } from '../services/s3/s3.js';
import { Scheduler } from '../services/scheduler/scheduler.js';
import type { Secrets } from '../services/secretsmanager/secrets.js';
import { Sns } from '../services/sns/sns.js';
import { queueReader } from '../services/sqs/reader.js';
import { Sqs } from '../services/sqs/sqs.js';
import type { Store } from '../store/ports.js';
import { openSqliteStore } from '../store/sqlite/index.js';
import { openAlarms } from './alarms.js';
import { Backups } from './backup/backups.js';
import { finishRestore } from './backup/restore.js';
import { Deployer } from './deploy/index.js';
import { drain } from './drain.js';
import { ExecutionLog } from './execution-log.js';
import { timeOrderedNames } from './execution-names.js';
import { executionStarter, executionStarts } from './execution-starter.js';
import { type FrontDoor, openFront } from './front.js';
import { functionRecords } from './function-records.js';
import { HealthWatch } from './health.js';
import { listen } from './listen.js';
import { LocalEndpoint } from './local-endpoint.js';
import { Observability } from './metrics/index.js';
import { openSecrets } from './open-secrets.js';
import { openTables } from './open-tables.js';
import { keepOpenTime } from './open-time.js';
import { RemoteStates } from './remote-states.js';
import { keepRetention } from './retention.js';
import type { RunningServer, ServerOptions } from './server-options.js';
import { makeStandardAlarms } from './standard-alarms.js';
import { statusEvents } from './status-events.js';
import { targetsOf } from './targets.js';
import { throttledStates } from './throttled-states.js';
import { topicQueues } from './topic-queues.js';
import { treadlePorts } from './treadle-ports.js';
import { VERSION } from './version.js';

export { AddressUnusable, PortInUse } from './listen.js';
export type { RunningServer, ServerOptions } from './server-options.js';

/** Puts the parts together: the only place that names a concrete store, service or integration. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const opened: Closing = [];
  finishRestore(options.dataFolder);
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
  const clock = options.clock ?? systemClock;
  const base: Base = { options, place, report, clock, endpointUrl: () => endpoint, states: () => stateful(states) };
  const services = await openServices(base, opened);
  const engine = await openEngine(base, services, opened);
  const { store, sns, s3, events } = services;
  states = engine.states;
  opened.push(() => services.scheduler.close());
  opened.push(() => s3.close());
  opened.push(() => services.buses.close()); // before the host: what is sent meanwhile may be a start
  const { dataFolder } = options;
  const { endpointUrl } = base;
  const now = (): number => clock.now();
  const deployer = new Deployer({ ...services, ...engine, now, dataFolder, place, endpointUrl });
  const api = {
    services: apiServices(base, services, engine),
    place,
    report: (fault: unknown, about: { readonly service: string; readonly requestId: string }) =>
      report(`${about.service} ${about.requestId}: ${fault instanceof Error ? fault.stack : fault}`),
  };
  engine.local.open(new InProcessApi(api));
  const backups = openBackups(base, services, opened);
  const watch = openWatch(base, { ...services, backups }, engine, opened);
  const http = createHttpApi({
    ...api,
    front: services.front.door(api),
    hosts: options.allowedHosts ?? [],
    treadle: treadleApi(treadlePorts({ services, engine, deployer, watch, backups, place })),
  });
  endpoint = await listen(http, options);
  opened.push(() => http.close());
  // Only now: functions that are called again find the endpoint in their environment.
  await services.front.webhooks.recover();
  const recovered = await recover(engine);
  await sns.start();
  s3.start();
  await s3.tell();
  services.tables.start();
  await events.start();
  services.sources.start();
  await services.buses.start();
  await services.scheduler.start();
  await services.alarms.start();
  if (options.alarmsTo != null) await makeStandardAlarms(options.alarmsTo, { ...services, place });
  backups.start();
  const keepMs = (options.retentionDays ?? RETENTION_DAYS_DEFAULT) * DAY_MS;
  opened.push(keepRetention(store, { keepMs, now: () => clock.now(), report }));
  opened.push(keepOpenTime({ store: store.executions, ...engine, now: () => clock.now(), report }));
  opened.push(() => drain(engine)); // first of all, while functions under way can still reach the server
  return { endpoint, recovered, deploy: (request) => deployer.deploy(request), close: () => closeAll(opened) };
}

/** What AWS clients can call. */
function apiServices(base: Base, services: Services, engine: Engine): readonly ApiService[] {
  return [
    throttledStates(base.options, { ...engine, ...engine.states }, services.observability),
    logsService(services.logs, () => base.clock.now()),
    lambdaService({ ...services, objects: services.s3, urls: services.front.urls }),
    apiGatewayService(services.front.parts),
    dynamodbService(services.tables),
    dynamodbStreamsService(services.tables),
    snsService(services.sns),
    sqsService({ sqs: services.sqs, endpointUrl: base.endpointUrl }),
    s3Service(services.s3, base.clock),
    eventsService(services.buses, services.connections),
    secretsManagerService(services.secrets),
    sesService(services.ses),
    sesv2Service(services.ses),
    schedulerService(services.scheduler),
    cloudwatchService(services.observability.metrics, services.alarms, () => base.clock.now()),
    stsService(),
  ];
}

/** What every part is made with. */
interface Base {
  readonly options: ServerOptions;
  readonly place: Place;
  readonly report: (line: string) => void;
  readonly clock: Clock;
  readonly endpointUrl: () => string;
  /** There once the host is open; nothing is started before. */
  readonly states: () => ExecutionActionsOptions;
}

export interface Services {
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
  readonly alarms: Alarms;
  readonly observability: Observability;
  readonly connections: Connections;
  readonly ses: Ses;
  readonly front: FrontDoor;
  readonly secrets: Secrets;
}

async function openServices(base: Base, opened: Closing): Promise<Services> {
  const { options, place, report, endpointUrl, clock } = base;
  const { dataFolder, commitHooks } = options;
  const store = await openSqliteStore({ folder: dataFolder, ...(commitHooks && { hooks: commitHooks }) });
  opened.push(() => store.close());
  const { records } = store;
  const observability = await Observability.open({ records, place, dataFolder, now: () => clock.now(), report });
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
  const delivery = { records, invoker: functions, clock, report };
  const s3 = new S3({
    ...{ records, clock, timekeeper: clock, folder: join(dataFolder, 'objects'), report },
    notifications: {
      targets: { send: (call) => targets.send(call), giveUp: (letter) => targets.giveUp(letter) },
      account: place.account,
    },
  });
  const sqs = await Sqs.open({ records, clock, report });
  opened.push(() => sqs.close());
  const events = new AsyncInvocations({
    ...delivery,
    settingsOf: (name) => functions.eventSettings(name),
    targets: () => targets,
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
  const logs = new Logs({ records, now: () => clock.now(), report });
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
  const timed = { records, clock, report, targets };
  const buses: Events = await Events.open(timed);
  const scheduler = await Scheduler.open(timed);
  const alarms = await openAlarms({ ...timed, metrics: observability.metrics, buses });
  opened.push(() => alarms.close());
  const connections = new Connections(records, clock);
  const ses = new Ses({ records, clock, mailer: mailer ?? sns.outbox, report });
  opened.push(() => ses.close());
  const front = await openFront({ ...delivery, endpointUrl, states: base.states });
  opened.push(() => front.webhooks.close());
  const secrets = await openSecrets({ records, clock, dataFolder, report }, opened);
  const timedServices = { sources, buses, scheduler, alarms, front, secrets };
  return { store, functions, tables, sns, sqs, s3, logs, events, ...timedServices, observability, connections, ses };
}

function stateful(states: ExecutionActionsOptions | null): ExecutionActionsOptions {
  if (states === null) throw new Error('Broken invariant: something was started before the host was open');
  return states;
}

export interface Engine extends TrialPorts {
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
  const { report, options, place, clock } = base;
  const { store, s3, buses } = services;
  const quotas = options.quotas ?? AWS_QUOTAS;
  const machines = new StateMachines(store.records, () => clock.now(), quotas);
  const activities = await Activities.open(store.records, () => clock.now());
  const queue = new ActivityQueue(store.records, clock);
  const executionLog = new ExecutionLog(services.logs, () => clock.now());
  const executions = new StoredExecutions(store.executions, machines);
  const quarantined: string[] = [];
  const seed = seedSource();
  const newName = timeOrderedNames(seed, () => clock.now());
  const onCommitted = (committed: Committed): void => {
    executionLog.committed(committed);
    services.observability.onCommitted(committed);
  };
  const local = new LocalEndpoint();
  const remote = await RemoteStates.open({ records: store.records, machines, rules: options.remote ?? [] });
  const around = { performer: taskPerformer({ base, services, queue, local, remote }), clock, seed };
  const policy = { ...standardPolicy(quotas), activities };
  const objects = s3Objects(s3, place);
  const trials = { ...around, policy, mapDataOf: (text: string) => mapData({ ...objects, ...textObject(text) }) };
  const transient = new TransientHost({ ...around, onCommitted });
  const host = await EmbeddedHost.open({
    ...around,
    store,
    revisions: machines,
    mapData: mapData(objects),
    waitKeys: services.front.waitKeys,
    express: expressRunner(transient, expressPolicy(quotas)),
    policy,
    onCommitted,
    alongside: statusEvents({ events: buses, account: place.account, report }),
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
    clock,
    newId: newName,
    report,
  });
  opened.push(() => {
    express.close();
    transient.close();
  });
  const actors = { host, transient, express, machines, executions, activities, queue };
  const performed = new Performed(store.records, clock, 'states.performed');
  performed.start(report);
  opened.push(() => performed.stop());
  const states: ExecutionActionsOptions = {
    ...actors,
    store: store.executions,
    records: store.records,
    now: () => clock.now(),
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
  const { clock } = base;
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
      endpointUrl: base.endpointUrl,
      clock,
    }),
    {
      rulesFor: (machineArn) => remote.rulesFor(machineArn),
      local: (asked) => (local.has(asked) ? local : null),
      remote: (target) => new RemoteEndpoint(target, { credentials, clock }),
    },
  );
}

/** Executions that were under way when the last server stopped go on; Express ones run again. */
async function recover({ host, express }: Engine): Promise<RunningServer['recovered']> {
  const { executions, ...recovered } = await host.recover();
  return { executions: executions + (await express.recover()), ...recovered };
}

function openBackups({ options, report }: Base, { s3 }: Services, opened: Closing): Backups {
  const { dataFolder, backups: settings = { folder: null, schedule: null } } = options;
  const holdRemovals = () => s3.holdRemovals();
  const backups = new Backups({ dataFolder, settings, version: VERSION, now: systemClock.now, report, holdRemovals });
  opened.push(() => backups.close());
  return backups;
}

function openWatch(
  base: Base,
  { store, observability, backups }: Services & { readonly backups: Backups },
  engine: Engine,
  opened: Closing,
): HealthWatch {
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
    backupFailure: () => backups.failure?.message ?? null,
  });
  opened.push(() => watch.close());
  observability.watch(watch);
  return watch;
}

/** The last opened is closed first. */
async function closeAll(opened: Readonly<Closing>): Promise<void> {
  for (const close of [...opened].reverse()) await close();
}
