import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { type Functions, FunctionsClosed } from './functions.js';
import { call, createFrom, PLACE, shown, TestBed } from './test-bed.js';

const bed = new TestBed();
const opened: Functions[] = [];
const open = async (bounds: object = {}): Promise<Functions> => {
  const functions = await bed.open({ dataFolder: join(bed.folder, `data-${opened.length}`), bounds });
  opened.push(functions);
  return functions;
};
afterEach(async () => {
  await Promise.all(opened.map((functions) => functions.close()));
});
afterAll(() => bed.close());

const COUNTER = { 'app.js': 'let n = 0; exports.handler = async () => ({ n: ++n, pid: process.pid });' };
const PAUSE = {
  'app.js': `let busy = false; exports.handler = async (ms) => {
    if (busy) throw new Error('two calls at once'); busy = true;
    await new Promise((r) => setTimeout(r, ms)); busy = false; return process.pid; };`,
};

function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

async function until(condition: () => boolean): Promise<boolean> {
  for (let attempt = 0; attempt < 200 && !condition(); attempt += 1)
    await new Promise((resolve) => setTimeout(resolve, 20));
  return condition();
}

describe('processes', () => {
  test('are used again: what a module keeps stays', async () => {
    const functions = await open();
    const name = await createFrom(bed, functions, { files: COUNTER });
    const values = [];
    for (let count = 0; count < 3; count += 1) values.push(shown(await call(functions, name))[1]);
    const [{ pid }] = values as [{ pid: number }];
    expect(values).toEqual([
      { n: 1, pid },
      { n: 2, pid },
      { n: 3, pid },
    ]);
  });

  test('grow with calls that wait, up to the bound, one call each at a time', async () => {
    const functions = await open();
    const name = await createFrom(bed, functions, { files: PAUSE, reservedConcurrency: 3 });
    const results = await Promise.all(Array.from({ length: 12 }, () => call(functions, name, 150)));
    expect(results.map(({ type }) => type)).toEqual(Array.from({ length: 12 }, () => 'succeeded'));
    expect(new Set(results.map((result) => shown(result)[1])).size).toBe(3);
  });

  test('do not grow to the number of callers for short calls', async () => {
    const functions = await open();
    const name = await createFrom(bed, functions, { files: COUNTER });
    await call(functions, name);
    const pids = new Set<unknown>();
    const endsAt = performance.now() + 1000;
    const callAgainAndAgain = async (): Promise<void> => {
      while (performance.now() < endsAt) pids.add((shown(await call(functions, name))[1] as { pid: number }).pid);
    };
    await Promise.all(Array.from({ length: 24 }, callAgainAndAgain));

    // A handful on a quiet machine; a busy one makes calls long, and then more of them pay.
    expect(pids.size).toBeLessThan(24);
  });

  test('of all functions are bounded: idle ones make room', async () => {
    const functions = await open({ childrenMax: 2 });
    const names = [];
    for (let count = 0; count < 4; count += 1) names.push(await createFrom(bed, functions, { files: COUNTER }));
    for (const name of names) expect(shown(await call(functions, name))).toMatchObject(['succeeded', { n: 1 }]);
    expect(shown(await call(functions, names[3] ?? ''))).toMatchObject(['succeeded', { n: 2 }]);
    const all = await Promise.all(names.map((name) => call(functions, name)));
    expect(all.every(({ type }) => type === 'succeeded')).toBe(true);
  });

  test('that are idle for long go', async () => {
    const functions = await open({ idleMs: 100 });
    const name = await createFrom(bed, functions, { files: COUNTER });
    const [, value] = shown(await call(functions, name));
    const { pid } = value as { pid: number };
    expect(await until(() => !isAlive(pid))).toBe(true);
    expect(shown(await call(functions, name))).toMatchObject(['succeeded', { n: 1 }]);
  });

  test.each(['at once', 'after a while'])('of an older revision go: %s', async (when) => {
    const functions = await open();
    const name = await createFrom(bed, functions, { files: COUNTER });
    const [, value] = shown(await call(functions, name));
    const { pid } = value as { pid: number };
    if (when === 'after a while') await new Promise((resolve) => setTimeout(resolve, 20)); // it is idle by then
    await functions.updateConfiguration(name, { description: 'new' });
    expect(await until(() => !isAlive(pid))).toBe(true);
    expect(shown(await call(functions, name))).toMatchObject(['succeeded', { n: 1 }]);
  });

  test('that die while idle are replaced', async () => {
    const functions = await open();
    const name = await createFrom(bed, functions, { files: COUNTER });
    const [, value] = shown(await call(functions, name));
    const { pid } = value as { pid: number };
    process.kill(pid, 'SIGKILL');
    expect(await until(() => !isAlive(pid))).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(shown(await call(functions, name))).toMatchObject(['succeeded', { n: 1 }]);
  });
});

