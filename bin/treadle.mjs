#!/usr/bin/env node
// The `treadle` command. In a git checkout it builds the engine first when sources are newer than `dist`;
// an installed package carries `dist` and has neither sources nor scripts.

import { existsSync } from 'node:fs';

const scripts = new URL('../scripts/', import.meta.url);
const sources = new URL('../src/', import.meta.url);

if (existsSync(sources) && existsSync(scripts)) {
  const packages = new URL('../node_modules/', import.meta.url);
  if (!existsSync(packages)) {
    console.error('Expected the packages that Treadle needs in node_modules, but they are not installed. Run: npm ci');
    process.exit(1);
  }
  const { buildIfNeeded } = await import(new URL('build-if-needed.mjs', scripts).href);
  buildIfNeeded({ console: false });
}

const { main } = await import(new URL('../dist/cli/main.js', import.meta.url).href);
process.exitCode = await main(process.argv.slice(2));
