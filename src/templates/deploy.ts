import { applyResource, physicalIdOf } from './apply-resource.js';
import type { DeployPlan, PlannedResource } from './plan.js';
import type { DeployedResource, DeployPorts } from './ports.js';
import { preflight } from './preflight.js';
import type { Problem } from './problem.js';
import { publishedArn, withPublished } from './published.js';
import type { DeployReport, ReportedResource } from './report.js';

/**
 * Brings a running Treadle to what the plan says, changing only what differs. Nothing is changed when the plan has problems, a
 * definition is invalid or a table would lose its items. A port's failure ends it: the report names it, and deploying again goes on.
 */
export function deploy(plan: DeployPlan, ports: DeployPorts): Promise<DeployReport> {
  return deployOne(plan, ports, new Map());
}

/** `published`: ARNs of versions of the stacks before, by what stands for them. */
async function deployOne(plan: DeployPlan, ports: DeployPorts, published: Map<string, string>): Promise<DeployReport> {
  if (plan.problems.length > 0) return refusedReport(plan, plan.problems, plan.remarks);
  const found = await preflight(plan, ports);
  const remarks = [...plan.remarks, ...found.remarks];
  if (found.problems.length > 0) return refusedReport(plan, found.problems, remarks);
  const loaded = await ports.records.load(plan.stackName);
  const announcedRecords = announced(plan, loaded);
  await ports.records.save(plan.stackName, announcedRecords);
  const applied = await applyAll(plan, { ports, loaded, codeDigests: found.codeDigests, published });
  const removal = applied.isComplete ? await removeVanished(applied.records, loaded, ports) : NO_REMOVAL;
  // A deployment that failed keeps what was announced, since nobody knows how far the failing call came.
  const records = applied.isComplete
    ? [...applied.records, ...removal.stays]
    : merged([...announcedRecords, ...loaded, ...applied.records]);
  await ports.records.save(plan.stackName, records);
  const resources = [...applied.resources, ...removal.resources, ...keptResources(plan)];
  const isDeployed = resources.every((resource) => resource.outcome !== 'failed');
  const { file, stackName } = plan;
  const outputs = withPublished(plan.outputs, published);
  if (isDeployed) {
    const given = outputs.map(({ description: _, ...output }) => ({ ...output, stackName }));
    await ports.records.saveOutputs(stackName, given);
  }
  return { file, stackName, isDeployed, resources, problems: [], remarks, outputs: isDeployed ? outputs : [] };
}

/** Stacks in their order. Nothing of any is changed when one is refused; what comes after a stack that failed is not reached. */
export async function deployStacks(plans: readonly DeployPlan[], ports: DeployPorts): Promise<readonly DeployReport[]> {
  const found = [];
  for (const plan of plans) {
    const { problems, remarks } = plan.problems.length > 0 ? plan : await preflight(plan, ports);
    found.push({ plan, problems, remarks: plan.problems.length > 0 ? remarks : [...plan.remarks, ...remarks] });
  }
  if (found.some(({ problems }) => problems.length > 0))
    return found.map(({ plan, problems, remarks }) => refusedReport(plan, problems, remarks));
  const reports: DeployReport[] = [];
  const published = new Map<string, string>();
  for (const plan of plans) {
    const isReached = reports.every(({ isDeployed }) => isDeployed);
    reports.push(isReached ? await deployOne(plan, ports, published) : refusedReport(plan, [], []));
  }
  return reports;
}

/** Nothing was changed: what has a problem is refused, the rest was not reached. */
function refusedReport(plan: DeployPlan, problems: readonly Problem[], remarks: DeployPlan['remarks']): DeployReport {
  const refused = new Map<string, ReportedResource>();
  for (const { resource, resourceType, line, column, message } of problems) {
    if (resource === null || refused.has(resource)) continue;
    const at = plan.resources.find((planned) => planned.logicalId === resource)?.at ?? { line, column };
    const type = resourceType ?? 'unknown';
    refused.set(resource, {
      logicalId: resource,
      resourceType: type,
      outcome: 'refused',
      physicalId: null,
      ...at,
      reason: message,
    });
  }
  const skipped = plan.resources
    .filter((resource) => !refused.has(resource.logicalId))
    .map((resource) => reported(resource, { outcome: 'skipped', physicalId: physicalIdOf(resource), reason: null }));
  const resources = [...refused.values(), ...skipped, ...keptResources(plan)];
  return { file: plan.file, stackName: plan.stackName, isDeployed: false, resources, problems, remarks, outputs: [] };
}

