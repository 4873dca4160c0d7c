/** For this folder's tests: the ports of `deploy` in memory. */
import {
  type BucketPort,
  type BucketSettings,
  type DefinitionFault,
  type DeployedResource,
  type DeployPorts,
  type DeployReport,
  deploy,
  differences,
  type FolderPort,
  type FunctionPort,
  type FunctionSettings,
  type MachineVersionPort,
  type ResolveOptions,
  readTemplate,
  resolveTemplate,
  type SettingsPort,
  type StackOutput,
  type StackRecords,
  type StateMachinePort,
  type StateMachineSettings,
  type SubscriptionPort,
  type SubscriptionSettings,
  type TablePort,
  type TableSettings,
  type TopicPort,
  type TopicSettings,
} from './index.js';
import { PLACE } from './test-projects.js';

/** The ports in memory: what a server has, and every change in order. */
export interface FakeServer {
  readonly ports: DeployPorts;
  readonly functions: Map<string, FunctionSettings & { readonly codePath: string }>;
  readonly machines: Map<string, StateMachineSettings>;
  readonly tables: Map<string, TableSettings>;
  readonly topics: Map<string, TopicSettings>;
  readonly subscriptions: Map<string, SubscriptionSettings>;
  /** Name → whether there is something in it. */
  readonly buckets: Map<string, { readonly isEmpty: boolean; readonly settings?: BucketSettings }>;
  /** Queues, buses, rules and schedules by `kind name`. */
  readonly others: Map<string, object>;
  /** `bucket/key` → digest. */
  readonly objects: Map<string, string>;
  readonly records: Map<string, readonly DeployedResource[]>;
  readonly outputs: Map<string, readonly StackOutput[]>;
  readonly changes: string[];
  /** What `validate` finds in a definition that contains the key. */
  readonly faults: Map<string, DefinitionFault>;
  /** Names whose creation fails. */
  readonly failing: Set<string>;
}

const withArn = (service: string, path: string, name: string): string =>
  `arn:aws:${service}:${PLACE.region}:${PLACE.account}:${path}${name}`;
export const machineArn = (name: string): string => withArn('states', 'stateMachine:', name);
export const topicArn = (name: string): string => withArn('sns', '', name);

export function newFakeServer(): FakeServer {
  const state: FakeState = {
    functions: new Map(),
    machines: new Map(),
    tables: new Map(),
    topics: new Map(),
    subscriptions: new Map(),
    buckets: new Map(),
    others: new Map(),
    objects: new Map(),
    records: new Map(),
    outputs: new Map(),
    changes: [],
    faults: new Map(),
    failing: new Set(),
  };
  const ports: DeployPorts = {
    functions: functionPort(state),
    stateMachines: stateMachinePort(state),
    tables: tablePort(state),
    topics: topicPort(state),
    subscriptions: subscriptionPort(state),
    buckets: bucketPort(state),
    versions: settingsPort(state, 'version'),
    layers: settingsPort(state, 'layer'),
    aliases: settingsPort(state, 'alias'),
    eventSources: settingsPort(state, 'event source'),
    queues: settingsPort(state, 'queue'),
    secrets: settingsPort(state, 'secret'),
    buses: settingsPort(state, 'bus'),
    rules: settingsPort(state, 'rule'),
    schedules: settingsPort(state, 'schedule'),
    machineVersions: machineVersionPort(state),
    machineAliases: settingsPort(state, 'machine alias'),
    activities: settingsPort(state, 'activity'),
    logGroups: settingsPort(state, 'log group'),
    eventInvokes: settingsPort(state, 'event invoke'),
    fronts: settingsPort(state, 'front'),
    bucketParts: settingsPort(state, 'bucket part'),
    alarms: settingsPort(state, 'alarm'),
    folders: folderPort(state),
    objects: {
      digest: async ({ bucket, key }) => state.objects.get(`${bucket}/${key}`) ?? null,
      withFile: ({ bucket, key }, use) => use(`/fetched/${bucket}/${key}`),
    },
    records: recordsPort(state),
  };
  return { ...state, ports };
}

