import { functionArn, parseArn } from '../arn.js';
import type { PlannedAlias, PlannedVersion } from './plan.js';
import type { Planning } from './planning.js';
import { refuse } from './problem.js';
import { member, requiredText, section, sections, text } from './properties.js';
import { PUBLISHED } from './published.js';

export function planVersion({ own, common, stack }: Planning): readonly [PlannedVersion] {
  const functionName = nameOf(requiredText(own, 'FunctionName'));
  const settings = { name: functionName, description: text(own, 'Description') };
  return [{ ...common, kind: 'version', arn: functionArn(stack.place, functionName), settings }];
}

export function planAlias(planning: Planning): readonly [PlannedAlias] | null {
  const { own } = planning;
  const version = requiredText(own, 'FunctionVersion');
  const alias = { functionName: nameOf(requiredText(own, 'FunctionName')), alias: requiredText(own, 'Name') };
  const routing = member(own, 'RoutingConfig') === null ? null : section(own, 'RoutingConfig');
  const weights = (routing === null ? [] : sections(routing, 'AdditionalVersionWeights')).map(
    (weight) => [requiredText(weight, 'FunctionVersion'), Number(requiredText(weight, 'FunctionWeight'))] as const,
  );
  if (weights.some(([other]) => other === PUBLISHED)) {
    const at = member(own, 'RoutingConfig')?.at ?? own.at;
    const message = 'Expected numbers of versions in RoutingConfig, but one is known only after it is published.';
    refuse(own.findings, at, message, 'unsupported');
    return null;
  }
  const description = text(own, 'Description') ?? '';
  return [plannedAlias(planning, { ...alias, version, description, routing: Object.fromEntries(weights) })];
}

export function plannedAlias(
  { common, stack }: Planning,
  settings: Omit<PlannedAlias['settings'], 'name'>,
): PlannedAlias {
  const name = `${settings.functionName}:${settings.alias}`;
  return { ...common, kind: 'alias', arn: functionArn(stack.place, name), settings: { ...settings, name } };
}

/** A function is given by name, or by its ARN. */
const nameOf = (text: string): string => parseArn(text)?.resource.split(':')[1] ?? text;
