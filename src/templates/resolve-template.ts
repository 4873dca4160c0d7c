import type { Place } from '../arn.js';
import { type Assets, NO_ASSETS } from './assets.js';
import { checkConditions, conditionsOf } from './conditions.js';
import { orderResources } from './dependencies.js';
import { type Evaluation, evaluate, evaluateText } from './evaluate.js';
import { readGlobals } from './globals.js';
import { impliedResources } from './http-implied.js';
import { servedHere } from './http-names.js';
import { NO_STACKS, type OtherStacks } from './other-stacks.js';
import { type Parameter, readParameters } from './parameters.js';
import { type Stack, stackArn } from './physical-names.js';
import type { DeployPlan, KeptResource, Output, PlannedResource } from './plan.js';
import { planResource } from './plan-resource.js';
import type { ReadObject } from './planning.js';
import {
  collectFault,
  type Findings,
  newFindings,
  type Problem,
  type Remark,
  refuse,
  remark,
  TemplateFault,
} from './problem.js';
import type { TemplateDocument } from './read-template.js';
import { impliedRole, type ResourceNames, resourceNames } from './references.js';
import { mapMember, type Resource, readResources } from './resources.js';
import { suggestion } from './suggestion.js';
import { memberOfMap, type Position, stringScalar, type TemplateMap } from './template-value.js';

export interface ResolveOptions {
  /** Values of the template's Parameters. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly place: Place;
  /** Where clients reach the server that it is deployed to: the beginning of queues' URLs. */
  readonly endpoint?: string;
  /** Letters, digits and '-': the front of every name that the template leaves open. */
  readonly stackName: string;
  /** Keep what would be refused because it is not done here. */
  readonly allowUnsupported?: boolean;
  /** Put our region and account into the definitions' foreign and placeholder ARNs. */
  readonly fill?: boolean;
  /** Of the assembly that the template belongs to. */
  readonly assets?: Assets;
  /** Reads objects of the server's S3. */
  readonly readObject?: ReadObject;
  /** What other stacks of the account and region give. */
  readonly otherStacks?: OtherStacks;
}

/**
 * What the template asks for, with every function evaluated. Reads the files that it names and changes nothing.
 * The author's faults are all collected in `problems`; never rejects for them.
 */
export async function resolveTemplate(document: TemplateDocument, options: ResolveOptions): Promise<DeployPlan> {
  const findings = newFindings(document.file);
  const { stackName: name, place, endpoint } = options;
  const stack: Stack = { name, place, ...(endpoint !== undefined && { endpoint }) };
  if (!/^[A-Za-z][A-Za-z0-9-]{0,127}$/.test(stack.name)) {
    const message = `Expected a stack name of letters, digits and '-' that begins with a letter, but it is '${stack.name}'.`;
    refuse(findings, { line: 1, column: 1 }, message);
  }
  const template = readSections(document.root, findings);
  const parameters = readParameters(template.section('Parameters'), options.parameters, findings);
  const resourceSection = template.section('Resources') ?? { kind: 'map', entries: [], at: document.root.at };
  const globals = readGlobals(template.section('Globals'), findings);
  const written = readResources(resourceSection, globals, findings);
  const resources = [...written, ...impliedResources(written, globals)];
  const scope = newScope({ template, parameters, resources, stack, otherStacks: options.otherStacks ?? NO_STACKS });
  checkConditions(template.section('Conditions'), scope.evaluation.condition, findings);
  checkTransform(document.root, resources, findings);
  keepRules(template.section('Rules'), findings);
  const active = resources.filter((resource) => isActive(resource, scope.evaluation, findings));
  const ordered = orderResources(new Map(active.map((one) => [one.logicalId, one])), scope.evaluation, findings);
  const planned: PlannedResource[] = [];
  const kept: KeptResource[] = [];
  for (const resource of ordered) {
    const outcome = await planResource(resource, {
      stack,
      file: document.file,
      assets: options.assets ?? NO_ASSETS,
      readObject: options.readObject ?? null,
      fillsArns: options.fill ?? false,
      allowsUnsupported: options.allowUnsupported ?? false,
      names: scope.names,
      evaluation: scope.evaluation,
      findings,
    });
    if (outcome.type === 'planned') planned.push(...outcome.resources);
    else if (outcome.type === 'kept') kept.push(outcome.resource);
  }
  checkNames(planned, findings);
  const outputs = readOutputs(template.section('Outputs'), scope, {
    findings,
    allows: options.allowUnsupported ?? false,
  }).map((output) => ({ ...output, value: servedHere(output.value, stack) }));
  const constructs = new Map(resources.map(({ logicalId, construct }) => [logicalId, construct]));
  const problems = distinct(findings.problems).map((found) => withConstruct(found, constructs));
  const { file } = document;
  return {
    file,
    stackName: stack.name,
    place: stack.place,
    // Sources may be written behind the functions that SAM makes them with.
    resources: [...planned.filter(isNoEventSource), ...planned.filter((one) => !isNoEventSource(one))],
    kept,
    problems,
    remarks: findings.remarks.map((found) => withConstruct(found, constructs)),
    outputs,
  };
}