const reported = (
  { logicalId, resourceType, at }: PlannedResource,
  found: Pick<ReportedResource, 'outcome' | 'physicalId' | 'reason'>,
): ReportedResource => ({ logicalId, resourceType, line: at.line, column: at.column, ...found });

const keptResources = (plan: DeployPlan): readonly ReportedResource[] =>
  plan.kept.map(({ logicalId, resourceType, at, why }) => ({
    logicalId,
    resourceType,
    outcome: 'kept',
    physicalId: null,
    line: at.line,
    column: at.column,
    reason: why,
  }));

/**
 * Saved before anything is changed, so that a crash in between leaves no resource that no stack knows: the old ones and the new ones,
 * without digests, since their code is not known to be current.
 */
const announced = (plan: DeployPlan, loaded: readonly DeployedResource[]): readonly DeployedResource[] =>
  merged([
    ...loaded.map((record) => ({ ...record, codeDigest: null })),
    ...plan.resources.flatMap((resource) => {
      const physicalId = physicalIdOf(resource);
      return physicalId === null ? [] : [recordOf(resource, physicalId, null)];
    }),
  ]);

const identityOf = ({ kind, physicalId }: DeployedResource): string => `${kind} ${physicalId}`;

/** One record for each thing; a later one wins. */
const merged = (records: readonly DeployedResource[]): readonly DeployedResource[] => [
  ...new Map(records.map((record) => [identityOf(record), record])).values(),
];

const recordOf = (
  { logicalId, resourceType, kind, isRetained }: PlannedResource,
  physicalId: string,
  codeDigest: string | null,
): DeployedResource => ({ logicalId, resourceType, kind, physicalId, codeDigest, isRetained });

interface Application {
  readonly isComplete: boolean;
  readonly resources: readonly ReportedResource[];
  /** Of what is as the plan says. */
  readonly records: readonly DeployedResource[];
}

interface ApplicationSource {
  readonly ports: DeployPorts;
  readonly loaded: readonly DeployedResource[];
  readonly codeDigests: ReadonlyMap<string, string>;
  /** Filled with what stands for ARNs of versions, and the ARNs. */
  readonly published: Map<string, string>;
}

async function applyAll(
  plan: DeployPlan,
  { ports, loaded, codeDigests, published }: ApplicationSource,
): Promise<Application> {
  const resources: ReportedResource[] = [];
  const records: DeployedResource[] = [];
  const { stackName } = plan;
  let isComplete = true;
  for (const planned of plan.resources) {
    const settings = withPublished(planned.settings, published);
    const resource = { ...planned, settings } as PlannedResource; // the settings are of the same kind
    const physicalId = physicalIdOf(resource);
    if (!isComplete) {
      resources.push(reported(resource, { outcome: 'skipped', physicalId, reason: 'not reached' }));
      continue;
    }
    const codeDigest = codeDigests.get(resource.logicalId) ?? null;
    const known = loaded.filter((one) => one.kind === resource.kind);
    const record = known.find((one) => one.physicalId === physicalId);
    const deployedId = known.find((one) => one.logicalId === resource.logicalId)?.physicalId ?? null;
    try {
      const deployedDigest = record?.codeDigest ?? null;
      const applied = await applyResource(resource, { ports, stackName, deployedDigest, deployedId, codeDigest });
      records.push(recordOf(resource, applied.physicalId, codeDigest));
      if (resource.kind === 'machineVersion') {
        published.set(publishedArn(resource.settings.machineArn, resource.logicalId), applied.physicalId);
      }
      resources.push(reported(resource, applied));
    } catch (error) {
      isComplete = false;
      const reason = error instanceof Error ? error.message : String(error);
      resources.push(reported(resource, { outcome: 'failed', physicalId, reason }));
    }
  }
  return { isComplete, resources, records };
}

interface Removal {
  readonly resources: readonly ReportedResource[];
  /** Could not be removed: tried again by the next deployment. */
  readonly stays: readonly DeployedResource[];
}

