import { expect, test } from 'vitest';
import type { BackupRow } from '../api/treadle/index.js';
import { backupFinding, nodeFinding, pythonFinding, syncHostFinding } from './doctor.js';

test.each([
  ['18.20.0', 'bad'],
  ['20.18.9', 'bad'],
  ['20.19.0', 'good'],
  ['24.1.0', 'good'],
])('Node.js %s is %s', (version, verdict) => expect(nodeFinding(version).verdict).toBe(verdict));

test('an older Node.js works, a newer one is preferred', () => {
  expect(nodeFinding('20.20.2').cure).toContain('22');
  expect(nodeFinding('22.0.0').cure).toBeNull();
});

test('Python is only needed for Python functions', () => {
  expect(pythonFinding(null)).toMatchObject({
    verdict: 'remark',
    cure: 'Only needed for Python functions: install python3.',
  });
  expect(pythonFinding('3.11.7').verdict).toBe('good');
});

test('the cure of the sync- host is shown until it is taken', () => {
  expect(syncHostFinding({}).cure).toContain('treadle env --shell');
  expect(syncHostFinding({ AWS_DISABLE_HOST_PREFIX_INJECTION: 'true' })).toMatchObject({ verdict: 'good', cure: null });
});

test('the newest backup should not be old', () => {
  const day = 86_400_000;
  const of = (...times: readonly number[]) => ({ folder: '/b', backups: times.map((at) => ({ at }) as BackupRow) }); // all that is looked at
  expect(backupFinding(of(), 0)).toMatchObject({ verdict: 'remark', text: 'none in /b' });
  expect(backupFinding(of(day, 0), 2 * day)).toMatchObject({ verdict: 'good', text: '2, the newest 1 d old, in /b' });
  expect(backupFinding(of(day), 4 * day).cure).toContain('treadle backup');
});
