import { attributeNames, type Evaluation, subNames } from './evaluate.js';
import { type Findings, findingsOf, refuse, TemplateFault } from './problem.js';
import type { Resource } from './resources.js';
import { suggestion } from './suggestion.js';
import type { CallValue, MapEntry, Position, TemplateValue } from './template-value.js';

/**
 * Resources, each after those that it refers to; otherwise in the order written. Notes DependsOn of unknown resources and circles, as
 * CloudFormation does. `events` of SAM make resources of their own, so what they refer to is not waited for.
 */
export function orderResources(
  resources: ReadonlyMap<string, Resource>,
  evaluation: Evaluation,
  findings: Findings,
): readonly Resource[] {
  const edges = new Map<string, ReadonlySet<string>>();
  for (const resource of resources.values())
    edges.set(resource.logicalId, edgesOf(resource, resources, { evaluation, findings }));
  const ordered: Resource[] = [];
  const state = new Map<string, 'open' | 'done'>();
  const visit = (id: string, trail: readonly string[]): void => {
    const resource = resources.get(id);
    if (resource === undefined || state.get(id) === 'done') return;
    if (state.get(id) === 'open') {
      const circle = [...trail.slice(trail.indexOf(id)), id].join(' → ');
      const about = findingsOf(findings, id, resource.type);
      refuse(about, resource.at, `Expected resources that do not wait for each other, but they do: ${circle}.`);
      return;
    }
    state.set(id, 'open');
    for (const next of edges.get(id) ?? []) visit(next, [...trail, id]);
    state.set(id, 'done');
    ordered.push(resource);
  };
  for (const id of resources.keys()) visit(id, []);
  return ordered;
}

function edgesOf(
  resource: Resource,
  resources: ReadonlyMap<string, Resource>,
  { evaluation, findings }: { evaluation: Evaluation; findings: Findings },
): ReadonlySet<string> {
  const edges = new Set<string>();
  for (const { logicalId, at } of resource.dependsOn) {
    if (resources.has(logicalId)) edges.add(logicalId);
    else {
      const about = findingsOf(findings, resource.logicalId, resource.type);
      const hint = suggestion(logicalId, resources.keys());
      refuse(about, at, `Expected DependsOn to name a resource, but there is no '${logicalId}'.${hint}`);
    }
  }
  for (const entry of resource.properties.entries) {
    if (entry.key === 'Events' && resource.type.startsWith('AWS::Serverless::')) continue;
    for (const { name } of referencesIn(entry.value, evaluation)) {
      const owner = name.split('.')[0] ?? name; // SAM: `!Ref Function.Alias`
      if (resources.has(owner)) edges.add(owner);
    }
  }
  return edges;
}

export interface Reference {
  readonly name: string;
  readonly at: Position;
}

/** The names that Ref, GetAtt and Sub mention inside of `value`; of an Fn::If only the chosen side. */
export function referencesIn(value: TemplateValue, evaluation: Evaluation): readonly Reference[] {
  switch (value.kind) {
    case 'scalar':
      return [];
    case 'list':
      return value.items.flatMap((item) => referencesIn(item, evaluation));
    case 'map':
      return value.entries.flatMap((entry: MapEntry<TemplateValue>) => referencesIn(entry.value, evaluation));
    case 'call':
      return referencesOfCall(value, evaluation);
    default:
      return value satisfies never;
  }
}

function referencesOfCall(call: CallValue, evaluation: Evaluation): readonly Reference[] {
  const { argument, at } = call;
  if (call.name === 'Ref') return argument.kind === 'scalar' ? [{ name: argument.text, at }] : [];
  if (call.name === 'Fn::Sub') return referencesOfSub(call, evaluation);
  try {
    if (call.name === 'Fn::GetAtt') return [{ name: attributeNames(argument).logicalId, at }];
    if (call.name === 'Fn::If' && argument.kind === 'list') {
      const [condition, yes, no] = argument.items;
      const isTrue = condition?.kind === 'scalar' && evaluation.condition(condition.text, condition.at);
      const chosen = isTrue ? yes : no;
      return chosen === undefined ? [] : referencesIn(chosen, evaluation);
    }
  } catch (error) {
    if (error instanceof TemplateFault) return []; // told where the value is evaluated
    throw error;
  }
  return referencesIn(argument, evaluation);
}

function referencesOfSub({ argument, at }: CallValue, evaluation: Evaluation): readonly Reference[] {
  const [text, own] = argument.kind === 'list' ? argument.items : [argument];
  const names = text?.kind === 'scalar' ? subNames(text.text) : [];
  const ownNames = own?.kind === 'map' ? own.entries.map((entry) => entry.key) : [];
  const outer = names
    .filter((name) => !ownNames.includes(name))
    .map((name) => ({ name: name.split('.')[0] ?? '', at }));
  return own === undefined ? outer : [...outer, ...referencesIn(own, evaluation)];
}
