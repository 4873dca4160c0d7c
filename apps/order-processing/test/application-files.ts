import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const applicationFolder = fileURLToPath(new URL('..', import.meta.url));

export function readApplicationFile(path: string): string {
  return readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
}

/** File names of all samples, in order. */
export function sampleNames(): readonly string[] {
  return readdirSync(new URL('../samples', import.meta.url)).sort();
}

export function readSample(name: string): string {
  return readApplicationFile(`samples/${name}`);
}
