import { type Findings, refuse } from './problem.js';
import { BUILT_TYPES } from './resource-types.js';
import { suggestion } from './suggestion.js';
import { describeValue, type MapEntry, memberOfMap, type TemplateMap, type TemplateValue } from './template-value.js';

/** SAM's Globals sections, and the resource type that each is for. */
const SECTIONS: Readonly<Record<string, string>> = {
  Api: 'AWS::Serverless::Api',
  CapacityProvider: 'AWS::Serverless::CapacityProvider',
  Function: 'AWS::Serverless::Function',
  HttpApi: 'AWS::Serverless::HttpApi',
  LayerVersion: 'AWS::Serverless::LayerVersion',
  SimpleTable: 'AWS::Serverless::SimpleTable',
  StateMachine: 'AWS::Serverless::StateMachine',
  WebSocketApi: 'AWS::Serverless::WebSocketApi',
};

/** SAM refuses these in Globals, since no two resources share them. */
const NEVER_GLOBAL: ReadonlySet<string> = new Set([
  'DefinitionUri',
  'Definition',
  'Events',
  'FunctionName',
  'ImageUri',
  'InlineCode',
  'Name',
  'Policies',
  'Role',
  'TableName',
]);

/** What Globals give to each resource type. */
export type Globals = ReadonlyMap<string, TemplateMap>;

export function readGlobals(section: TemplateMap | null, findings: Findings): Globals {
  const globals = new Map<string, TemplateMap>();
  for (const { key, keyAt, value } of section?.entries ?? []) {
    const type = Object.hasOwn(SECTIONS, key) ? SECTIONS[key] : undefined;
    if (type === undefined) {
      const hint = suggestion(key, Object.keys(SECTIONS));
      refuse(findings, keyAt, `Expected a section of SAM's Globals, but there is no '${key}'.${hint}`);
    } else if (value.kind !== 'map') {
      refuse(findings, value.at, `Expected Globals.${key} to be a map, but found ${describeValue(value)}.`);
    } else {
      globals.set(type, value);
      checkGlobalProperties({ section: key, type, map: value }, findings);
    }
  }
  return globals;
}

function checkGlobalProperties(
  { section, type, map }: { section: string; type: string; map: TemplateMap },
  findings: Findings,
): void {
  const built = BUILT_TYPES[type];
  if (built === undefined) return; // a section for resources that are refused by themselves
  const names = [...built.properties, ...Object.keys(built.kept), ...Object.keys(built.unsupported)];
  const allowed = names.filter((name) => !NEVER_GLOBAL.has(name));
  for (const { key, keyAt } of map.entries) {
    if (allowed.includes(key)) continue;
    const reason =
      NEVER_GLOBAL.has(key) && names.includes(key) ? 'it belongs to one resource' : 'there is no such property';
    const hint = names.includes(key) ? '' : suggestion(key, allowed);
    refuse(
      findings,
      keyAt,
      `Expected a property that Globals.${section} may have, but found '${key}': ${reason}.${hint}`,
    );
  }
}

/** SAM's rule: the resource's value wins over a global scalar or function, maps are merged, and a global list comes before the resource's. */
export function mergeGlobals(global: TemplateMap | undefined, own: TemplateMap): TemplateMap {
  if (global === undefined) return own;
  const merged: MapEntry<TemplateValue>[] = own.entries.map((entry) => {
    const value = memberOfMap(global, entry.key);
    return value === undefined ? entry : { ...entry, value: mergeValues(value, entry.value) };
  });
  const taken = new Set(own.entries.map((entry) => entry.key));
  return { ...own, entries: [...global.entries.filter((entry) => !taken.has(entry.key)), ...merged] };
}

function mergeValues(global: TemplateValue, own: TemplateValue): TemplateValue {
  if (global.kind === 'map' && own.kind === 'map') return mergeGlobals(global, own);
  if (global.kind === 'list' && own.kind === 'list') return { ...own, items: [...global.items, ...own.items] };
  return own;
}