describe('calls', () => {
  test('wait in a line that is bounded', async () => {
    const functions = await open({ waitingCallsMax: 3 });
    const name = await createFrom(bed, functions, { files: PAUSE });
    const results = await Promise.all(Array.from({ length: 5 }, () => call(functions, name, 1)));
    expect(
      results.map((result) => (result.type === 'refused' ? `${result.status} ${result.code}` : result.type)),
    ).toEqual([
      ...['succeeded', 'succeeded', 'succeeded', '429 TooManyRequestsException', '429 TooManyRequestsException'],
    ]);
  });

  test('of all versions together are as many at once as the function allows', async () => {
    const functions = await open();
    const seen = join(bed.write({}), 'seen');
    const app = `const { appendFileSync } = require('fs');
exports.handler = async () => {
  appendFileSync(${JSON.stringify(seen)}, '(');
  await new Promise((resolve) => setTimeout(resolve, 20));
  appendFileSync(${JSON.stringify(seen)}, ')');
};`;
    const name = await createFrom(bed, functions, { files: { 'app.js': app }, reservedConcurrency: 1 });
    await functions.versions.publish(name, PLACE);
    await functions.updateConfiguration(name, { memoryMb: 300 });
    await functions.versions.publish(name, PLACE);
    const called = [name, `${name}:1`, `${name}:2`].flatMap((version) => [version, version]);
    const results = await Promise.all(called.map((version) => call(functions, version)));
    expect(results.map(({ type }) => type)).toEqual(called.map(() => 'succeeded'));
    expect(readFileSync(seen, 'utf8')).toBe('()'.repeat(called.length));
  });

  test('that wait are refused when the function allows none any more', async () => {
    const functions = await open();
    const name = await createFrom(bed, functions, { files: PAUSE, reservedConcurrency: 1 });
    await functions.versions.publish(name, PLACE);
    const calls = [call(functions, name, 200), call(functions, `${name}:1`, 200), call(functions, `${name}:1`, 200)];
    await new Promise((resolve) => setImmediate(resolve));
    await functions.updateConfiguration(name, { reservedConcurrency: 0 });
    expect((await Promise.all(calls)).filter(({ type }) => type === 'refused').length).toBeGreaterThanOrEqual(2);
  });

  test('are all refused with a reserved concurrency of 0', async () => {
    const functions = await open();
    const name = await createFrom(bed, functions, { files: COUNTER, reservedConcurrency: 0 });
    expect(shown(await call(functions, name))).toEqual(['refused', 'TooManyRequestsException: Rate Exceeded.']);
  });

  test('with the same request id are performed again', async () => {
    const functions = await open();
    const name = await createFrom(bed, functions, { files: COUNTER });
    const invocation = { functionName: name, event: '{}', requestId: 'same' };
    expect(shown(await functions.invoke(invocation))).toMatchObject(['succeeded', { n: 1 }]);
    expect(shown(await functions.invoke(invocation))).toMatchObject(['succeeded', { n: 2 }]);
  });

  test('reject when the server closes, and nothing is left', async () => {
    const functions = await open();
    const name = await createFrom(bed, functions, { files: PAUSE, reservedConcurrency: 1 });
    const [, pid] = shown(await call(functions, name, 1));
    const calls = [call(functions, name, 60_000), call(functions, name, 60_000)];
    const outcomes = Promise.allSettled(calls);
    await new Promise((resolve) => setTimeout(resolve, 20));
    await functions.close();
    expect(
      (await outcomes).map((outcome) => outcome.status === 'rejected' && outcome.reason instanceof FunctionsClosed),
    ).toEqual([true, true]);
    expect(isAlive(Number(pid))).toBe(false);
    await expect(call(functions, name, 1)).rejects.toBeInstanceOf(FunctionsClosed);
  });
});

test('a server that is killed leaves no process behind, not even one that loops', async () => {
  const folder = bed.write({
    'loop.js': `require('fs').writeFileSync(__dirname + '/loop.pid', String(process.pid)); exports.handler = () => { for (;;); };`,
    'loop.py': `import os, subprocess\np = subprocess.Popen(["sleep", "1000"])\nopen(os.path.dirname(__file__) + "/py.pid", "w").write(f"{os.getpid()} {p.pid}")\ndef handler(e, c):\n    while True: pass`,
  });
  const module = new URL('./index.js', import.meta.url).href.replace('/src/', '/dist/');
  const server = `
    const { Functions } = await import(${JSON.stringify(module)});
    const place = { region: 'us-east-1', account: '000000000000' };
    const records = { async write() {}, async list() { return []; } };
    const functions = await Functions.open({ dataFolder: ${JSON.stringify(join(folder, 'data'))}, records, endpointUrl: () => '', place });
    const code = { type: 'folder', path: ${JSON.stringify(folder)} };
    functions.onLine(({ text }) => text.startsWith('START') && console.log('started'));
    for (const runtime of ['nodejs20.x', 'python3.11']) {
      const name = runtime.slice(0, 6);
      await functions.create({ name, place, runtime, handler: 'loop.handler', code, timeoutSeconds: 100 });
      void functions.invoke({ functionName: name, event: '{}', requestId: name });
    }`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', server], {
    stdio: ['ignore', 'pipe', 'inherit'],
    cwd: fileURLToPath(new URL('.', import.meta.url)),
  });
  let printed = '';
  child.stdout.on('data', (chunk) => {
    printed += chunk;
  });
  expect(await until(() => printed.split('started').length === 3)).toBe(true);
  const pids = ['loop.pid', 'py.pid'].flatMap((file) =>
    readFileSync(join(folder, file), 'utf8').split(' ').map(Number),
  );
  expect(pids.filter(isAlive)).toHaveLength(3);
  child.kill('SIGKILL');
  expect(await until(() => pids.filter(isAlive).length === 0)).toBe(true);
});
