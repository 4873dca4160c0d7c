import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Activities, StateMachines } from '../../api/states/index.js';
import type { DeployReport, DeployRequest } from '../../api/treadle/index.js';
import type { Place } from '../../arn.js';
import type { Functions } from '../../functions/index.js';
import { STACKS_MAX } from '../../limits.js';
import type { Tables } from '../../services/dynamodb/tables.js';
import type { EventSources } from '../../services/event-sources/event-sources.js';
import type { Events } from '../../services/events/events.js';
import type { FrontParts } from '../../services/http/front-parts.js';
import type { Logs } from '../../services/logs/logs.js';
import type { Alarms } from '../../services/metrics/alarms/alarms.js';
import type { S3 } from '../../services/s3/s3.js';
import type { Scheduler } from '../../services/scheduler/scheduler.js';
import type { Secrets } from '../../services/secretsmanager/secrets.js';
import type { Sns } from '../../services/sns/sns.js';
import type { Sqs } from '../../services/sqs/sqs.js';
import type { RecordStore, Store } from '../../store/ports.js';
import { putJson } from '../../store/record-writes.js';
import {
  type DeployedResource,
  type DeployPorts,
  deploy,
  deployStacks,
  type FolderPort,
  formatProblem,
  isAssembly,
  otherStacks,
  readAssembly,
  readTemplate,
  resolveAssembly,
  resolveTemplate,
  type StackOutput,
  type StackRecords,
  type DeployReport as StackReport,
  TemplateError,
} from '../../templates/index.js';
import type { RemoteStates } from '../remote-states.js';
import { alarmPort } from './alarm-port.js';
import { bucketPartPort, bucketPort } from './bucket-port.js';
import { busPort, queuePort, rulePort, schedulePort } from './event-ports.js';
import { frontPort } from './front-port.js';
import { functionPort } from './function-port.js';
import { aliasPort, eventInvokePort, eventSourcePort, layerPort, versionPort } from './lambda-ports.js';
import { logGroupPort } from './log-group-port.js';
import { activityPort, machineAliasPort, machineVersionPort, stateMachinePort } from './machine-ports.js';
import { missingFunctions } from './missing-functions.js';
import { objectPort, objectText } from './object-port.js';
import { secretPort } from './secret-port.js';
import { canBeKept, mergedReport, shownReport } from './shown-report.js';
import { tablePort } from './table-port.js';
import { subscriptionPort, topicPort } from './topic-ports.js';

export interface Deployables {
  readonly functions: Functions;
  readonly sources: EventSources;
  readonly machines: StateMachines;
  readonly activities: Activities;
  readonly remote: RemoteStates;
  readonly tables: Tables;
  readonly sns: Sns;
  readonly s3: S3;
  readonly sqs: Sqs;
  readonly secrets: Secrets;
  readonly buses: Pick<Events, 'rules'>;
  readonly scheduler: Scheduler;
  readonly logs: Pick<Logs, 'groups'>;
  readonly store: Pick<Store, 'records'>;
  readonly now: () => number;
  readonly front: { readonly parts: FrontParts };
  readonly alarms: Alarms;
  readonly dataFolder: string;
  /** Account, and the region where none is asked for. */
  readonly place: Place;
  /** Where clients reach this server. */
  readonly endpointUrl: () => string;
}

/** Deploys templates to the services of this server, one at a time. */
export class Deployer {
  #last: Promise<unknown> = Promise.resolve();

  constructor(private readonly deployables: Deployables) {}

