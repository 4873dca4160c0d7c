import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Functions } from './functions.js';
import { call, createFrom, shown, TestBed } from './test-bed.js';

const bed = new TestBed();
let functions: Functions;
beforeAll(async () => {
  functions = await bed.open();
});
afterAll(() => bed.close());

const js = (body: string, given: object = {}): Promise<string> =>
  createFrom(bed, functions, { files: { 'app.js': `exports.handler = async (event) => { ${body} };` }, ...given });

const py = (lines: readonly string[], given: object = {}): Promise<string> =>
  createFrom(bed, functions, {
    files: {
      'app.py': [
        'import os, sys, time, subprocess, json',
        'def handler(event, context):',
        ...lines.map((line) => `    ${line}`),
      ].join('\n'),
    },
    ...given,
  });

/** A process is gone when it has no /proc entry or is a zombie. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

async function gone(pid: number): Promise<boolean> {
  for (let attempt = 0; attempt < 100 && isAlive(pid); attempt += 1)
    await new Promise((resolve) => setTimeout(resolve, 20));
  return !isAlive(pid);
}

describe('time-out', () => {
  test.each([
    ['JavaScript that waits', () => js('await new Promise((r) => setTimeout(r, 60000));', { timeoutSeconds: 1 })],
    ['JavaScript that loops', () => js('for (;;);', { timeoutSeconds: 1 })],
    ['Python that sleeps', () => py(['time.sleep(60)'], { timeoutSeconds: 1 })],
    ['Python that loops', () => py(['while True: pass'], { timeoutSeconds: 1 })],
  ])('%s', async (_title, create) => {
    const name = await create();
    const result = await functions.invoke({ functionName: name, event: '{}', requestId: 'r-1' });
    expect(result).toEqual({
      type: 'failed',
      executedVersion: '$LATEST',
      payload:
        '{"errorType":"Sandbox.Timedout","errorMessage":"RequestId: r-1 Error: Task timed out after 1.00 seconds"}',
    });
  });

  test('kills what the function started, and the next call gets a fresh process', async () => {
    const file = join(bed.folder, 'pid');
    const name = await py(
      [
        'if event.get("quick"): return os.getpid()',
        `p = subprocess.Popen(["sleep", "1000"]); open(${JSON.stringify(file)}, "w").write(f"{os.getpid()} {p.pid}")`,
        'p.wait()',
      ],
      { timeoutSeconds: 1 },
    );
    expect(shown(await call(functions, name))).toMatchObject(['failed', { errorType: 'Sandbox.Timedout' }]);
    const [own = 0, grandchild = 0] = readFileSync(file, 'utf8').split(' ').map(Number);
    expect(await gone(own)).toBe(true);
    expect(await gone(grandchild)).toBe(true);
    const [type, pid] = shown(await call(functions, name, { quick: true }));
    expect(type).toBe('succeeded');
    expect(pid).not.toBe(own);
  });
});

describe('the end of the process', () => {
  test.each([
    [
      'process.exit(0)',
      () => js('process.exit(0);'),
      /^RequestId: r-1 Error: Runtime exited without providing a reason$/,
    ],
    [
      'process.exit(7)',
      () => js('process.exit(7);'),
      /^RequestId: r-1 Error: Runtime exited with error: exit status 7$/,
    ],
    [
      'SIGKILL',
      () => js('process.kill(process.pid, "SIGKILL"); await new Promise((r) => setTimeout(r, 5000));'),
      /signal: killed$/,
    ],
    ['abort', () => js('process.abort();'), /signal: aborted$/],
    ['Python abort', () => py(['os.abort()']), /signal: aborted$/],
  ])('%s', async (_title, create, message) => {
    const result = await functions.invoke({ functionName: await create(), event: '{}', requestId: 'r-1' });
    expect(shown(result)).toEqual([
      'failed',
      { errorType: 'Runtime.ExitError', errorMessage: expect.stringMatching(message) },
    ]);
  });

  test('a crash while loading is tried again in a fresh process', async () => {
    const marker = join(bed.folder, 'second-time');
    const files = {
      'app.js': `const fs = require('fs'); const first = !fs.existsSync(${JSON.stringify(marker)});
        fs.writeFileSync(${JSON.stringify(marker)}, ''); if (first) process.exit(1); exports.handler = async () => 'up';`,
    };
    const name = await createFrom(bed, functions, { files });
    expect(shown(await call(functions, name))).toMatchObject(['failed', { errorType: 'Runtime.ExitError' }]);
    expect(shown(await call(functions, name))).toEqual(['succeeded', 'up']);
  });

  test('the call after a fatal error gets a fresh process', async () => {
    const name = await js(
      'if (event.bad) setTimeout(() => { throw new Error("bad"); }); await new Promise((r) => setTimeout(r, 20)); return 1;',
    );
    expect(shown(await call(functions, name, { bad: true }))).toMatchObject(['failed', { errorMessage: 'bad' }]);
    expect(shown(await call(functions, name))).toEqual(['succeeded', 1]);
  });

  test('processes left behind go with their function, whoever holds the pipes', async () => {
    const name = await py(['p = subprocess.Popen(["sleep", "1000"], close_fds=False); return p.pid']);
    const [, pid] = shown(await call(functions, name));
    expect(isAlive(Number(pid))).toBe(true);
    await functions.updateConfiguration(name, { description: 'new' });
    expect(await gone(Number(pid))).toBe(true);
  });
});

describe('memory', () => {
  test.each([
    [
      'JavaScript heap',
      () => js('const all = []; for (;;) all.push(new Array(10000).fill(Math.random()).map(String));'),
    ],
    [
      'JavaScript buffers',
      () =>
        js('const all = []; for (;;) { all.push(Buffer.alloc(8e6, 1)); await new Promise((r) => setTimeout(r, 5)); }'),
    ],
    ['Python', () => py(['all = []', 'while True: all.append(bytearray(4_000_000)); time.sleep(0.005)'])],
    [
      'what it starts',
      () =>
        py([
          'p = subprocess.Popen([sys.executable, "-c", "import time\\na=[]\\nwhile True: a.append(bytearray(4000000)); time.sleep(0.005)"])',
          'p.wait()',
          'time.sleep(60)',
        ]),
    ],
  ])('%s', async (_title, create) => {
    const name = await create();
    await functions.updateConfiguration(name, { memoryMb: 128 });
    const [type, value] = shown(await call(functions, name));
    expect([type, value]).toMatchObject([
      'failed',
      { errorType: 'Runtime.ExitError', errorMessage: expect.stringMatching(/signal: (killed|aborted)$/) },
    ]);
  });

  test('one huge allocation is a MemoryError in Python', async () => {
    const name = await py(['return len(bytearray(4_000_000_000))'], { memoryMb: 128 });
    expect(shown(await call(functions, name))).toMatchObject(['failed', { errorType: 'MemoryError' }]);
  });
});

describe('answers', () => {
  const tooLarge = {
    errorType: 'Function.ResponseSizeTooLarge',
    errorMessage: 'Response payload size exceeded maximum allowed payload size (6291556 bytes).',
  };

  test('above 6 MB fail, and the process goes on', async () => {
    const script = await js(
      'globalThis.n = (globalThis.n ?? 0) + 1; return event.big ? "x".repeat(6291555) : globalThis.n;',
    );
    expect(shown(await call(functions, script, { big: true }))).toEqual(['failed', tooLarge]);
    expect(shown(await call(functions, script))).toEqual(['succeeded', 2]);
    const python = await py(['return "x" * 6291555']);
    expect(shown(await call(functions, python))).toEqual(['failed', tooLarge]);
  });

  test('of just 6 MB, and events as well, arrive whole', async () => {
    for (const name of [
      await js('return event;', { memoryMb: 512 }),
      await py(['return event'], { memoryMb: 512, runtime: 'python3.12' }),
    ]) {
      const event = 'ä'.repeat(3_000_000);
      expect(shown(await call(functions, name, event))[1] === event || name).toBe(true);
    }
  });

  test('an event above 6 MB is refused', async () => {
    const name = await js('return 1;');
    expect(await call(functions, name, 'x'.repeat(6 * 1024 * 1024))).toEqual({
      type: 'refused',
      code: 'RequestTooLargeException',
      message: 'Request must be smaller than 6291456 bytes for the InvokeFunction operation',
      status: 413,
    });
  });

  test('words on the channel that are not ours end the process only', async () => {
    const name = await js(
      'require("fs").writeSync(3, "garbage that is no frame"); await new Promise((r) => setTimeout(r, 5000));',
    );
    expect(shown(await call(functions, name))).toMatchObject(['failed', { errorType: 'Runtime.ExitError' }]);
  });
});

describe('output', () => {
  test.each([
    [
      'JavaScript',
      () => js('for (let i = 0; i < 20000; i += 1) process.stdout.write("x".repeat(499) + "\\n"); return 1;'),
    ],
    ['Python', () => py(['for i in range(20000): print("x" * 499)', 'return 1'])],
  ])('of 10 MB does not block: %s', async (_title, create) => {
    const name = await create();
    const result = await functions.invoke({ functionName: name, event: '{}', requestId: 'r-1' });
    expect(shown(result)).toEqual(['succeeded', 1]);
    await call(functions, name, {});
    let printed = 0;
    let cursor: string | undefined;
    for (;;) {
      const page = await functions.logs({ name, after: cursor, limit: 10_000 });
      if (page.lines.length === 0) break;
      printed += page.lines.filter(({ stream }) => stream === 'stdout').length;
      cursor = page.cursor;
    }
    expect(printed).toBeGreaterThan(15_000); // the oldest lines of 20 MB have been rotated away
  });

  test('one endless line is cut', async () => {
    const name = await js('process.stdout.write("y".repeat(1000000)); return 1;');
    await functions.invoke({ functionName: name, event: '{}', requestId: 'r-1' });
    await call(functions, name, {});
    const { lines } = await functions.logs({ name, requestId: 'r-1', limit: 100 });
    const printed = lines.filter(({ stream }) => stream === 'stdout');
    expect(printed.length).toBeGreaterThan(3);
    expect(Math.max(...printed.map(({ text }) => text.length))).toBeLessThanOrEqual(262_144);
    expect(printed.map(({ text }) => text).join('')).toBe('y'.repeat(1_000_000));
  });
});

describe('a caller that gives up', () => {
  test('ends the process, and a waiting call leaves the line', async () => {
    const name = await js('if (event.wait) await new Promise((r) => setTimeout(r, 60000)); return process.pid;', {
      reservedConcurrency: 1,
    });
    const first = shown(await call(functions, name));
    const started = new Promise<void>((resolve) => {
      functions.onLine(({ text }) => text.startsWith('START RequestId: r-0') && resolve());
    });
    const controllers = [new AbortController(), new AbortController()];
    const calls = controllers.map(({ signal }, index) =>
      functions.invoke({ functionName: name, event: '{"wait":true}', requestId: `r-${index}` }, signal),
    );
    await started;
    for (const controller of controllers.reverse()) controller.abort();
    const refused = ['refused', 'RequestAbortedException: The call was given up by its caller.'];
    expect((await Promise.all(calls)).map(shown)).toEqual([refused, refused]);
    const after = shown(await call(functions, name));
    expect(after[0]).toBe('succeeded');
    expect(after[1]).not.toBe(first[1]);
  });

  test('before the call starts nothing', async () => {
    const name = await js('return 1;');
    const result = await functions.invoke({ functionName: name, event: '{}', requestId: 'r' }, AbortSignal.abort());
    expect(result).toMatchObject({ type: 'refused', code: 'RequestAbortedException' });
    expect((await functions.logs({ name, limit: 10 })).lines).toEqual([]);
  });
});