const SECTIONS = [
  'AWSTemplateFormatVersion',
  'Conditions',
  'Description',
  'Globals',
  'Mappings',
  'Metadata',
  'Outputs',
  'Parameters',
  'Resources',
  'Rules',
  'Transform',
];

interface Sections {
  section(name: string): TemplateMap | null;
}

function readSections(root: TemplateMap, findings: Findings): Sections {
  for (const { key, keyAt } of root.entries) {
    if (SECTIONS.includes(key)) continue;
    refuse(findings, keyAt, `Expected a section of a template, but there is no '${key}'.${suggestion(key, SECTIONS)}`);
  }
  if (memberOfMap(root, 'Resources') === undefined)
    refuse(findings, root.at, 'Expected a section Resources, but it is missing.');
  const known = new Map<string, TemplateMap | null>();
  return {
    section(name) {
      if (!known.has(name)) known.set(name, mapMember(root, name, findings));
      return known.get(name) ?? null;
    },
  };
}

const SERVERLESS = 'AWS::Serverless-2016-10-31';

/** Without the transform AWS would refuse SAM's types; other macros would change the template in ways unknown here. */
function checkTransform(root: TemplateMap, resources: readonly Resource[], findings: Findings): void {
  const value = memberOfMap(root, 'Transform');
  const items = value === undefined ? [] : value.kind === 'list' ? value.items : [value];
  let hasServerless = false;
  for (const item of items) {
    if (item.kind === 'scalar' && item.text === SERVERLESS) hasServerless = true;
    else {
      const name = item.kind === 'scalar' ? `'${item.text}'` : 'another macro';
      refuse(
        findings,
        item.at,
        `Expected no other Transform than ${SERVERLESS}, but found ${name}: macros are not run here.`,
        'unsupported',
      );
    }
  }
  const first = resources.find((resource) => resource.type.startsWith('AWS::Serverless::'));
  if (first === undefined || hasServerless) return;
  refuse(
    findings,
    root.at,
    `Expected 'Transform: ${SERVERLESS}', since '${first.logicalId}' is of type ${first.type}, but it is missing.`,
  );
}

/** The CDK's own rule asks for a bootstrapped account, of which there is nothing here to check. */
function keepRules(section: TemplateMap | null, findings: Findings): void {
  for (const { key, keyAt } of section?.entries ?? []) {
    if (key !== 'CheckBootstrapVersion') remark(findings, keyAt, `Rule '${key}' is not checked here.`, 'kept');
  }
}

function isActive(resource: Resource, evaluation: Evaluation, findings: Findings): boolean {
  const { condition } = resource;
  if (condition === null) return true;
  return collectFault(findings, () => evaluation.condition(condition.name, condition.at)) ?? false;
}

interface Scope {
  readonly evaluation: Evaluation;
  readonly names: ResourceNames;
}

interface ScopeSource {
  readonly template: Sections;
  readonly parameters: ReadonlyMap<string, Parameter>;
  readonly resources: readonly Resource[];
  readonly stack: Stack;
  readonly otherStacks: OtherStacks;
}

function newScope({ template, parameters, resources, stack, otherStacks }: ScopeSource): Scope {
  const byId = new Map(resources.map((resource) => [resource.logicalId, resource]));
  const names = resourceNames(stack, () => evaluation);
  const find = (id: string, at: Position): Resource => {
    const resource = byId.get(id);
    if (resource === undefined) {
      const hint = suggestion(id, [...byId.keys(), ...parameters.keys(), ...Object.keys(pseudoParameters(stack))]);
      throw new TemplateFault(at, `Expected a parameter or resource of the template, but there is no '${id}'.${hint}`);
    }
    if (resource.condition !== null && !evaluation.condition(resource.condition.name, at)) {
      throw new TemplateFault(
        at,
        `Expected resource '${id}' to be there, but its condition '${resource.condition.name}' is false.`,
      );
    }
    return resource;
  };
  const evaluation: Evaluation = {
    region: stack.place.region,
    mappings: template.section('Mappings'),
    condition: conditionsOf(template.section('Conditions'), () => evaluation),
    reference(name, at) {
      if (name === 'AWS::NoValue') return undefined;
      if (name === 'AWS::NotificationARNs') return { kind: 'list', items: [], at };
      const pseudo = pseudoParameters(stack)[name];
      if (pseudo !== undefined) return stringScalar(pseudo, at);
      const parameter = parameters.get(name);
      if (parameter !== undefined) return parameter.value(at);
      const [owner = '', attribute] = name.split('.');
      if (attribute !== undefined && byId.has(owner)) {
        return stringScalar(names.attribute(find(owner, at), attribute, at), at); // SAM: `!Ref Function.Alias`
      }
      const role = byId.has(name) ? null : impliedRole(name, byId, stack);
      return stringScalar(role === null ? names.reference(find(name, at), at) : role.name, at);
    },
    importValue: (name, at) => stringScalar(otherStacks.exported(name, at), at),
    stackOutput: (stackName, name, at) => stringScalar(otherStacks.output(stackName, name, at), at),
    attribute(id, attribute, at) {
      const role = byId.has(id) ? null : impliedRole(id, byId, stack);
      if (role !== null && attribute === 'Arn') return stringScalar(role.arn, at);
      return stringScalar(names.attribute(find(id, at), attribute, at), at);
    },
  };
  return { evaluation, names };
}

