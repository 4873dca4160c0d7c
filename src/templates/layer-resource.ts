import { layerArn } from '../arn.js';
import { assetPath, localCode, storedAsset, storedElsewhere } from './function-resource.js';
import type { PlannedLayer } from './plan.js';
import type { Planning } from './planning.js';
import { refuse } from './problem.js';
import { items, member, section, text } from './properties.js';

export function planLayer(planning: Planning): readonly [PlannedLayer] | null {
  const { common, own, name, stack } = planning;
  const path = contentPath(planning);
  if (path === null) return null;
  const runtimes = items(own, 'CompatibleRuntimes').flatMap((item) => (item.kind === 'scalar' ? [item.text] : []));
  const settings = { name, description: text(own, 'Description') ?? '', runtimes, path };
  return [{ ...common, kind: 'layer', arn: layerArn(stack.place, name), settings }];
}

function contentPath(planning: Planning): string | null {
  const { own } = planning;
  const property = own.map.entries.some(({ key }) => key === 'ContentUri') ? 'ContentUri' : 'Content';
  const content = member(own, property);
  const parts = content?.kind === 'map' ? section(own, property) : null;
  const stored = parts === null ? null : storedAsset(planning, parts, { bucket: 'S3Bucket', key: 'S3Key' });
  const asset = stored === null ? assetPath(planning) : { path: stored, at: content?.at ?? own.at };
  if (content?.kind === 'scalar' || asset !== null) {
    const { path, at } = asset ?? { path: text(own, property) ?? '', at: content?.at ?? own.at };
    const code = localCode(planning, path, at);
    return code?.type === 'path' ? code.path : null;
  }
  if (content === null)
    refuse(own.findings, own.at, `Expected ${property}, a folder or a .zip file, but it is missing.`);
  else storedElsewhere(own, property, content.at);
  return null;
}
