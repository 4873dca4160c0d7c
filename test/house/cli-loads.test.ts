import { readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

/** A command must answer at once: what only a server needs is imported where it is used. */

const SOURCE = fileURLToPath(new URL('../../src', import.meta.url));

/** Files that are loaded with this one, and packages. */
function loadedWith(path: string, seen = new Set<string>()): ReadonlySet<string> {
  if (seen.has(path)) return seen;
  seen.add(path);
  for (const [, specifier = ''] of readFileSync(path, 'utf8').matchAll(STATIC_IMPORT)) {
    if (specifier.startsWith('.')) loadedWith(resolve(dirname(path), specifier.replace(/\.js$/, '.ts')), seen);
    else if (!specifier.startsWith('node:')) seen.add(specifier);
  }
  return seen;
}

/** Of code as the formatter leaves it; types are no imports at run time. */
const STATIC_IMPORT = /^(?:import|export) (?!type )[^;]*?from '([^']+)';/gm;

test('the command line loads neither the server nor its libraries', () => {
  const loaded = [...loadedWith(join(SOURCE, 'cli/main.ts'))];
  const packages = loaded.filter((name) => !name.startsWith('/'));
  expect(packages.sort()).toEqual(['commander', 'picocolors']);
  const folders = new Set(
    loaded.filter((name) => name.startsWith(SOURCE)).map((name) => relative(SOURCE, name).split('/')[0] ?? ''),
  );
  for (const folder of ['host', 'interpreter', 'store', 'functions', 'api']) expect(folders).not.toContain(folder);
  expect(loaded).not.toContain(join(SOURCE, 'server/index.ts'));
});
