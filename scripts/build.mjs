// Builds the engine into dist/: every TypeScript file becomes one JavaScript file, other files are copied.
// With --engine the console is left out; with --types declarations are written too (for packing).

import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { generateIfNeeded } from './generate-jsonata.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const source = join(root, 'src');
const target = join(root, 'dist');
const flags = new Set(process.argv.slice(2));

function filesUnder(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? (entry.name === '__pycache__' ? [] : filesUnder(path)) : [path];
  });
}

generateIfNeeded();
const files = filesUnder(source);
const wanted = new Set(files.map((file) => relative(source, file).replace(/\.ts$/, '.js')));
if (existsSync(target)) {
  for (const file of filesUnder(target)) {
    const name = relative(target, file).replace(/\.js\.map$|\.d\.ts$/, '.js');
    if (!wanted.has(name)) rmSync(file);
  }
}
await build({
  entryPoints: files.filter((file) => file.endsWith('.ts') && !/\.(?:test|d)\.ts$/.test(file)),
  outdir: target,
  outbase: source,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  sourcemap: true,
  logLevel: 'warning',
});
for (const file of files.filter((name) => !name.endsWith('.ts'))) {
  const copy = join(target, relative(source, file));
  mkdirSync(dirname(copy), { recursive: true });
  cpSync(file, copy);
}
// build-if-needed.mjs compares the sources with this file.
writeFileSync(join(target, '.built'), '');
if (flags.has('--types')) {
  execFileSync(join(root, 'node_modules/.bin/tsc'), ['-p', join(root, 'tsconfig.types.json')], { stdio: 'inherit' });
}
if (!flags.has('--engine') && existsSync(join(root, 'console/vite.config.ts'))) {
  execFileSync('npm', ['run', 'build', '--workspace', 'console'], { cwd: root, stdio: 'inherit' });
}
