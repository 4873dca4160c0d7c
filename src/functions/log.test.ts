import { appendFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { FunctionLog } from './log.js';
import { call, createFrom, TestBed } from './test-bed.js';

const bed = new TestBed();
afterAll(() => bed.close());

const line = (text: string, requestId = 'r') => ({ at: 1, requestId, stream: 'stdout' as const, text });

describe('a log file', () => {
  test('is read page by page, follows new lines, and filters by request', async () => {
    const log = new FunctionLog(join(bed.folder, 'pages'));
    expect(await log.read({ limit: 10 })).toEqual({ lines: [], cursor: '0:0' });
    for (const text of ['a', 'b', 'c\nd', 'ü']) log.append(line(text, text === 'b' ? 'other' : 'r'));
    const first = await log.read({ limit: 3 });
    expect(first.lines.map(({ text }) => text)).toEqual(['a', 'b', 'c\nd']);
    const second = await log.read({ limit: 3, after: first.cursor });
    expect(second.lines.map(({ text }) => text)).toEqual(['ü']);
    expect((await log.read({ limit: 3, after: second.cursor })).lines).toEqual([]);
    log.append(line('e'));
    expect((await log.read({ limit: 3, after: second.cursor })).lines.map(({ text }) => text)).toEqual(['e']);
    expect((await log.read({ limit: 10, requestId: 'other' })).lines.map(({ text }) => text)).toEqual(['b']);
  });

  test('goes on in a new file when it is full; the oldest goes, and its cursors start at the oldest line left', async () => {
    const folder = join(bed.folder, 'full');
    const log = new FunctionLog(folder);
    const big = 'x'.repeat(1_000_000);
    const { cursor } = await log.read({ limit: 1 });
    for (let count = 0; count < 30; count += 1) {
      log.append(line(`${count} ${big}`));
      await log.flush();
    }
    expect(readdirSync(folder)).toEqual(['000003.jsonl', '000004.jsonl']);
    const page = await log.read({ limit: 100, after: cursor });
    expect(page.lines.map(({ text }) => Number.parseInt(text, 10))).toEqual([
      18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29,
    ]);
    expect(page.cursor).toMatch(/^4:\d+$/);
  });

  test('goes on after a restart, past a line that a crash cut off', async () => {
    const folder = join(bed.folder, 'restart');
    const log = new FunctionLog(folder);
    log.append(line('a'));
    await log.flush();
    appendFileSync(join(folder, '000001.jsonl'), '{"at":2,"requ');
    const again = new FunctionLog(folder);
    again.append(line('b'));
    expect((await again.read({ limit: 10 })).lines.map(({ text }) => text)).toEqual(['a', 'b']);
  });
});

test("a call's lines are those of Lambda, with what it printed between them", async () => {
  const functions = await bed.open();
  const followed: string[] = [];
  const end = functions.onLine(({ text, functionArn }) => followed.push(`${functionArn.split(':').at(-1)} ${text}`));
  const name = await createFrom(bed, functions, {
    files: {
      'app.js':
        'console.log("loading"); exports.handler = async (e) => { console.log("one\\ntwo", { e }); process.stderr.write("raw"); };',
    },
  });
  await functions.invoke({ functionName: name, event: '1', requestId: 'r-1' });
  await functions.invoke({ functionName: name, event: '2', requestId: 'r-2' });
  await call(functions, name);
  const { lines } = await functions.logs({ name, requestId: 'r-1', limit: 100 });
  const second = await functions.logs({ name, requestId: 'r-2', limit: 100 });
  const shownLines = lines.map(
    ({ stream, text }) =>
      `${stream}: ${text
        .replace(/\d{4}-\S+Z/, '<time>')
        .replace(/\d+\.\d\d/g, 'N.NN')
        .replace(/(Billed Duration|Used): \d+/g, '$1: N')}`,
  );
  expect(shownLines).toEqual([
    ...(shownLines[0]?.startsWith('platform: WARNING') ? [shownLines[0]] : []), // on another version of Node
    'stdout: <time>\tundefined\tINFO\tloading',
    'platform: START RequestId: r-1 Version: $LATEST',
    'stdout: <time>\tr-1\tINFO\tone\ntwo { e: 1 }',
    'stderr: raw',
    'platform: END RequestId: r-1',
    'platform: REPORT RequestId: r-1\tDuration: N.NN ms\tBilled Duration: N ms\tMemory Size: 256 MB\tMax Memory Used: N MB\tInit Duration: N.NN ms',
  ]);
  expect(second.lines.map(({ stream }) => stream)).toEqual(['platform', 'stdout', 'stderr', 'platform', 'platform']);
  expect(second.lines.at(-1)?.text).not.toContain('Init Duration');
  expect(followed).toContain(`${name} START RequestId: r-1 Version: $LATEST`);
  end();
});

test('a runtime that is not installed runs on the one that is, with a warning', async () => {
  const functions = await bed.open();
  const name = await createFrom(bed, functions, {
    files: { 'app.js': 'exports.handler = () => 1;' },
    runtime: 'nodejs18.x',
  });
  await call(functions, name);
  const [first] = (await functions.logs({ name, limit: 1 })).lines;
  expect(first?.text).toMatch(
    /^WARNING: the function asks for nodejs18\.x, which is not installed; it runs on Node\.js \d+\.\d+\.\d+\.$/,
  );
});

test('a time-out is in the log', async () => {
  const functions = await bed.open();
  const name = await createFrom(bed, functions, {
    files: { 'app.js': 'exports.handler = () => new Promise((r) => setTimeout(r, 9999));' },
    timeoutSeconds: 1,
  });
  await functions.invoke({ functionName: name, event: '1', requestId: 'r-1' });
  const texts = async () =>
    (await functions.logs({ name, requestId: 'r-1', limit: 100 })).lines.map(({ text }) => text);
  while (!(await texts()).some((text) => text.startsWith('REPORT')))
    await new Promise((resolve) => setTimeout(resolve, 10));
  expect(await texts()).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^\S+Z r-1 Task timed out after 1\.00 seconds$/),
      expect.stringMatching(/^REPORT RequestId: r-1\t.*\tStatus: timeout$/),
    ]),
  );
});
