import { layerArn } from '../arn.js';
import { locatedCode } from './function-resource.js';
import type { PlannedLayer } from './plan.js';
import type { Planning } from './planning.js';
import { refuse } from './problem.js';
import { items, member, text } from './properties.js';
import { MEMBERS, S3_MEMBERS } from './stored-location.js';

export function planLayer(planning: Planning): readonly [PlannedLayer] | null {
  const { common, own, name, stack, resource } = planning;
  const isServerless = resource.type === 'AWS::Serverless::LayerVersion';
  const property = isServerless ? 'ContentUri' : 'Content';
  if (member(own, property) === null && !own.faulty?.has(property)) {
    refuse(own.findings, own.at, `Expected ${property}, a folder or a .zip file, but it is missing.`);
    return null;
  }
  const content = locatedCode(planning, property, isServerless ? MEMBERS : S3_MEMBERS);
  if (content === null) return null;
  const runtimes = items(own, 'CompatibleRuntimes').flatMap((item) => (item.kind === 'scalar' ? [item.text] : []));
  const settings = { name, description: text(own, 'Description') ?? '', runtimes, content };
  return [{ ...common, kind: 'layer', arn: layerArn(stack.place, name), settings }];
}
