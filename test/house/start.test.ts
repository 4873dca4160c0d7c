import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'treadle-start-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const start = (...args: readonly string[]) =>
  spawnSync(process.execPath, [join(root, 'scripts/start.mjs'), '--data', join(folder, 'data'), ...args], {
    cwd: folder,
    encoding: 'utf8',
  });

test('npm start processes every sample order', () => {
  const { status, stdout } = start('--port', '0', '--once');
  expect(status).toBe(0);
  const orders = stdout.split('\n').filter((line) => /^ {2}[✓!✗] \d\d /.test(line));
  expect(orders).toHaveLength(readdirSync(join(root, 'apps/order-processing/samples')).length);
  expect(orders.find((line) => line.includes('01 seed-order'))).toMatch(/^ {2}✓ .* 2250\.00 .*PAYMENT_PROCESSED/);
  expect(stdout).toContain('1 processed and paid, 2 recorded as not paid, 8 refused.');
}, 60_000);

test('an option that is none is refused before anything is started', () => {
  const { status, stderr } = start('--prot', '1');
  expect(status).toBe(2);
  expect(stderr).toContain("Unknown option '--prot'");
});

test('a busy port is named with its cure', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as AddressInfo;
  const { status, stderr } = start('--port', String(port));
  other.close();
  expect(status).toBe(1);
  expect(stderr).toContain(`Expected port ${port} on 127.0.0.1 to be free`);
});
