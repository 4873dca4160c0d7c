import { existsSync, statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { usageError } from './cli-error.js';

const TEMPLATE_NAMES = ['template.yaml', 'template.yml', 'template.json'];
/** What `cdk synth` writes into its folder. */
const MANIFEST = 'manifest.json';

/**
 * Absolute path of the template: the given one, else the folder's own; null when none is given and none is there. Of a CDK
 * assembly it is the folder's path.
 */
export function templateFile(folder: string, given: string | undefined): string | null {
  if (given === undefined) return templateIn(folder);
  const path = resolve(folder, given);
  if (!existsSync(path)) throw usageError(`Expected a template '${path}', but there is no such file.`);
  if (basename(path) === MANIFEST) return dirname(path);
  if (!statSync(path).isDirectory()) return path;
  if (existsSync(resolve(path, MANIFEST))) return path;
  const found = templateIn(path);
  if (found !== null) return found;
  throw usageError(
    `Expected a template or a CDK assembly in '${path}', but there is neither template.yaml nor ${MANIFEST}. Run cdk synth or sam build first?`,
  );
}

const templateIn = (folder: string): string | null =>
  TEMPLATE_NAMES.map((name) => resolve(folder, name)).find((path) => existsSync(path)) ?? null;
