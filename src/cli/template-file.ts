import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { usageError } from './cli-error.js';

const TEMPLATE_NAMES = ['template.yaml', 'template.yml', 'template.json'];

/** Absolute path of the template: the given one, else the folder's own; null when none is given and none is there. */
export function templateFile(folder: string, given: string | undefined): string | null {
  if (given !== undefined) {
    const path = resolve(folder, given);
    if (existsSync(path)) return path;
    throw usageError(`Expected a template '${path}', but there is no such file.`);
  }
  const found = TEMPLATE_NAMES.map((name) => resolve(folder, name)).find((path) => existsSync(path));
  return found ?? null;
}
