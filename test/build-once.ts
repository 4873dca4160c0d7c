import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Storage and function workers run from `dist`, so it is built from the same sources before any test. */
export function setup(): void {
  execFileSync(process.execPath, [fileURLToPath(new URL('../scripts/build.mjs', import.meta.url)), '--engine'], {
    stdio: 'inherit',
  });
}
