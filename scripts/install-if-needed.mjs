// Installs the locked packages when what is installed is not what package-lock.json asks for. Imports nothing that has to
// be installed.

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const NODE_MINIMUM = [20, 19];

/** Runs `npm ci` only when needed. Ends the process with a clear message on a Node that is too old. */
export function installIfNeeded() {
  requireNode();
  if (isInstalled()) return;
  console.log('Installing packages (npm ci) …');
  // No package needs its install script: native parts are prebuilt, and a machine may have no compiler.
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  // npm is a script on Windows, which only a shell can start.
  execFileSync('npm', args, { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' });
}

/** Compares with npm's own record of what it installed: times say little after a checkout. */
function isInstalled() {
  const record = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(record)) return false;
  const wanted = packagesOf(join(root, 'package-lock.json'));
  const present = packagesOf(record);
  return Object.entries(wanted).every(([path, entry]) => {
    // Workspaces lie in the tree; nobody reaches them through node_modules.
    if (!path.includes('node_modules/') || entry.link === true) return true;
    const found = present[path];
    // Optional packages are those of other platforms.
    if (found === undefined) return entry.optional === true || entry.devOptional === true || entry.peer === true;
    return found.version === entry.version && found.integrity === entry.integrity;
  });
}

const packagesOf = (file) => JSON.parse(readFileSync(file, 'utf8')).packages ?? {};

function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > NODE_MINIMUM[0] || (major === NODE_MINIMUM[0] && minor >= NODE_MINIMUM[1])) return;
  console.error(
    `Expected Node.js ${NODE_MINIMUM.join('.')} or newer, but this is ${process.versions.node}. Install a newer one and try again.`,
  );
  process.exit(1);
}