const NO_REMOVAL: Removal = { resources: [], stays: [] };

/** What the stack had and the template has no more. What sends to others goes first, what others send to comes later. */
async function removeVanished(
  current: readonly DeployedResource[],
  loaded: readonly DeployedResource[],
  ports: DeployPorts,
): Promise<Removal> {
  const inUse = new Set(current.map(identityOf));
  const order: readonly DeployedResource['kind'][] = [
    'front',
    'bucketPart',
    'alarm',
    'eventSource',
    'subscription',
    'schedule',
    'rule',
    'machineAlias',
    'machineVersion',
    'stateMachine',
    'activity',
    'eventInvoke',
    'alias',
    'version',
    'function',
    'layer',
    'topic',
    'bucket',
    'queue',
    'secret',
    'bus',
    'table',
    'logGroup',
  ];
  // A version that another one took the place of stays, for executions may still be started by it.
  const replaced = new Set(current.filter(({ kind }) => kind === 'machineVersion').map(({ logicalId }) => logicalId));
  const vanished = loaded.filter(
    (record) => !inUse.has(identityOf(record)) && !(record.kind === 'machineVersion' && replaced.has(record.logicalId)),
  );
  const resources: ReportedResource[] = [];
  const stays: DeployedResource[] = [];
  for (const record of [...vanished].sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind))) {
    if (record.kind === 'table' && (await ports.tables.describe(record.physicalId)) === null) continue;
    const found = await removeOne(record, ports);
    if (found.outcome === 'failed') stays.push(record);
    const { logicalId, resourceType, physicalId } = record;
    resources.push({ logicalId, resourceType, physicalId, line: null, column: null, ...found });
  }
  return { resources, stays };
}

async function removeOne(
  record: DeployedResource,
  ports: DeployPorts,
): Promise<Pick<ReportedResource, 'outcome' | 'reason'>> {
  if (record.kind === 'table') {
    return {
      outcome: 'kept',
      reason: 'no longer in the template; a table is never deleted by deploying, and keeps its items',
    };
  }
  if (record.kind === 'version' || record.kind === 'layer') {
    return { outcome: 'kept', reason: 'no longer in the template; a published version stays' };
  }
  if (record.isRetained) return { outcome: 'kept', reason: 'no longer in the template; its DeletionPolicy is Retain' };
  try {
    await removeFrom(record.kind, record.physicalId, ports);
    return { outcome: 'removed', reason: 'no longer in the template' };
  } catch (error) {
    return { outcome: 'failed', reason: error instanceof Error ? error.message : String(error) };
  }
}

function removeFrom(
  kind: Exclude<DeployedResource['kind'], 'table' | 'version' | 'layer'>,
  physicalId: string,
  ports: DeployPorts,
): Promise<void> {
  switch (kind) {
    case 'function':
      return ports.functions.remove(physicalId);
    case 'stateMachine':
      return ports.stateMachines.remove(physicalId);
    case 'topic':
      return ports.topics.remove(physicalId);
    case 'subscription':
      return ports.subscriptions.remove(physicalId);
    case 'bucket':
      return ports.buckets.remove(physicalId);
    case 'alias':
      return ports.aliases.remove(physicalId);
    case 'eventSource':
      return ports.eventSources.remove(physicalId);
    case 'queue':
      return ports.queues.remove(physicalId);
    case 'secret':
      return ports.secrets.remove(physicalId);
    case 'bus':
      return ports.buses.remove(physicalId);
    case 'rule':
      return ports.rules.remove(physicalId);
    case 'schedule':
      return ports.schedules.remove(physicalId);
    case 'machineVersion':
      return ports.machineVersions.remove(physicalId);
    case 'machineAlias':
      return ports.machineAliases.remove(physicalId);
    case 'activity':
      return ports.activities.remove(physicalId);
    case 'logGroup':
      return ports.logGroups.remove(physicalId);
    case 'eventInvoke':
      return ports.eventInvokes.remove(physicalId);
    case 'front':
      return ports.fronts.remove(physicalId);
    case 'bucketPart':
      return ports.bucketParts.remove(physicalId);
    case 'alarm':
      return ports.alarms.remove(physicalId);
    default:
      return Promise.reject(new Error(`no kind '${kind satisfies never}'`));
  }
}
