// Files stay under 500 lines (aim: 300) and are named in kebab-case. Functions' lengths are biome's
// noExcessiveLinesPerFunction. `--root <folder>` checks another tree.

import { readFileSync } from 'node:fs';
import { basename, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { filesUnder } from './source-text.mjs';

const LINES_MAX = 500;
const FOLDERS = /^(src|console|apps|bench|scripts|test|bin)\//;
const SOURCES = /\.(ts|tsx|mts|mjs|cjs|js|py|css)$/;
const GENERATED = /\.generated\.js$/;
const KEBAB_CASE = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+)*$/;
/** Python modules cannot carry hyphens: they are imported by their file's name. */
const SNAKE_CASE = /^_{0,2}[a-z0-9]+(_[a-z0-9]+)*_{0,2}\.py$/;

/** Every broken rule as one line of text. */
export function checkSizes(root) {
  const faults = [];
  for (const file of filesUnder(root)) {
    const place = relative(root, file);
    if (!FOLDERS.test(place) || !SOURCES.test(place) || GENERATED.test(place)) continue;
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n').length;
    if (lines > LINES_MAX)
      faults.push(
        `${place}: Expected at most ${LINES_MAX} lines, but there are ${lines}. Split the file by what it names.`,
      );
    const name = basename(file);
    if (!KEBAB_CASE.test(name) && !SNAKE_CASE.test(name))
      faults.push(`${place}: Expected a kebab-case file name, but it is '${name}'.`);
  }
  return faults;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const flag = process.argv.indexOf('--root');
  const root = flag > 0 ? process.argv[flag + 1] : fileURLToPath(new URL('..', import.meta.url));
  const faults = checkSizes(root);
  for (const fault of faults) console.error(fault);
  if (faults.length > 0) process.exitCode = 1;
}
