// The peers install themselves beside this file, at their first use.

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const peersFolder = fileURLToPath(new URL('.', import.meta.url));

export const treadleVersion = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version;

export function installPeers() {
  const { dependencies } = JSON.parse(readFileSync(join(peersFolder, 'package.json'), 'utf8'));
  const isThere = ([name, version]) => installedVersion(name) === version;
  if (Object.entries(dependencies).every(isThere)) return;
  console.log(`Installing ${Object.keys(dependencies).join(', ')} into bench/peers (about 260 MB, once) …`);
  const options = ['--no-audit', '--no-fund', '--no-package-lock', '--ignore-scripts', '--workspaces=false'];
  execFileSync('npm', ['install', ...options], { cwd: peersFolder, stdio: ['ignore', 'ignore', 'inherit'] });
}

/** Null where it is not installed. */
export function installedVersion(name) {
  const file = join(peersFolder, 'node_modules', name, 'package.json');
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).version : null;
}

/** For peers that use what came with Node.js 22; '' where this one has it. */
export const STAND_IN_NOTE =
  Number.parseInt(process.versions.node, 10) >= 22
    ? ''
    : `written for Node.js 22; with ${process.version} it ran with a stand-in for Promise.withResolvers`;
