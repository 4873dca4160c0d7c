import { activityArn, parseArn } from '../arn.js';
import { type Evaluation, evaluateText } from './evaluate.js';
import { steadyId } from './physical-names.js';
import type { MachineVersionSettings, PlannedActivity, PlannedMachineAlias, PlannedMachineVersion } from './plan.js';
import type { Planning } from './planning.js';
import { refuse, remark } from './problem.js';
import { allowOnly, integer, member, requiredText, type Section, section, sections, text, word } from './properties.js';
import { publishedArn } from './published.js';
import type { Resource } from './resources.js';
import { readTags } from './tags.js';
import { memberOfMap, type TemplateValue } from './template-value.js';

export function planActivity({ own, common, name, stack }: Planning): readonly [PlannedActivity] {
  return [
    { ...common, kind: 'activity', arn: activityArn(stack.place, name), settings: { name, tags: readTags(own) } },
  ];
}

export function planMachineVersion({ own, common }: Planning): readonly [PlannedMachineVersion] {
  const machineArn = requiredText(own, 'StateMachineArn');
  const given = text(own, 'StateMachineRevisionId');
  const name = parseArn(machineArn)?.resource.split(':')[1] ?? '';
  // What Fn::GetAtt gives beforehand stands for the revision that there is then.
  const revision = given === null ? null : given === steadyId(name) ? 'current' : { id: given };
  const description = text(own, 'Description');
  const settings: MachineVersionSettings = { name: common.logicalId, machineArn, revision, description };
  return [{ ...common, kind: 'machineVersion', settings }];
}

export function planMachineAlias(planning: Planning): readonly [PlannedMachineAlias] | null {
  const { own, common, name } = planning;
  const routes = readRoutes(planning);
  const [first] = routes ?? [];
  if (routes === null || first === undefined) return null;
  const machineArn = text(own, 'StateMachineArn') ?? machineOfVersion(first.versionArn);
  return [
    plannedMachineAlias(common, { machineArn, alias: name, description: text(own, 'Description') ?? '', routes }),
  ];
}

export function plannedMachineAlias(
  common: Planning['common'],
  settings: Omit<PlannedMachineAlias['settings'], 'name'>,
): PlannedMachineAlias {
  const arn = `${settings.machineArn}:${settings.alias}`;
  return { ...common, kind: 'machineAlias', arn, settings: { ...settings, name: arn } };
}

/** SAM's AutoPublishAlias: a version of each revision, and an alias that leads to the newest. */
export function publishedParts(
  common: Planning['common'],
  { machineArn, alias }: { readonly machineArn: string; readonly alias: string },
): readonly [PlannedMachineVersion, PlannedMachineAlias] {
  const part = (logicalId: string, resourceType: string) => ({ ...common, logicalId, resourceType });
  const version = part(`${common.logicalId}Version`, 'AWS::StepFunctions::StateMachineVersion');
  const settings = { name: version.logicalId, machineArn, revision: 'current', description: null } as const;
  const versionArn = publishedArn(machineArn, version.logicalId);
  return [
    // As SAM makes it: a version outlives its resource.
    { ...version, isRetained: true, kind: 'machineVersion', settings },
    plannedMachineAlias(part(`${common.logicalId}Alias${alias}`, 'AWS::StepFunctions::StateMachineAlias'), {
      ...{ machineArn, alias, description: '' },
      routes: [{ versionArn, weight: 100 }],
    }),
  ];
}

type Routes = PlannedMachineAlias['settings']['routes'];

const WEIGHT = { min: 0, max: 100 };

/** CloudFormation takes one of two: routes, or a version that the alias is moved to. */
function readRoutes({ own }: Planning): Routes | null {
  const preference = section(own, 'DeploymentPreference');
  const isRouted = member(own, 'RoutingConfiguration') !== null;
  if ((preference !== null) === isRouted) {
    const message = `Expected RoutingConfiguration or DeploymentPreference, but there ${isRouted ? 'are both' : 'is neither'}.`;
    if (!own.faulty?.has('RoutingConfiguration')) refuse(own.findings, own.at, message);
    return null;
  }
  if (preference !== null) return readPreference(preference);
  return sections(own, 'RoutingConfiguration').map((route) => {
    allowOnly(route, ['StateMachineVersionArn', 'Weight']);
    if (member(route, 'Weight') === null) requiredText(route, 'Weight');
    return { versionArn: requiredText(route, 'StateMachineVersionArn'), weight: integer(route, 'Weight', WEIGHT) ?? 0 };
  });
}

function readPreference(preference: Section): Routes {
  allowOnly(preference, ['Alarms', 'Interval', 'Percentage', 'StateMachineVersionArn', 'Type']);
  const type = word(preference, 'Type', ['ALL_AT_ONCE', 'CANARY', 'LINEAR']);
  if (type === null) requiredText(preference, 'Type');
  else if (type !== 'ALL_AT_ONCE') {
    const at = member(preference, 'Type')?.at ?? preference.at;
    remark(preference.findings, at, `Type ${type} has no effect here: the alias is moved at once.`, 'kept');
  }
  return [{ versionArn: requiredText(preference, 'StateMachineVersionArn'), weight: 100 }];
}

const machineOfVersion = (versionArn: string): string => versionArn.slice(0, versionArn.lastIndexOf(':'));

/** The machine that an alias of the template belongs to. */
export function machineOfAlias({ properties }: Resource, evaluation: Evaluation): string {
  const own = memberOfMap(properties, 'StateMachineArn');
  if (own !== undefined) return evaluateText(own, evaluation);
  const routes = memberOfMap(properties, 'RoutingConfiguration');
  const [route] = routes?.kind === 'list' ? routes.items : [memberOfMap(properties, 'DeploymentPreference')];
  const version = versionIn(route);
  return version === undefined ? '' : machineOfVersion(evaluateText(version, evaluation));
}

const versionIn = (route: TemplateValue | undefined): TemplateValue | undefined =>
  route?.kind === 'map' ? memberOfMap(route, 'StateMachineVersionArn') : undefined;
