import type {
  FunctionCode,
  FunctionSettings,
  PlannedBucket,
  PlannedFunction,
  PlannedMachineVersion,
  PlannedResource,
  PlannedStateMachine,
  PlannedSubscription,
  PlannedTable,
  PlannedTopic,
} from './plan.js';
import type { DeployPorts, SettingsPort } from './ports.js';
import { describeChange, tableDifference } from './table-changes.js';

/** What applying one resource has done. */
export interface Applied {
  readonly outcome: 'built' | 'updated' | 'unchanged';
  readonly physicalId: string;
  readonly reason: string | null;
}

export interface ApplyContext {
  readonly ports: DeployPorts;
  readonly stackName: string;
  /** Of the code that the stack deployed last under this name, and of the code now; null for what has none. */
  readonly deployedDigest: string | null;
  /** Name or ARN of what the stack has under this logical id; null for what it does not have yet. */
  readonly deployedId: string | null;
  readonly codeDigest: string | null;
}

/** Makes, changes or leaves one resource. Rejects with the port's error. */
export async function applyResource(resource: PlannedResource, context: ApplyContext): Promise<Applied> {
  switch (resource.kind) {
    case 'function':
      return applyFunction(resource, context);
    case 'stateMachine':
      return applyStateMachine(resource, context);
    case 'table':
      return applyTable(resource, context);
    case 'topic':
      return applyTopic(resource, context);
    case 'subscription':
      return applySubscription(resource, context);
    case 'bucket':
      return applyBucket(resource, context);
    case 'version':
      return applySettings(resource, context.ports.versions);
    case 'layer':
      return applySettings(resource, context.ports.layers);
    case 'alias':
      return applySettings(resource, context.ports.aliases);
    case 'eventSource':
      return applySettings(resource, context.ports.eventSources);
    case 'queue':
      return applySettings(resource, context.ports.queues);
    case 'secret':
      return applySettings(resource, context.ports.secrets);
    case 'bus':
      return applySettings(resource, context.ports.buses);
    case 'rule':
      return applySettings(resource, context.ports.rules);
    case 'schedule':
      return applySettings(resource, context.ports.schedules);
    case 'machineVersion':
      return applyMachineVersion(resource, context);
    case 'machineAlias':
      return applySettings(resource, context.ports.machineAliases);
    case 'activity':
      return applySettings(resource, context.ports.activities);
    case 'logGroup':
      return applySettings(resource, context.ports.logGroups);
    case 'eventInvoke':
      return applySettings(resource, context.ports.eventInvokes);
    case 'front':
      return applySettings(resource, context.ports.fronts);
    case 'bucketPart':
      return applySettings(resource, context.ports.bucketParts);
    case 'alarm':
      return applySettings(resource, context.ports.alarms);
    default:
      return resource satisfies never;
  }
}

/** The name or ARN by which the records of the stack know it; null where it is known only once it is made. */
export function physicalIdOf(resource: PlannedResource): string | null {
  switch (resource.kind) {
    case 'function':
    case 'table':
    case 'bucket':
      return resource.settings.name;
    case 'stateMachine':
    case 'topic':
    case 'version':
    case 'layer':
    case 'alias':
    case 'eventSource':
    case 'queue':
    case 'secret':
    case 'bus':
    case 'rule':
    case 'schedule':
    case 'machineAlias':
    case 'activity':
    case 'logGroup':
    case 'eventInvoke':
    case 'front':
    case 'bucketPart':
    case 'alarm':
      return resource.arn;
    case 'machineVersion':
    case 'subscription':
      return null;
    default:
      return resource satisfies never;
  }
}

const built = (physicalId: string): Applied => ({ outcome: 'built', physicalId, reason: null });
const unchanged = (physicalId: string): Applied => ({ outcome: 'unchanged', physicalId, reason: null });
const updated = (physicalId: string, reason: string): Applied => ({ outcome: 'updated', physicalId, reason });

/** Names the members that differ, for the report. */
export function differences<Settings extends object>(actual: Settings, desired: Settings): readonly string[] {
  const before = new Map(Object.entries(actual));
  return Object.entries(desired).flatMap(([key, value]) =>
    canonical(before.get(key)) === canonical(value) ? [] : [key],
  );
}

