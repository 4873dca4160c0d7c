import { planAlarm } from './alarm-resource.js';
import type { Assets } from './assets.js';
import { planBucket, planBucketPolicy } from './bucket-resource.js';
import { type Evaluation, evaluate } from './evaluate.js';
import { planEventInvoke } from './event-invoke-resource.js';
import { planBus, planRule } from './event-resources.js';
import { planEventSource } from './event-source-resource.js';
import { planFunction } from './function-resource.js';
import { planFront } from './http-resources.js';
import { KEPT_TYPES } from './kept-types.js';
import { planLayer } from './layer-resource.js';
import { planLogGroup } from './log-group-resource.js';
import { planActivity, planMachineAlias, planMachineVersion } from './machine-parts.js';
import { physicalName, roleArn, type Stack } from './physical-names.js';
import type { KeptResource, PlannedResource } from './plan.js';
import type { Planning, ReadObject } from './planning.js';
import { collectFault, type Findings, refuse, remark } from './problem.js';
import { type Section, sortProperties } from './properties.js';
import { planQueue } from './queue-resource.js';
import type { ResourceNames } from './references.js';
import { BUILT_TYPES, type BuiltType } from './resource-types.js';
import type { Resource } from './resources.js';
import { planSchedule } from './schedule-resource.js';
import { planSecret } from './secret-resource.js';
import { planStateMachine } from './state-machine-resource.js';
import { suggestion } from './suggestion.js';
import { planTable } from './table-resource.js';
import { memberOfMap, type TemplateMap } from './template-value.js';
import { planSubscription, planTopic } from './topic-resources.js';
import { planAlias, planVersion } from './version-resources.js';

export interface ResourceContext {
  readonly stack: Stack;
  readonly file: string;
  readonly assets: Assets;
  readonly readObject: ReadObject | null;
  readonly fillsArns: boolean;
  readonly allowsUnsupported: boolean;
  readonly names: ResourceNames;
  readonly evaluation: Evaluation;
  readonly findings: Findings;
}

export type ResourceOutcome =
  | { readonly type: 'planned'; readonly resources: readonly PlannedResource[] }
  | { readonly type: 'kept'; readonly resource: KeptResource }
  /** The reasons are in the findings. */
  | { readonly type: 'refused' };

/** Decides one resource: built, kept or refused. */
export async function planResource(resource: Resource, context: ResourceContext): Promise<ResourceOutcome> {
  const { logicalId, type: resourceType, at } = resource;
  const keep = (why: string): ResourceOutcome => ({ type: 'kept', resource: { logicalId, resourceType, at, why } });
  const findings: Findings = { ...context.findings, problems: [], resource: logicalId, resourceType };
  const built = Object.hasOwn(BUILT_TYPES, resourceType) ? BUILT_TYPES[resourceType] : undefined;
  if (built === undefined) {
    const why = keptReason(resource);
    if (why !== null) return keep(why);
    if (context.allowsUnsupported && isAwsType(resourceType)) return keep('this type is not built here');
    const about = { ...findings, problems: context.findings.problems };
    refuse(about, at, unknownType(resourceType), isAwsType(resourceType) ? 'unsupported' : 'invalid');
    return { type: 'refused' };
  }
  const resources = await planBuilt(resource, built, { ...context, findings });
  return settle({ resources, findings, keep }, context);
}

/** With `allowUnsupported`, what is not done here becomes a remark; a resource that cannot be built without it is kept. */
function settle(
  outcome: { resources: readonly PlannedResource[] | null; findings: Findings; keep: (why: string) => ResourceOutcome },
  context: ResourceContext,
): ResourceOutcome {
  const { resources, findings, keep } = outcome;
  const isInvalid = findings.problems.some((problem) => problem.kind === 'invalid');
  if (findings.problems.length > 0 && (isInvalid || !context.allowsUnsupported)) {
    context.findings.problems.push(...findings.problems);
    return { type: 'refused' };
  }
  for (const { line, column, message } of findings.problems) {
    remark(findings, { line, column }, message, 'kept');
  }
  if (resources !== null) return { type: 'planned', resources };
  return keep(findings.problems[0]?.message ?? 'it cannot be built here');
}

function keptReason({ type }: Resource): string | null {
  return Object.hasOwn(KEPT_TYPES, type) ? (KEPT_TYPES[type]?.why ?? null) : null;
}

