import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type ServerProcess, startTreadle } from './server-process.js';
import { ask, createMachine, ended, executionArn } from './states-client.js';

/** Backups are made while others write, and killed in the middle; what was acknowledged before is there afterwards. */

const TREADLE = fileURLToPath(new URL('../../bin/treadle.mjs', import.meta.url));
const WAITS = { StartAt: 'W', States: { W: { Type: 'Wait', Seconds: 2, Next: 'E' }, E: { Type: 'Pass', End: true } } };
const KEYS = 8;
const KILLS = 6;

// Each kill starts a server and a command or two.
vi.setConfig({ testTimeout: 120_000 });

let folder = '';
let data = '';
const opened: ServerProcess[] = [];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'treadle-backup-'));
  data = join(folder, 'data');
});
afterAll(async () => {
  for (const server of opened) await server.kill();
  rmSync(folder, { recursive: true, force: true });
});

async function start(dataFolder: string): Promise<ServerProcess> {
  const server = await startTreadle(dataFolder, folder);
  opened.push(server);
  return server;
}

const clientOf = ({ endpoint }: ServerProcess) =>
  new S3Client({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
    maxAttempts: 1,
  });

const md5 = (body: Uint8Array): string => createHash('md5').update(body).digest('hex');

/** Starts executions and overwrites objects until told to stop; says what the server acknowledged, and what was ever sent. */
class Writer {
  readonly started: string[] = [];
  readonly sent = new Map<string, Set<string>>();
  #isOver = false;
  #work: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly server: ServerProcess,
    private readonly machine: string,
    private readonly client: S3Client,
  ) {}

  begin(): void {
    this.#work = Promise.all([this.#executions(), this.#executions(), this.#objects()]);
  }

  async end(): Promise<void> {
    this.#isOver = true;
    await this.#work;
  }

  async #executions(): Promise<void> {
    while (!this.#isOver) {
      const name = `e${randomBytes(8).toString('hex')}`;
      await ask(this.server.endpoint, 'StartExecution', {
        stateMachineArn: this.machine,
        name,
        input: `{"n":"${name}"}`,
      });
      this.started.push(name);
    }
  }

  async #objects(): Promise<void> {
    for (let number = 0; !this.#isOver; number++) {
      const Key = `k${number % KEYS}`;
      const Body = randomBytes(20_000);
      this.sent.set(Key, (this.sent.get(Key) ?? new Set()).add(md5(Body)));
      await this.client.send(new PutObjectCommand({ Bucket: 'kept', Key, Body }));
    }
  }
}

function treadle(...args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [TREADLE, ...args], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
}

async function output(...args: readonly string[]): Promise<Record<string, unknown>> {
  const child = treadle(...args);
  let [text, complaints] = ['', ''];
  child.stdout?.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    complaints += chunk.toString();
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`treadle ${args.join(' ')}: ${code} ${complaints}`);
  return JSON.parse(text.trim().split('\n').at(-1) ?? '{}') as Record<string, unknown>; // what --json prints
}

const wholeBackups = (): readonly string[] =>
  readdirSync(join(data, 'backups')).filter((name) => !name.startsWith('partial-'));

test('everything acknowledged before a backup began is in it, and goes on where it is restored', async () => {
  const server = await start(data);
  const client = clientOf(server);
  await client.send(new CreateBucketCommand({ Bucket: 'kept' }));
  const writer = new Writer(server, await createMachine(server.endpoint, 'waits', WAITS), client);
  writer.begin();
  await sleep(1000);
  const backups: { id: string; started: number }[] = [];
  for (let round = 0; round < 3; round++) {
    const started = writer.started.length;
    backups.push({ id: String((await output('backup', '--endpoint', server.endpoint, '--json')).id), started });
  }
  await writer.end();
  expect(writer.started.length).toBeGreaterThan(backups.at(-1)?.started ?? Number.POSITIVE_INFINITY);
  client.destroy();
  await server.stop();
  const { id, started } = backups.at(-1) ?? expect.fail();
  const elsewhere = join(folder, 'elsewhere');
  await output('restore', id, '--data', elsewhere, '--folder', join(data, 'backups'), '--json');
  const restored = await start(elsewhere);
  for (const name of writer.started.slice(0, started)) {
    const { status, output: out } = await ended(restored.endpoint, executionArn('waits', name));
    expect([name, status, out]).toEqual([name, 'SUCCEEDED', `{"n":"${name}"}`]);
  }
  const reader = clientOf(restored);
  for (let key = 0; key < KEYS; key++) {
    const { Body } = await reader.send(new GetObjectCommand({ Bucket: 'kept', Key: `k${key}` }));
    const bytes = (await Body?.transformToByteArray()) ?? expect.fail();
    expect(writer.sent.get(`k${key}`)).toContain(md5(bytes));
  }
  reader.destroy();
  await restored.stop();
});

test('a server killed in the middle of a backup has lost nothing, and shows only whole ones', async () => {
  for (let kill = 0; kill < KILLS; kill++) {
    const server = await start(data);
    const before = wholeBackups();
    const { status } = await fetch(`${server.endpoint}/_treadle/api/backups`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    });
    expect(status).toBe(202);
    await sleep(kill * 8);
    await server.kill();
    const after = wholeBackups().filter((id) => !before.includes(id));
    for (const id of after) await output('restore', id, '--dry-run', '--data', data, '--json');
  }
  const server = await start(data);
  const { executions } = await ask(server.endpoint, 'ListExecutions', {
    stateMachineArn: 'arn:aws:states:us-east-1:000000000000:stateMachine:waits',
    statusFilter: 'RUNNING',
  });
  expect(executions).toEqual([]);
  await output('backup', '--endpoint', server.endpoint, '--json');
  expect(readdirSync(join(data, 'backups')).filter((name) => name.startsWith('partial-'))).toEqual([]);
  await server.stop();
});

test('a restore killed in the middle leaves the old data or the new, whole', async () => {
  const ids = [...wholeBackups()].sort();
  const [oldest, newest] = [ids.at(0) ?? '', ids.at(-1) ?? ''];
  const executionsOf = (id: string): unknown =>
    JSON.parse(readFileSync(join(data, 'backups', id, 'backup.json'), 'utf8')).counts.executions;
  const possible = [executionsOf(oldest), executionsOf(newest)];
  expect(new Set(possible).size).toBe(2);
  await output('restore', newest, '--replace', '--data', data, '--json');
  for (let kill = 0; kill < KILLS; kill++) {
    const child = treadle('restore', kill % 2 === 0 ? oldest : newest, '--replace', '--data', data);
    const gone = once(child, 'close');
    await sleep(150 + kill * 25);
    child.kill('SIGKILL');
    await gone;
    // The next one that looks carries on with what was decided.
    const { id, executions } = await output('backup', '--data', data, '--json');
    expect(possible).toContain(executions);
    rmSync(join(data, 'backups', String(id)), { recursive: true });
  }
  expect(readdirSync(data).filter((name) => name.startsWith('restor'))).toEqual([]);
  const server = await start(data);
  await server.stop();
});
