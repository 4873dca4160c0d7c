// Installs the locked packages when they are missing or older than package-lock.json. Imports nothing that has to be installed.

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const lock = join(root, 'package-lock.json');
const installed = join(root, 'node_modules', '.package-lock.json');
const stamp = join(root, 'node_modules', '.treadle-installed');
const NODE_MINIMUM = [20, 19];

/** Runs `npm ci` only when needed. Ends the process with a clear message on a Node that is too old. */
export function installIfNeeded() {
  requireNode();
  const fingerprint = createHash('sha256').update(readFileSync(lock)).digest('hex');
  if (isInstalled(fingerprint)) return;
  console.log('Installing packages (npm ci) …');
  // No package needs its install script: native parts are prebuilt, and a machine may have no compiler.
  // npm is a script on Windows, which only a shell can start.
  execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  writeFileSync(stamp, `${fingerprint}\n`);
}

function isInstalled(fingerprint) {
  if (existsSync(stamp) && readFileSync(stamp, 'utf8').trim() === fingerprint) return true;
  // Somebody ran `npm ci` or `npm install` by hand: npm's own record is as new as the lock file.
  return existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs;
}

function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > NODE_MINIMUM[0] || (major === NODE_MINIMUM[0] && minor >= NODE_MINIMUM[1])) return;
  console.error(
    `Expected Node.js ${NODE_MINIMUM.join('.')} or newer, but this is ${process.versions.node}. Install a newer one and try again.`,
  );
  process.exit(1);
}