type FakeState = Omit<FakeServer, 'ports'>;

function functionPort({ functions, changes, failing }: FakeState): FunctionPort {
  const fail = (name: string): void => {
    if (failing.has(name)) throw new Error(`${name} is broken`);
  };
  return {
    check: async ({ runtime }) => (runtime.startsWith('java') ? `Expected a runtime, but '${runtime}' is none.` : null),
    async find(name) {
      const found = functions.get(name);
      if (found === undefined) return null;
      const { codePath, ...settings } = found;
      return codePath === '' ? null : settings;
    },
    resolved: (desired) => desired,
    async create(desired, codePath) {
      fail(desired.name);
      functions.set(desired.name, { ...desired, codePath });
      changes.push(`create function ${desired.name}`);
    },
    async update(desired, codePath) {
      functions.set(desired.name, { ...desired, codePath });
      changes.push(`update function ${desired.name}`);
    },
    async remove(name) {
      fail(name);
      functions.delete(name);
      changes.push(`remove function ${name}`);
    },
  };
}

function stateMachinePort({ machines, changes, faults }: FakeState): StateMachinePort {
  return {
    validate: async (definition) => [...faults].flatMap(([key, fault]) => (definition.includes(key) ? [fault] : [])),
    find: async (arn) => machines.get(arn) ?? null,
    async create(desired) {
      machines.set(machineArn(desired.name), desired);
      changes.push(`create machine ${desired.name}`);
    },
    async update(arn, desired) {
      machines.set(arn, desired);
      changes.push(`update machine ${desired.name}`);
    },
    async remove(arn) {
      machines.delete(arn);
      changes.push(`remove machine ${arn}`);
    },
  };
}

/** The version of a machine is the number of its definition among those that were published. */
function machineVersionPort({ machines, others, changes }: FakeState): MachineVersionPort {
  const definitions = (arn: string): readonly string[] =>
    [...others].flatMap(([key, value]) => (key.startsWith(`version ${arn}:`) ? [JSON.stringify(value)] : []));
  return {
    isCurrent: async (arn, { machineArn, revision }) =>
      revision === null || JSON.stringify(others.get(`version ${arn}`)) === JSON.stringify(machines.get(machineArn)),
    async publish({ machineArn }) {
      const arn = `${machineArn}:${definitions(machineArn).length + 1}`;
      others.set(`version ${arn}`, machines.get(machineArn) ?? {});
      changes.push(`publish ${arn}`);
      return arn;
    },
    async remove(arn) {
      changes.push(`remove version ${arn}`);
    },
  };
}

function tablePort({ tables, changes }: FakeState): TablePort {
  return {
    describe: async (name) => tables.get(name) ?? null,
    async create(desired) {
      tables.set(desired.name, desired);
      changes.push(`create table ${desired.name}`);
    },
    async change(name, change) {
      changes.push(`change table ${name}: ${change.type}`);
      const table = tables.get(name);
      if (table === undefined) throw new Error('no table');
      switch (change.type) {
        case 'setBilling':
          return { type: 'notApplied', reason: 'there is one billing' };
        case 'createIndex':
          tables.set(name, {
            ...table,
            attributes: change.desired.attributes,
            globalIndexes: [...table.globalIndexes, change.index],
          });
          return { type: 'applied' };
        case 'setFeatures':
          tables.set(name, { ...table, features: change.features });
          return { type: 'applied' };
        case 'deleteIndex':
          tables.set(name, {
            ...table,
            globalIndexes: table.globalIndexes.filter((index) => index.name !== change.indexName),
          });
          return { type: 'applied' };
        default:
          return change satisfies never;
      }
    },
  };
}