/** JSON text with sorted members, so that the order of a map does not count. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

async function applyFunction(resource: PlannedFunction, context: ApplyContext): Promise<Applied> {
  const { ports, deployedDigest, codeDigest, stackName } = context;
  const { code } = resource;
  const settings = ports.functions.resolved(resource.settings);
  const { name } = settings;
  const actual: FunctionSettings | null = await ports.functions.find(name);
  const isCodeSame = deployedDigest === codeDigest;
  const changed = actual === null ? [] : [...differences(actual, settings), ...(isCodeSame ? [] : ['code'])];
  if (actual !== null && changed.length === 0) return unchanged(name);
  await withCode(code, { ports, name: `${stackName}-${resource.logicalId}` }, (path) =>
    actual === null ? ports.functions.create(settings, path) : ports.functions.update(settings, path),
  );
  return actual === null ? built(name) : updated(name, changed.join(', '));
}

async function withCode(
  code: FunctionCode,
  { ports, name }: { readonly ports: DeployPorts; readonly name: string },
  use: (path: string) => Promise<void>,
): Promise<void> {
  switch (code.type) {
    case 'path':
      return use(code.path);
    case 'inline':
      return use(await ports.folders.write(name, { name: code.fileName, text: code.text }));
    case 'stored':
      return ports.objects.withFile(code.object, use);
    default:
      return code satisfies never;
  }
}

async function applyStateMachine(resource: PlannedStateMachine, { ports }: ApplyContext): Promise<Applied> {
  const { arn, settings } = resource;
  const actual = await ports.stateMachines.find(arn);
  if (actual === null) {
    await ports.stateMachines.create(settings);
    return built(arn);
  }
  const changed = differences(actual, settings);
  if (changed.length === 0) return unchanged(arn);
  await ports.stateMachines.update(arn, settings);
  return updated(arn, changed.join(', '));
}

async function applyMachineVersion(
  { settings }: PlannedMachineVersion,
  { ports, deployedId }: ApplyContext,
): Promise<Applied> {
  if (deployedId !== null && (await ports.machineVersions.isCurrent(deployedId, settings)))
    return unchanged(deployedId);
  const arn = await ports.machineVersions.publish(settings);
  return deployedId === null ? built(arn) : updated(arn, 'revision');
}

async function applyTable({ settings }: PlannedTable, { ports }: ApplyContext): Promise<Applied> {
  const { name } = settings;
  const actual = await ports.tables.describe(name);
  if (actual === null) {
    await ports.tables.create(settings);
    return built(name);
  }
  const { changes } = tableDifference(actual, settings);
  if (changes.length === 0) return unchanged(name);
  const notes: string[] = [];
  let appliedCount = 0;
  for (const change of changes) {
    const what = describeChange(change);
    const outcome = await ports.tables.change(name, change);
    if (outcome.type === 'applied') appliedCount += 1;
    notes.push(outcome.type === 'applied' ? what : `not done: ${what} (${outcome.reason})`);
  }
  return { outcome: appliedCount > 0 ? 'updated' : 'unchanged', physicalId: name, reason: notes.join('; ') };
}

async function applyTopic({ arn, settings }: PlannedTopic, { ports }: ApplyContext): Promise<Applied> {
  const actual = await ports.topics.find(arn);
  if (actual === null) {
    await ports.topics.create(settings);
    return built(arn);
  }
  const changed = differences(actual, settings);
  if (changed.length === 0) return unchanged(arn);
  await ports.topics.update(arn, settings);
  return updated(arn, changed.join(', '));
}

async function applyBucket({ settings }: PlannedBucket, { ports }: ApplyContext): Promise<Applied> {
  const actual = await ports.buckets.find(settings.name);
  if (actual === null) {
    await ports.buckets.create(settings);
    return built(settings.name);
  }
  const changed = differences(actual, settings);
  if (changed.length === 0) return unchanged(settings.name);
  await ports.buckets.update(settings);
  return updated(settings.name, changed.join(', '));
}

async function applySettings<Settings>(
  { arn, settings }: { readonly arn: string; readonly settings: Settings },
  port: SettingsPort<Settings>,
): Promise<Applied> {
  const changed = await port.compare(settings);
  if (changed?.length === 0) return unchanged(arn);
  await port.put(settings);
  return changed === null ? built(arn) : updated(arn, changed.join(', '));
}

async function applySubscription({ settings }: PlannedSubscription, { ports }: ApplyContext): Promise<Applied> {
  const { topicArn, protocol, endpoint } = settings;
  const actual = await ports.subscriptions.find({ topicArn, protocol, endpoint });
  if (actual === null) return built(await ports.subscriptions.create(settings));
  if (canonical(actual.attributes) === canonical(settings.attributes)) return unchanged(actual.arn);
  await ports.subscriptions.update(actual.arn, settings);
  return updated(actual.arn, 'attributes');
}
