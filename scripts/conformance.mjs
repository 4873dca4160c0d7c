// Runs the recorded AWS cases against a server of its own and compares the score of each area with
// test/conformance-floor.json. `--update` raises the floor. Skips itself when the recordings are not there.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildIfNeeded } from './build-if-needed.mjs';
import { startTreadle } from './treadle-child.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const runner = join(root, '..', 'shared', 'conformance', 'run.mjs');
const floorFile = join(root, 'test', 'conformance-floor.json');
const corpus = join(root, '..', 'shared', 'conformance', 'corpus');
/** Every area that was recorded. */
const AREAS = existsSync(corpus) ? readdirSync(corpus).sort() : [];

if (!existsSync(runner)) {
  console.log('The recordings (../shared/conformance) are not here: conformance is not measured.');
} else {
  buildIfNeeded({ console: false });
  const folder = mkdtempSync(join(tmpdir(), 'treadle-conformance-'));
  const server = await startTreadle({ args: ['--port', '0', '--data', join(folder, 'data')], cwd: folder });
  try {
    process.exitCode = judge(measure(server.ready.endpoint, folder), process.argv.includes('--update'));
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The outcome of every case; a failed one is tried once more, alone, since a busy machine can fail it too. */
function measure(endpoint, folder) {
  const first = runCases(endpoint, join(folder, 'first.json'), []);
  const failed = first.filter(({ outcome }) => outcome === 'failed').map(({ id }) => id);
  if (failed.length === 0) return first;
  console.log(`\n${failed.length} failed; each once more, serially …\n`);
  const pattern = `^(?:${failed.map((id) => id.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('|')})$`;
  const second = runCases(endpoint, join(folder, 'second.json'), ['--concurrency', '1', '--case', pattern]);
  const passed = new Set(second.filter(({ outcome }) => outcome === 'passed').map(({ id }) => id));
  return first.map((result) => (passed.has(result.id) ? { ...result, outcome: 'passed' } : result));
}

function runCases(endpoint, report, options) {
  const { status } = spawnSync(process.execPath, [runner, '--endpoint', endpoint, '--json', report, ...options], {
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error(`Expected the conformance runner to finish, but it ended with ${status}.`);
  return JSON.parse(readFileSync(report, 'utf8')).results;
}

/** Prints each area beside its floor; 1 when one is below. */
function judge(results, isUpdate) {
  const floor = existsSync(floorFile) ? JSON.parse(readFileSync(floorFile, 'utf8')) : {};
  const counts = Object.fromEntries(
    AREAS.map((area) => [area, results.filter((result) => result.area === area && result.outcome === 'passed').length]),
  );
  const below = AREAS.filter((area) => counts[area] < (floor[area] ?? 0));
  for (const { id, area, outcome } of results)
    if (outcome === 'failed' && below.includes(area)) console.log(`  below the floor: ${id}`);
  console.log('\narea               passed  floor');
  for (const area of AREAS) {
    const mark = below.includes(area) ? '  BELOW' : '';
    console.log(
      `${area.padEnd(18)} ${String(counts[area]).padStart(6)} ${String(floor[area] ?? 0).padStart(6)}${mark}`,
    );
  }
  const total = AREAS.reduce((sum, area) => sum + counts[area], 0);
  console.log(`${'total'.padEnd(18)} ${String(total).padStart(6)}`);
  if (isUpdate) {
    const raised = Object.fromEntries(AREAS.map((area) => [area, Math.max(counts[area], floor[area] ?? 0)]));
    writeFileSync(floorFile, `${JSON.stringify(raised, null, 2)}\n`);
  }
  return below.length > 0 ? 1 : 0;
}