function topicPort({ topics, changes }: FakeState): TopicPort {
  return {
    find: async (arn) => topics.get(arn) ?? null,
    async create(desired) {
      topics.set(topicArn(desired.name), desired);
      changes.push(`create topic ${desired.name}`);
    },
    async update(arn, desired) {
      topics.set(arn, desired);
      changes.push(`update topic ${desired.name}`);
    },
    async remove(arn) {
      topics.delete(arn);
      changes.push(`remove topic ${arn}`);
    },
  };
}

function subscriptionPort({ subscriptions, changes }: FakeState): SubscriptionPort {
  return {
    async find({ topicArn: topic, protocol, endpoint }) {
      for (const [arn, one] of subscriptions) {
        if (one.topicArn === topic && one.protocol === protocol && one.endpoint === endpoint)
          return { arn, attributes: one.attributes };
      }
      return null;
    },
    async create(desired) {
      const arn = `${desired.topicArn}:${subscriptions.size + 1}`;
      subscriptions.set(arn, desired);
      changes.push(`subscribe ${desired.endpoint}`);
      return arn;
    },
    async update(arn, desired) {
      subscriptions.set(arn, desired);
      changes.push(`change subscription ${arn}`);
    },
    async remove(arn) {
      subscriptions.delete(arn);
      changes.push(`unsubscribe ${arn}`);
    },
  };
}

const PLAIN_BUCKET = { versioning: null, lock: null, tags: {}, lifecycle: null, notifications: null } as const;

function bucketPort({ buckets, changes }: FakeState): BucketPort {
  return {
    find: async (name) => {
      const found = buckets.get(name);
      return found === undefined ? null : (found.settings ?? { ...PLAIN_BUCKET, name });
    },
    async create(settings) {
      buckets.set(settings.name, { isEmpty: true, settings });
      changes.push(`create bucket ${settings.name}`);
    },
    async update(settings) {
      buckets.set(settings.name, { isEmpty: true, settings });
      changes.push(`update bucket ${settings.name}`);
    },
    async remove(name) {
      if (buckets.get(name)?.isEmpty === false) throw new Error('it is not empty');
      buckets.delete(name);
      changes.push(`remove bucket ${name}`);
    },
  };
}

function settingsPort<Settings extends { readonly name: string }>(
  { others, changes }: FakeState,
  kind: string,
): SettingsPort<Settings> {
  return {
    async compare(desired) {
      const actual = others.get(`${kind} ${desired.name}`);
      return actual === undefined ? null : differences(actual, desired);
    },
    async put(desired) {
      others.set(`${kind} ${desired.name}`, desired);
      changes.push(`put ${kind} ${desired.name}`);
    },
    async remove(arn) {
      changes.push(`remove ${kind} ${arn}`);
    },
  };
}

function folderPort({ changes }: FakeState): FolderPort {
  return {
    async write(name, file) {
      changes.push(`write ${name}/${file.name}`);
      return `generated/${name}`;
    },
  };
}

function recordsPort({ records, outputs }: FakeState): StackRecords {
  return {
    load: async (stackName) => records.get(stackName) ?? [],
    async save(stackName, resources) {
      records.set(stackName, resources);
    },
    outputs: async () => [...outputs.values()].flat(),
    async saveOutputs(stackName, given) {
      outputs.set(stackName, given);
    },
  };
}

/** Reads, resolves and deploys as the stack `shop`; `changes` then holds what this deployment did. */
export async function deployFile(
  server: FakeServer,
  file: string,
  options: Partial<ResolveOptions> = {},
): Promise<DeployReport> {
  server.changes.length = 0;
  const document = await readTemplate(file);
  const plan = await resolveTemplate(document, { parameters: {}, place: PLACE, stackName: 'shop', ...options });
  return deploy(plan, server.ports);
}

/** One line a resource. */
export const outcomes = (report: DeployReport): readonly string[] =>
  report.resources.map(
    ({ logicalId, outcome, reason }) => `${outcome} ${logicalId}${reason === null ? '' : `: ${reason}`}`,
  );