  /** `onProgress` hears what packages are being installed. */
  deploy(request: DeployRequest, onProgress: (line: string) => void = () => undefined): Promise<DeployReport> {
    const next = this.#last.then(async () => {
      const stop = this.deployables.functions.packages.onProgress(onProgress);
      return this.#deploy(request).finally(stop);
    });
    this.#last = next.catch(() => undefined);
    return next;
  }

  /** A template that cannot be read at all is refused like one that cannot be deployed: with its lines. */
  async #deploy(request: DeployRequest): Promise<DeployReport> {
    try {
      return await this.#deployReadable(request);
    } catch (fault) {
      if (!(fault instanceof TemplateError)) throw fault;
      const region = request.region ?? this.deployables.place.region;
      const problems = fault.problems.map(formatProblem);
      return {
        template: request.template,
        region,
        resources: [],
        problems,
        canBeKept: canBeKept(fault.problems),
        warnings: [],
        outputs: {},
      };
    }
  }

  async #deployReadable(request: DeployRequest): Promise<DeployReport> {
    const place = { account: this.deployables.place.account, region: request.region ?? this.deployables.place.region };
    const { parameters, allowUnsupported, fill } = request;
    if (isAssembly(request.template)) return this.#deployAssembly(request, place);
    if ((request.stacks ?? []).length > 0) throw notAnAssembly(request.template);
    const ports = this.#ports(place);
    const document = await readTemplate(request.template);
    const stackName = stackNameOf(request.template);
    const plan = await resolveTemplate(document, {
      place,
      endpoint: this.deployables.endpointUrl(),
      stackName,
      parameters,
      allowUnsupported,
      fill,
      readObject: objectText(this.deployables.s3, place),
      otherStacks: otherStacks((await ports.records.outputs()).filter((output) => output.stackName !== stackName)),
    });
    return this.#shown(await deploy(plan, ports), place);
  }

  async #deployAssembly(request: DeployRequest, place: Place): Promise<DeployReport> {
    const { template, parameters, allowUnsupported, fill, stacks = [] } = request;
    const ports = this.#ports(place);
    const plans = await resolveAssembly(await readAssembly(template), {
      place,
      endpoint: this.deployables.endpointUrl(),
      parameters,
      allowUnsupported,
      fill,
      stacks,
      readObject: objectText(this.deployables.s3, place),
      deployed: await ports.records.outputs(),
    });
    const reports = new Map<string, DeployReport>();
    for (const report of await deployStacks(plans, ports)) {
      reports.set(report.stackName, await this.#shown(report, place));
    }
    return mergedReport(template, place.region, reports);
  }

  async #shown(outcome: StackReport, place: Place): Promise<DeployReport> {
    const report = shownReport(outcome, place.region);
    const missing = await missingFunctions(report, { ...this.deployables, place });
    return { ...report, warnings: [...report.warnings, ...missing] };
  }

  #ports(place: Place): DeployPorts {
    const { functions, machines, remote, tables, sns, s3, sqs, buses, scheduler, store, dataFolder } = this.deployables;
    const { groups } = this.deployables.logs;
    const groupExists = async (arn: string): Promise<boolean> => (await groups.find(arn)) !== null;
    const objects = objectPort(s3, place);
    return {
      objects,
      functions: functionPort(functions, place),
      stateMachines: stateMachinePort({ machines, remote, groupExists, place }),
      machineVersions: machineVersionPort(machines),
      machineAliases: machineAliasPort(machines, this.deployables.now, place),
      activities: activityPort(this.deployables.activities, place),
      logGroups: logGroupPort(groups, place),
      tables: tablePort(tables, place),
      versions: versionPort(functions, place),
      layers: layerPort(functions.layers, objects, place),
      aliases: aliasPort(functions, place),
      eventInvokes: eventInvokePort(functions, place),
      eventSources: eventSourcePort(this.deployables.sources),
      topics: topicPort(sns.topics, place),
      subscriptions: subscriptionPort(sns),
      buckets: bucketPort(s3.buckets, place),
      queues: queuePort(sqs, place),
      secrets: secretPort(this.deployables.secrets, place),
      buses: busPort(buses.rules, place),
      rules: rulePort(buses.rules, place),
      schedules: schedulePort(scheduler, place),
      bucketParts: bucketPartPort(s3.buckets),
      fronts: frontPort(this.deployables.front.parts),
      alarms: alarmPort(this.deployables.alarms, place),
      folders: folderPort(join(dataFolder, 'inline-code')),
      records: stackRecords(store.records, place),
    };
  }
}

const notAnAssembly = (file: string): TemplateError =>
  new TemplateError([
    {
      ...{ kind: 'invalid', file, line: 1, column: 1, resource: null, resourceType: null },
      message: 'Expected a CDK assembly to choose stacks from, but this is a template. Leave out --stack.',
    },
  ]);

/**
 * The template's folder names the stack: deploying from the same folder again is the same stack. What `sam build` writes into
 * `.aws-sam/build` is the stack of the folder that it was built in.
 */
function stackNameOf(template: string): string {
  const folder = dirname(template).replace(/[/\\]\.aws-sam[/\\]build$/, '');
  const name = basename(folder).replace(/[^A-Za-z0-9-]+/g, '-');
  return /^[A-Za-z]/.test(name) ? name.slice(0, STACK_NAME_CHARS_MAX) : `stack-${name}`.slice(0, STACK_NAME_CHARS_MAX);
}

/** AWS's own limit. */
const STACK_NAME_CHARS_MAX = 128;

const folderPort = (root: string): FolderPort => ({
  async write(name, file) {
    const folder = join(root, createHash('sha256').update(name).digest('hex').slice(0, 16));
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, file.name), file.text);
    return folder;
  },
});

const STACKS = 'stack';
const OUTPUTS = 'stack-outputs';

function stackRecords(records: RecordStore, place: Place): StackRecords {
  const keyOf = (stackName: string): string => `${place.account}/${place.region}/${stackName}`;
  return {
    async load(stackName) {
      const text = await records.get(STACKS, keyOf(stackName));
      return text === null ? [] : (JSON.parse(text) as DeployedResource[]); // written by save
    },
    save: (stackName, resources) => records.write([putJson(STACKS, keyOf(stackName), resources)]),
    async outputs() {
      const rows = await records.scan({ collection: OUTPUTS, prefix: keyOf(''), after: null, limit: STACKS_MAX });
      return rows.flatMap(({ value }) => JSON.parse(value) as StackOutput[]); // written by saveOutputs
    },
    saveOutputs: (stackName, outputs) => records.write([putJson(OUTPUTS, keyOf(stackName), outputs)]),
  };
}
