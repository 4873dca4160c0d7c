// Builds the engine and the console when they are missing or older than their sources. Imports nothing that has to be installed.

import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Builds what is stale; `console` false leaves the console out (the engine alone takes well under a second). */
export function buildIfNeeded({ console: withConsole }) {
  const generators = ['generate-jsonata', 'jsonata-edits', 'jsonata-evaluator-edits'].map(
    (name) => `scripts/${name}.mjs`,
  );
  const engineIsStale = isStale(join(root, 'dist', '.built'), ['src', 'package.json', ...generators]);
  const hasConsole = withConsole && existsSync(join(root, 'console', 'vite.config.ts'));
  const consoleIsStale =
    hasConsole &&
    isStale(join(root, 'console', 'dist', 'index.html'), ['console/src', 'console/index.html', 'console/package.json']);
  if (engineIsStale)
    execFileSync(process.execPath, [join(root, 'scripts', 'build.mjs'), '--engine'], { stdio: 'inherit' });
  if (consoleIsStale) {
    execFileSync('npm', ['run', '--silent', 'build', '--workspace', 'console', '--', '--logLevel', 'warn'], {
      cwd: root,
      stdio: 'inherit',
      shell: process.platform === 'win32',
    });
  }
}

/** Whether `built` is missing or older than any of the sources (paths from the root; folders' own times tell of deletions). */
function isStale(built, sources) {
  if (!existsSync(built)) return true;
  const builtAt = statSync(built).mtimeMs;
  return sources.some((source) => newestUnder(join(root, source)) > builtAt);
}

function newestUnder(path) {
  const found = statSync(path);
  if (!found.isDirectory()) return found.mtimeMs;
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.name !== '__pycache__' && !entry.name.endsWith('.test.ts'))
    .reduce((newest, entry) => Math.max(newest, newestUnder(join(path, entry.name))), found.mtimeMs);
}
