import { TEMPLATE_RESOURCES_MAX } from '../limits.js';
import { type Globals, mergeGlobals } from './globals.js';
import { type Findings, findingsOf, refuse } from './problem.js';
import { suggestion } from './suggestion.js';
import { describeValue, memberOfMap, type Position, type TemplateMap, type TemplateValue } from './template-value.js';

/** One entry of Resources, its Globals merged in, nothing evaluated. */
export interface Resource {
  readonly logicalId: string;
  readonly type: string;
  readonly at: Position;
  readonly properties: TemplateMap;
  readonly condition: { readonly name: string; readonly at: Position } | null;
  readonly dependsOn: ReadonlyArray<{ readonly logicalId: string; readonly at: Position }>;
  readonly isRetained: boolean;
  readonly metadata: TemplateMap | null;
  /** Of its metadata: the path of the CDK construct that it was made by. */
  readonly construct: string | null;
}

const ATTRIBUTES = [
  'Condition',
  'Connectors',
  'CreationPolicy',
  'DeletionPolicy',
  'DependsOn',
  'IgnoreGlobals',
  'Metadata',
  'Properties',
  'Type',
  'UpdatePolicy',
  'UpdateReplacePolicy',
];

/** The template's resources in the order written; entries that are none are noted in `findings` and left out. */
export function readResources(section: TemplateMap, globals: Globals, findings: Findings): readonly Resource[] {
  if (section.entries.length > TEMPLATE_RESOURCES_MAX) {
    refuse(
      findings,
      section.at,
      `Expected at most ${TEMPLATE_RESOURCES_MAX} resources, but there are ${section.entries.length}.`,
    );
    return [];
  }
  return section.entries.flatMap(({ key, keyAt, value }) => {
    const about = findingsOf(findings, key, null);
    if (!/^[A-Za-z0-9]{1,255}$/.test(key)) {
      refuse(about, keyAt, `Expected letters and digits as the name of a resource, but found '${key}'.`);
      return [];
    }
    if (value.kind !== 'map') {
      refuse(about, keyAt, `Expected a map with a Type, but found ${describeValue(value)}.`);
      return [];
    }
    return readResource({ logicalId: key, at: keyAt, map: value }, globals, about) ?? [];
  });
}

function readResource(
  { logicalId, at, map }: { logicalId: string; at: Position; map: TemplateMap },
  globals: Globals,
  findings: Findings,
): Resource | null {
  const type = memberOfMap(map, 'Type');
  if (type?.kind !== 'scalar' || typeof type.value !== 'string') {
    refuse(
      findings,
      at,
      `Expected a Type such as AWS::Serverless::Function, but found ${type ? describeValue(type) : 'none'}.`,
    );
    return null;
  }
  const about = findingsOf(findings, logicalId, type.value);
  checkAttributes(map, about);
  const properties = mapMember(map, 'Properties', about) ?? { kind: 'map', entries: [], at };
  const condition = memberOfMap(map, 'Condition');
  const deletion = memberOfMap(map, 'DeletionPolicy');
  const metadata = mapMember(map, 'Metadata', about);
  const path = metadata === null ? undefined : memberOfMap(metadata, 'aws:cdk:path');
  return {
    logicalId,
    type: type.value,
    at,
    properties: ignoresGlobals(map) ? properties : mergeGlobals(globals.get(type.value), properties),
    condition: condition?.kind === 'scalar' ? { name: condition.text, at: condition.at } : null,
    dependsOn: readDependsOn(memberOfMap(map, 'DependsOn'), about),
    isRetained: deletion?.kind === 'scalar' && deletion.text.startsWith('Retain'),
    metadata,
    construct: path?.kind === 'scalar' && path.text !== '' ? path.text : null,
  };
}

/** Types that have settings of ours. */
const WITH_SETTINGS =
  /^AWS::(?:(?:Serverless|StepFunctions)::StateMachine|Serverless::HttpApi|ApiGatewayV2::Authorizer)$/;

function checkAttributes(map: TemplateMap, findings: Findings): void {
  for (const { key, keyAt } of map.entries) {
    if (ATTRIBUTES.includes(key)) continue;
    const hint = suggestion(key, ATTRIBUTES);
    refuse(
      findings,
      keyAt,
      `Expected an attribute of a resource (Type, Properties, …), but there is no '${key}'.${hint}`,
    );
  }
  const ours = mapMember(map, 'Metadata', findings)?.entries.find((entry) => entry.key === 'Treadle');
  const type = memberOfMap(map, 'Type');
  if (ours && !(type?.kind === 'scalar' && WITH_SETTINGS.test(type.text))) {
    refuse(
      findings,
      ours.keyAt,
      "Expected settings under Metadata 'Treadle' of a state machine (Remote, Webhooks) or of what checks tokens (Jwks) only, but found some here.",
    );
  }
  const ignored = memberOfMap(map, 'IgnoreGlobals');
  if (ignored !== undefined && !(ignored.kind === 'scalar' && ignored.text === '*')) {
    refuse(
      findings,
      ignored.at,
      "Expected IgnoreGlobals to be '*' (lists of properties are not read here), but found more.",
      'unsupported',
    );
  }
}

const ignoresGlobals = (map: TemplateMap): boolean => {
  const value = memberOfMap(map, 'IgnoreGlobals');
  return value?.kind === 'scalar' && value.text === '*';
};

function readDependsOn(value: TemplateValue | undefined, findings: Findings): Resource['dependsOn'] {
  const items = value === undefined ? [] : value.kind === 'list' ? value.items : [value];
  return items.flatMap((item) => {
    if (item.kind === 'scalar' && item.text !== '') return [{ logicalId: item.text, at: item.at }];
    refuse(findings, item.at, `Expected DependsOn to name resources, but found ${describeValue(item)}.`);
    return [];
  });
}

/** The map `key`; null when it is missing or noted as something else. */
export function mapMember(map: TemplateMap, key: string, findings: Findings): TemplateMap | null {
  const value = memberOfMap(map, key);
  if (value === undefined || (value.kind === 'scalar' && value.value === null)) return null;
  if (value.kind === 'map') return value;
  refuse(findings, value.at, `Expected ${key} to be a map, but found ${describeValue(value)}.`);
  return null;
}
