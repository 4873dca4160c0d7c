import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { strToU8, zipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CreateFunction } from './configuration.js';
import type { Functions } from './functions.js';
import { call, createFrom, PLACE, shown, TestBed } from './test-bed.js';

const bed = new TestBed();
let functions: Functions;
beforeAll(async () => {
  functions = await bed.open();
});
afterAll(() => bed.close());

const zip = (files: Record<string, string>): Uint8Array =>
  zipSync(Object.fromEntries(Object.entries(files).map(([name, text]) => [name, strToU8(text)])));

const HANDLER = 'exports.handler = async () => 1;';
const request = (given: Partial<CreateFunction> = {}): CreateFunction => ({
  ...{ name: 'orders', place: PLACE, runtime: 'nodejs20.x', handler: 'app.handler' },
  code: { type: 'zip', bytes: zip({ 'app.js': HANDLER }) },
  ...given,
});

describe('configurations', () => {
  test("have AWS's defaults, the zip's hash and a revision", async () => {
    const bytes = zip({ 'app.js': HANDLER });
    const created = await functions.create(request({ name: 'defaults', code: { type: 'zip', bytes } }));
    expect(created).toEqual({
      ...{ name: 'defaults', place: PLACE, runtime: 'nodejs20.x', handler: 'app.handler' },
      arn: 'arn:aws:lambda:us-east-1:000000000000:function:defaults',
      ...{ timeoutSeconds: 3, memoryMb: 128, environment: {}, description: '', role: '' },
      ...{
        architectures: ['x86_64'],
        layers: [],
        reservedConcurrency: null,
        deadLetterArn: null,
        folder: null,
        version: '$LATEST',
      },
      codeSha256: createHash('sha256').update(bytes).digest('base64'),
      codeSize: bytes.length,
      lastModifiedAt: expect.any(Number),
      revisionId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(functions.get('defaults')).toEqual(created);
    expect(await functions.zip('defaults')).toEqual(Buffer.from(bytes));
    expect(shown(await call(functions, 'defaults'))).toEqual(['succeeded', 1]);
  });

  test('a name is taken once, per region and account', async () => {
    const elsewhere = { region: 'eu-west-1', account: '000000000000' };
    await functions.create(request({ name: 'taken' }));
    await expect(functions.create(request({ name: 'taken' }))).rejects.toMatchObject({
      ...{ code: 'ResourceConflictException', message: 'Function already exist: taken', status: 409 },
    });
    await functions.create(request({ name: 'taken', place: elsewhere }));
    expect(functions.list(elsewhere).map(({ arn }) => arn)).toEqual([
      'arn:aws:lambda:eu-west-1:000000000000:function:taken',
    ]);
    await functions.remove('taken', elsewhere);
    expect(functions.list(elsewhere)).toEqual([]);
    expect(functions.get('taken').place).toEqual(PLACE);
  });

  test.each<[string, Partial<CreateFunction>, RegExp]>([
    [
      'runtime unknown',
      { runtime: 'cobol' },
      /^Value cobol at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: \[nodejs18\.x, .*\] or be a valid ARN$/,
    ],
    [
      'runtime not run here',
      { runtime: 'java21' },
      /^Expected a runtime that Treadle runs \(nodejs18\.x, .*\), but got 'java21'\./,
    ],
    ['timeout', { timeoutSeconds: 901 }, /Value '901' at 'timeout' .* less than or equal to 900$/],
    ['timeout 0', { timeoutSeconds: 0 }, /greater than or equal to 1$/],
    ['memory', { memoryMb: 64 }, /Value '64' at 'memorySize' .* greater than or equal to 128$/],
    ['name', { name: 'no spaces' }, /at 'functionName'/],
    ['handler', { handler: 'a b' }, /at 'handler'/],
    ['reserved variable', { environment: { AWS_REGION: 'x' } }, /Reserved keys used in this request: AWS_REGION$/],
    ['variable name', { environment: { '1x': 'x' } }, /at 'environment\.variables'/],
    ['large environment', { environment: { BIG: 'x'.repeat(4096) } }, /exceeded the 4KB limit\. String measured: /],
    ['no zip', { code: { type: 'zip', bytes: strToU8('hello') } }, /^Could not unzip uploaded file\./],
    ['empty zip', { code: { type: 'zip', bytes: zip({}) } }, /non-empty zip$/],
    [
      'zip slip',
      { code: { type: 'zip', bytes: zip({ '../../evil.js': '' }) } },
      /there is an entry '\.\.\/\.\.\/evil\.js'/,
    ],
    [
      'zip with an absolute name',
      { code: { type: 'zip', bytes: zip({ '/etc/evil': '' }) } },
      /there is an entry '\/etc\/evil'/,
    ],
    [
      'no such folder',
      { code: { type: 'folder', path: '/no/such' } },
      /in the folder '\/no\/such', but there is no such folder\.$/,
    ],
  ])('refused: %s', async (_title, given, message) => {
    const refusal = { code: 'InvalidParameterValueException', status: 400, message: expect.stringMatching(message) };
    await expect(functions.create(request({ name: 'refused', ...given }))).rejects.toMatchObject(refusal);
    expect(() => functions.get('refused')).toThrow('Function not found');
  });

  test('a zip that would unpack to more than 250 MB is refused unread', async () => {
    const bomb = zipSync({ a: new Uint8Array(140_000_000), b: new Uint8Array(140_000_000) });
    await expect(functions.create(request({ name: 'bomb', code: { type: 'zip', bytes: bomb } }))).rejects.toThrow(
      'Unzipped size must be smaller than 262144000 bytes',
    );
  });

  test('survive a restart, with their code', async () => {
    const folder = join(bed.folder, 'restart');
    const first = await bed.open({ dataFolder: folder });
    await first.create(
      request({
        name: 'kept',
        code: { type: 'zip', bytes: zip({ 'lib/app.js': HANDLER }) },
        handler: 'lib/app.handler',
      }),
    );
    await first.close();
    const second = await bed.open({ dataFolder: folder });
    expect(shown(await call(second, 'kept'))).toEqual(['succeeded', 1]);
    await second.remove('kept');
  });
});

describe('references', () => {
  beforeAll(async () => {
    await functions.create(request({ name: 'named' }));
  });

  test.each([
    'named',
    'named:$LATEST',
    'function:named',
    '000000000000:function:named',
    'arn:aws:lambda:us-east-1:000000000000:function:named',
    'arn:aws:lambda:us-east-1:000000000000:function:named:$LATEST',
  ])('%s', async (name) => {
    expect(shown(await call(functions, name))).toEqual(['succeeded', 1]);
  });

  test.each([
    [
      'missing',
      'ResourceNotFoundException: Function not found: arn:aws:lambda:us-east-1:000000000000:function:missing:$LATEST',
    ],
    [
      'named:prod',
      'ResourceNotFoundException: Function not found: arn:aws:lambda:us-east-1:000000000000:function:named:prod',
    ],
    ['a b', "InvalidParameterValueException: Expected a function's name or ARN, but got 'a b'."],
    ['arn:aws:sns:us-east-1:000000000000:named', expect.stringContaining("Expected a function's name or ARN")],
  ])('%s is refused', async (name, message) => {
    expect(shown(await call(functions, name))).toEqual(['refused', message]);
  });

  test('a foreign account or region is called by name, with one warning', async () => {
    const foreign = 'arn:aws:lambda:eu-west-1:123456789012:function:named';
    for (let count = 0; count < 2; count += 1) expect(shown(await call(functions, foreign))).toEqual(['succeeded', 1]);
    expect(bed.warnings.filter((text) => text.includes(foreign))).toEqual([
      `There is no ${foreign}; arn:aws:lambda:us-east-1:000000000000:function:named has the same name and is called instead.`,
    ]);
  });
});

describe('changes', () => {
  test('new code is used from the next call on; the same code changes nothing', async () => {
    const name = await createFrom(bed, functions, { files: { 'app.js': 'exports.handler = () => 1;' } });
    expect(shown(await call(functions, name))).toEqual(['succeeded', 1]);
    const before = functions.get(name);
    expect(await functions.updateCode(name, { type: 'folder', path: before.folder ?? '' })).toBe(before);
    writeFileSync(join(before.folder ?? '', 'app.js'), 'exports.handler = () => 2;');
    const after = await functions.updateCode(name, { type: 'folder', path: before.folder ?? '' });
    expect(after.codeSha256).not.toBe(before.codeSha256);
    expect(after.revisionId).not.toBe(before.revisionId);
    expect(shown(await call(functions, name))).toEqual(['succeeded', 2]);
    await functions.updateCode(name, {
      type: 'zip',
      bytes: zip({ 'app.ts': 'export const handler = (): number => 3;' }),
    });
    expect(shown(await call(functions, name))).toEqual(['succeeded', 3]);
  });

  test('calls under way end in the old code, waiting ones use the new', async () => {
    const files = (n: number) => ({
      'app.js': `exports.handler = async () => { await new Promise((r) => setTimeout(r, 200)); return ${n}; };`,
    });
    const name = await createFrom(bed, functions, { files: files(1), reservedConcurrency: 1 });
    const started = new Promise<void>((resolve) => {
      functions.onLine(({ text, functionArn }) => functionArn.endsWith(name) && text.startsWith('START') && resolve());
    });
    const calls = [call(functions, name), call(functions, name)];
    await started;
    await functions.updateCode(name, { type: 'folder', path: bed.write(files(2)) });
    expect((await Promise.all(calls)).map(shown)).toEqual([
      ['succeeded', 1],
      ['succeeded', 2],
    ]);
  });

  test('settings are merged and checked', async () => {
    const name = await createFrom(bed, functions, {
      files: { 'app.js': 'exports.handler = () => process.env.MODE;' },
      environment: { MODE: 'a' },
    });
    expect(shown(await call(functions, name))).toEqual(['succeeded', 'a']);
    const before = functions.get(name);
    expect(await functions.updateConfiguration(name, { timeoutSeconds: before.timeoutSeconds })).toBe(before);
    await functions.updateConfiguration(name, { environment: { MODE: 'b' } });
    expect(shown(await call(functions, name))).toEqual(['succeeded', 'b']);
    await expect(functions.updateConfiguration(name, { timeoutSeconds: 1000 })).rejects.toThrow("at 'timeout'");
    expect(functions.get(name)).toMatchObject({ timeoutSeconds: 20, environment: { MODE: 'b' } });
  });

  test('a removed function is gone, and its waiting calls are refused', async () => {
    const name = await createFrom(bed, functions, { files: { 'app.js': 'exports.handler = () => 1;' } });
    const waiting = call(functions, name);
    await functions.remove(name);
    expect((await waiting).type).toBe('refused');
    expect(shown(await call(functions, name))[1]).toContain('ResourceNotFoundException');
    await expect(functions.remove(name)).rejects.toMatchObject({ code: 'ResourceNotFoundException', status: 404 });
  });
});
