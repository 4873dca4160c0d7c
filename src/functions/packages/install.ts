import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FUNCTION_INSTALL_MS_MAX } from '../../limits.js';
import type { Needs, NodeNeeds, PythonNeeds } from './needs.js';
import { runTool } from './tool.js';

export interface InstallPlace {
  /** Where the code is. */
  readonly source: string;
  /** An empty folder. */
  readonly target: string;
  readonly signal: AbortSignal;
}

/** Packages of JavaScript come to `node_modules`, of Python to `python`, below the target. Null, or why it failed. */
export function install({ kind }: Needs, place: InstallPlace): Promise<string | null> {
  return kind.tool === 'npm' ? installNode(kind, place) : installPython(kind, place);
}

const QUIET = ['--no-audit', '--no-fund', '--no-update-notifier', '--no-progress'];

/** As `sam build` does: scripts of packages run as far as npm's settings let them; the project's own do not. */
async function installNode(needs: NodeNeeds, { target, signal }: InstallPlace): Promise<string | null> {
  const { manifest, settings, hasLocal } = needs;
  const lock = needs.lock !== null && hasLocal ? withoutLocal(needs.lock) : needs.lock;
  await writeFile(join(target, 'package.json'), JSON.stringify(manifest));
  if (settings !== null) await writeFile(join(target, '.npmrc'), settings);
  if (lock !== null) await writeFile(join(target, 'package-lock.json'), lock);
  // A lock tells of local packages by their place beside the project, so they are not installed by it alone.
  const isLocked = lock !== null && !hasLocal;
  const verb = isLocked ? ['ci'] : ['install', '--install-links'];
  const args = [...verb, '--omit=dev', ...QUIET, '--prefix', target];
  const run = { name: `npm ${verb[0]}`, command: 'npm', args, folder: target, timeoutMs: FUNCTION_INSTALL_MS_MAX };
  return runTool({ ...run, signal });
}

/** The versions of all others stay locked. Text that is no lock stays, for npm to complain. */
function withoutLocal(text: string): string {
  try {
    const lock = JSON.parse(text) as { packages?: Record<string, { link?: boolean; resolved?: string }> };
    const kept = Object.entries(lock.packages ?? {}).filter(
      ([path, { link, resolved = '' }]) =>
        path.startsWith('node_modules/') && link !== true && !resolved.startsWith('file:'),
    );
    return JSON.stringify({ ...lock, dependencies: undefined, packages: Object.fromEntries(kept) });
  } catch {
    return text;
  }
}

async function installPython({ command }: PythonNeeds, place: InstallPlace): Promise<string | null> {
  const { source, target, signal } = place;
  const packages = join(target, 'python');
  await mkdir(packages);
  const args = [
    ...['-m', 'pip', 'install', '--no-input', '--disable-pip-version-check', '--progress-bar', 'off'],
    ...['--no-warn-script-location', '--target', packages, '-r', 'requirements.txt'],
  ];
  return runTool({ name: 'pip install', command, args, folder: source, timeoutMs: FUNCTION_INSTALL_MS_MAX, signal });
}
