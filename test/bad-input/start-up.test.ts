import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ServerProcess, startTreadle } from '../durability/server-process.js';
import { ask, createMachine, executionArn, machineArn } from '../durability/states-client.js';

const TREADLE = fileURLToPath(new URL('../../bin/treadle.mjs', import.meta.url));

let root = '';
let server: ServerProcess;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'treadle-start-up-'));
  server = await startTreadle(join(root, 'data'), root);
});
afterAll(async () => {
  await server.stop();
  rmSync(root, { recursive: true, force: true });
});

async function up(...args: string[]): Promise<{ readonly code: number | null; readonly stderr: string }> {
  const child = spawn(process.execPath, [TREADLE, 'up', ...args], { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] });
  const killer = setTimeout(() => child.kill('SIGKILL'), 20_000);
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const [code] = (await once(child, 'close')) as [number | null];
  clearTimeout(killer);
  return { code, stderr: stderr.trim() };
}

test('a port in use', async () => {
  const { port } = new URL(server.endpoint);
  expect(await up('--port', port, '--data', 'other')).toEqual({
    code: 1,
    stderr: `Expected port ${port} on 127.0.0.1 to be free, but something listens there already. Stop it, or choose another with --port.`,
  });
});

test('an address of another machine', async () => {
  const { code, stderr } = await up('--host', '192.0.2.1', '--port', '0', '--data', 'other');
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /^Expected to be able to listen on 192\.0\.2\.1, port 0, but it is not possible \(.*\)\. Choose an address of this machine with --host, and a port above 1023 with --port\.$/,
  );
});

test('a data folder in use, and the server that has it goes on', async () => {
  await createMachine(server.endpoint, 'wait', {
    StartAt: 'A',
    States: { A: { Type: 'Wait', Seconds: 3600, End: true } },
  });
  await ask(server.endpoint, 'StartExecution', { stateMachineArn: machineArn('wait'), name: 'one' });
  expect(await up('--port', '0', '--data', 'data')).toEqual({
    code: 1,
    stderr: `Expected the data folder '${join(root, 'data')}' to be free, but process ${server.pid} has it open. Stop that process, or choose another data folder.`,
  });
  const { status } = await ask(server.endpoint, 'DescribeExecution', { executionArn: executionArn('wait', 'one') });
  expect(status).toBe('RUNNING');
});

test('a data folder that is a file, is in one, or cannot be written', async () => {
  writeFileSync(join(root, 'file'), 'mine');
  for (const folder of ['file', 'file/sub']) {
    const { code, stderr } = await up('--port', '0', '--data', folder);
    expect(code).toBe(1);
    expect(stderr).toContain(
      `Expected to be able to make the data folder '${join(root, folder)}', but it is not possible`,
    );
    expect(stderr).toContain('Choose another folder or change its permissions.');
  }
  const { code, stderr } = await up('--port', '0', '--data', '/proc/self');
  expect([code, stderr.split(' (')[0]]).toEqual([
    1,
    "Expected to be able to write in '/proc/self', but it is not possible. Check its owner and permissions",
  ]);
});

test('a data folder is its owner’s alone', () => {
  expect(statSync(join(root, 'data')).mode & 0o777).toBe(0o700);
});

test.each([
  [
    ['--port', '99999'],
    "Option '--port <number>' argument '99999' is invalid. Expected a whole number from 0 to 65535. See: treadle up --help",
  ],
  [
    ['--account', '12'],
    "Option '--account <id>' argument '12' is invalid. Expected twelve digits. See: treadle up --help",
  ],
])('options %j', async (args, stderr) => {
  expect(await up(...args)).toEqual({ code: 2, stderr });
});

test('a template that is not there', async () => {
  expect(await up('missing.yaml', '--port', '0', '--data', 'other')).toEqual({
    code: 2,
    stderr: `Expected a template '${join(root, 'missing.yaml')}', but there is no such file.`,
  });
});

test('a port that somebody else has, whoever that is', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const address = other.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const { code, stderr } = await up('--port', String(port), '--data', 'other');
  other.close();
  expect([code, stderr.includes('to be free, but something listens there already')]).toEqual([1, true]);
});
