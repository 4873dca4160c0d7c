import type { Globals } from './globals.js';
import { mergeGlobals } from './globals.js';
import type { Resource } from './resources.js';
import {
  type MapEntry,
  memberOfMap,
  type Position,
  stringScalar,
  type TemplateMap,
  type TemplateValue,
} from './template-value.js';

/** The APIs that SAM makes for events which name none, and their stage. */
const IMPLIED = [
  { event: 'HttpApi', member: 'ApiId', logicalId: 'ServerlessHttpApi', type: 'AWS::Serverless::HttpApi', stage: null },
  { event: 'Api', member: 'RestApiId', logicalId: 'ServerlessRestApi', type: 'AWS::Serverless::Api', stage: 'Prod' },
] as const;

/** What SAM makes besides what is written: implied APIs, and the addresses of functions (`<Function>Url`). */
export function impliedResources(resources: readonly Resource[], globals: Globals): readonly Resource[] {
  const taken = new Set(resources.map(({ logicalId }) => logicalId));
  const apis = IMPLIED.flatMap(({ event, member, logicalId, type, stage }): readonly Resource[] => {
    const at = firstEvent(resources, event, member);
    if (at === null || taken.has(logicalId)) return [];
    const entries = stage === null ? [] : [entry('StageName', stringScalar(stage, at))];
    const properties = mergeGlobals(globals.get(type), { kind: 'map', entries, at });
    return [{ ...BARE, logicalId, type, at, properties }];
  });
  const urls = resources
    .flatMap((resource) => impliedUrl(resource) ?? [])
    .filter(({ logicalId }) => !taken.has(logicalId));
  return [...apis, ...urls];
}

/** The id of the API that an event without one means. */
export const impliedApi = (event: 'HttpApi' | 'Api'): string =>
  event === 'HttpApi' ? 'ServerlessHttpApi' : 'ServerlessRestApi';

const BARE = { condition: null, dependsOn: [], isRetained: false, metadata: null, construct: null } as const;

const entry = (key: string, value: TemplateValue): MapEntry<TemplateValue> => ({ key, keyAt: value.at, value });

function firstEvent(resources: readonly Resource[], type: string, member: string): Position | null {
  for (const { type: owner, properties } of resources) {
    const events = owner.startsWith('AWS::Serverless::') ? memberOfMap(properties, 'Events') : undefined;
    if (events?.kind !== 'map') continue;
    for (const { value } of events.entries) {
      const named = value.kind === 'map' ? memberOfMap(value, 'Type') : undefined;
      if (value.kind !== 'map' || named?.kind !== 'scalar' || named.text !== type) continue;
      const given = memberOfMap(value, 'Properties');
      if (given?.kind !== 'map' || memberOfMap(given, member) === undefined) return value.at;
    }
  }
  return null;
}

function impliedUrl(resource: Resource): Resource | null {
  if (resource.type !== 'AWS::Serverless::Function') return null;
  const config = memberOfMap(resource.properties, 'FunctionUrlConfig');
  if (config?.kind !== 'map') return null;
  const { at } = config;
  const alias = memberOfMap(resource.properties, 'AutoPublishAlias');
  const target: TemplateValue = { kind: 'call', name: 'Ref', argument: stringScalar(resource.logicalId, at), at };
  const own = [entry('TargetFunctionArn', target), ...(alias === undefined ? [] : [entry('Qualifier', alias)])];
  const properties: TemplateMap = { kind: 'map', entries: [...config.entries, ...own], at };
  const { condition, isRetained } = resource;
  return {
    ...BARE,
    logicalId: `${resource.logicalId}Url`,
    type: 'AWS::Lambda::Url',
    at,
    properties,
    condition,
    isRetained,
  };
}