const isAwsType = (type: string): boolean => /^(?:AWS::[A-Za-z0-9]+::[A-Za-z0-9]+|Custom::.+)$/.test(type);

function unknownType(type: string): string {
  if (type.startsWith('Custom::') || type === 'AWS::CloudFormation::CustomResource')
    return `Expected a type that is built here, but AWS makes '${type}' by calling a function while it deploys, which is not done here. Take it out, give it a Condition, or allow unsupported resources.`;
  const known = [...Object.keys(BUILT_TYPES), ...Object.keys(KEPT_TYPES)];
  const hint = suggestion(type, known);
  if (hint !== '') return `Expected a type that is built here, but '${type}' is not.${hint}`;
  return `Expected a type that is built here, but '${type}' is not yet. Take it out, give it a Condition, or allow unsupported resources.`;
}

async function planBuilt(
  resource: Resource,
  type: BuiltType,
  context: ResourceContext,
): Promise<readonly PlannedResource[] | null> {
  const { findings, stack } = context;
  const { logicalId, at, type: resourceType, isRetained, construct } = resource;
  const map = sortProperties(resource.properties, type, findings);
  const name = collectFault(findings, () => context.names.nameOf(resource));
  const evaluated = evaluateProperties(map, context);
  const planning: Planning = {
    resource,
    common: { logicalId, resourceType, at, isRetained, ...(construct !== null && { construct }) },
    own: { path: '', map: evaluated.map, at, findings, faulty: evaluated.faulty },
    name: name ?? logicalId,
    impliedRoleArn: roleArn(stack, physicalName(stack, `${logicalId}Role`, 64)),
    stack,
    file: context.file,
    assets: context.assets,
    readObject: context.readObject,
    fillsArns: context.fillsArns,
    treadle: treadleSection(resource, context),
  };
  const resources = await planKind(type, planning);
  return name === undefined || evaluated.faulty.size > 0 ? null : resources;
}

/** `Metadata: Treadle`, evaluated. */
function treadleSection({ metadata }: Resource, { evaluation, findings }: ResourceContext): Section | null {
  const given = metadata === null ? undefined : memberOfMap(metadata, 'Treadle');
  const value = given === undefined ? undefined : collectFault(findings, () => evaluate(given, evaluation));
  return value?.kind === 'map' ? { path: 'Metadata.Treadle', map: value, at: value.at, findings } : null;
}

function evaluateProperties(map: TemplateMap, { evaluation, findings }: ResourceContext) {
  const faulty = new Set<string>();
  const entries = map.entries.flatMap((entry) => {
    const before = findings.problems.length;
    const value = collectFault(findings, () => evaluate(entry.value, evaluation));
    if (findings.problems.length > before) faulty.add(entry.key);
    return value === undefined ? [] : [{ ...entry, value }];
  });
  return { map: { ...map, entries }, faulty };
}

async function planKind(type: BuiltType, planning: Planning): Promise<readonly PlannedResource[] | null> {
  switch (type.builds) {
    case 'function':
      return planFunction(planning);
    case 'stateMachine':
      return planStateMachine(planning);
    case 'table':
      return planTable(planning);
    case 'topic':
      return planTopic(planning);
    case 'subscription':
      return planSubscription(planning);
    case 'bucket':
      return planBucket(planning);
    case 'version':
      return planVersion(planning);
    case 'layer':
      return planLayer(planning);
    case 'alias':
      return planAlias(planning);
    case 'eventSource':
      return planEventSource(planning);
    case 'queue':
      return planQueue(planning);
    case 'secret':
      return planSecret(planning);
    case 'bus':
      return planBus(planning);
    case 'rule':
      return planRule(planning);
    case 'schedule':
      return planSchedule(planning);
    case 'machineVersion':
      return planMachineVersion(planning);
    case 'machineAlias':
      return planMachineAlias(planning);
    case 'activity':
      return planActivity(planning);
    case 'logGroup':
      return planLogGroup(planning);
    case 'eventInvoke':
      return planEventInvoke(planning);
    case 'front':
      return planFront(planning);
    case 'bucketPart':
      return planBucketPolicy(planning);
    case 'alarm':
      return planAlarm(planning);
    default:
      return type.builds satisfies never;
  }
}
