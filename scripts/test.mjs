// `npm test`: installs and builds what is missing, runs every test and ends with a line `N passed, N failed`.
// Further arguments go to vitest (`npm test -- src/store`).

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildIfNeeded } from './build-if-needed.mjs';
import { installIfNeeded } from './install-if-needed.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

installIfNeeded();
buildIfNeeded({ console: true });

const folder = mkdtempSync(join(tmpdir(), 'treadle-test-'));
const report = join(folder, 'report.json');
try {
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const { status } = spawnSync(process.execPath, [vitest, 'run', ...reporters, ...process.argv.slice(2)], {
    cwd: root,
    stdio: 'inherit',
  });
  const { passed, failed } = countResults(report, status);
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed > 0 || status !== 0 ? 1 : 0;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** A file that could not be loaded, and a vitest that ended badly without naming a test, count as one failure each. */
function countResults(path, status) {
  if (!existsSync(path)) return { passed: 0, failed: 1 };
  const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(path, 'utf8'));
  const brokenFiles = testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  ).length;
  const failed = numFailedTests + brokenFiles;
  return { passed: numPassedTests, failed: failed === 0 && status !== 0 ? 1 : failed };
}