const pseudoParameters = (stack: Stack): Readonly<Record<string, string>> => ({
  'AWS::AccountId': stack.place.account,
  'AWS::Partition': 'aws',
  'AWS::Region': stack.place.region,
  'AWS::StackId': stackArn(stack),
  'AWS::StackName': stack.name,
  'AWS::URLSuffix': 'amazonaws.com',
});

const isNoEventSource = ({ kind }: PlannedResource): boolean => kind !== 'eventSource' && kind !== 'bucketPart';

/** Two resources of one kind and name would overwrite each other at each deployment. */
function checkNames(planned: readonly PlannedResource[], findings: Findings): void {
  const taken = new Map<string, string>();
  for (const resource of planned) {
    if (resource.kind === 'subscription' || resource.kind === 'version' || resource.kind === 'machineVersion') continue;
    const key = `${resource.kind}:${resource.settings.name}`;
    const other = taken.get(key);
    taken.set(key, resource.logicalId);
    if (other === undefined) continue;
    const about = { ...findings, resource: resource.logicalId, resourceType: resource.resourceType };
    refuse(
      about,
      resource.at,
      `Expected a name of its own, but '${resource.settings.name}' is the name of '${other}' as well.`,
    );
  }
}

function readOutputs(
  section: TemplateMap | null,
  { evaluation }: Scope,
  { findings, allows }: { findings: Findings; allows: boolean },
): readonly Output[] {
  return (section?.entries ?? []).flatMap(({ key, keyAt, value }): Output[] => {
    const read = (): Output | undefined => {
      if (value.kind !== 'map')
        throw new TemplateFault(keyAt, `Expected output '${key}' to be a map with a Value, but it is none.`);
      const condition = memberOfMap(value, 'Condition');
      if (condition?.kind === 'scalar' && !evaluation.condition(condition.text, condition.at)) return undefined;
      const found = memberOfMap(value, 'Value');
      if (found === undefined)
        throw new TemplateFault(keyAt, `Expected output '${key}' to have a Value, but it has none.`);
      const description = memberOfMap(value, 'Description');
      const resolved = evaluate(found, evaluation);
      const text =
        resolved?.kind === 'list'
          ? resolved.items.map((item) => evaluateText(item, evaluation)).join(',')
          : evaluateText(found, evaluation);
      return {
        name: key,
        value: text,
        description: description?.kind === 'scalar' ? description.text : null,
        ...readExport(value, evaluation),
      };
    };
    try {
      const output = read();
      return output === undefined ? [] : [output];
    } catch (error) {
      if (!(error instanceof TemplateFault)) throw error;
      if (!allows || error.kind === 'invalid') refuse(findings, error.at, error.message, error.kind);
      return [];
    }
  });
}

function readExport(output: TemplateMap, evaluation: Evaluation): Pick<Output, 'exportName'> {
  const exported = memberOfMap(output, 'Export');
  if (exported === undefined) return {};
  const name = exported.kind === 'map' ? memberOfMap(exported, 'Name') : undefined;
  if (name === undefined)
    throw new TemplateFault(exported.at, 'Expected Export to be a map with a Name, but it is none.');
  return { exportName: evaluateText(name, evaluation) };
}

function withConstruct<Found extends Problem | Remark>(
  found: Found,
  constructs: ReadonlyMap<string, string | null>,
): Found {
  const construct = found.resource === null ? null : (constructs.get(found.resource) ?? null);
  return construct === null ? found : { ...found, construct };
}

/** One fault may be met on several ways (a condition, a name); it is told once. */
function distinct(problems: readonly Problem[]): readonly Problem[] {
  const told = new Map<string, Problem>();
  for (const problem of problems) {
    const key = `${problem.file}:${problem.line}:${problem.column}:${problem.message}`;
    const before = told.get(key);
    if (before === undefined || before.resource === null) told.set(key, problem);
  }
  return [...told.values()].sort((a, b) => (a.file === b.file ? a.line - b.line || a.column - b.column : 0));
}
