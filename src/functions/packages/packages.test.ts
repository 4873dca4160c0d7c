import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { strToU8, zipSync } from 'fflate';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Functions } from '../functions.js';
import { call, createFrom, PLACE, shown, TestBed } from '../test-bed.js';
import { Packages } from './packages.js';
import { runTool } from './tool.js';

const bed = new TestBed();
let functions: Functions;
let count = 0;
const dataFolder = (): string => join(bed.folder, `data-${count}`);
const sets = (): readonly string[] => readdirSync(join(dataFolder(), 'functions', 'packages'));

beforeEach(async () => {
  count += 1;
  bed.warnings.length = 0;
  functions = await bed.open({ dataFolder: dataFolder() });
});
afterEach(() => functions.close());
afterAll(() => bed.close());

const manifest = (dependencies: object, more: object = {}): string => JSON.stringify({ dependencies, ...more });

/** A package on this machine; its `tool` gives the value. */
const localPackage = (value: number): string =>
  bed.write({
    'package.json': JSON.stringify({ name: 'tool', version: '1.0.0', main: 'index.js' }),
    'index.js': `exports.tool = () => ${value};`,
  });

/** A wheel with the module `tool`. */
function wheel(value: number): Uint8Array {
  const info = 'tool-1.0.dist-info';
  return zipSync({
    'tool.py': strToU8(`def tool():\n    return ${value}\n`),
    [`${info}/METADATA`]: strToU8('Metadata-Version: 2.1\nName: tool\nVersion: 1.0\n'),
    [`${info}/WHEEL`]: strToU8('Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n'),
    [`${info}/RECORD`]: strToU8('tool.py,,\n'),
  });
}
const WHEEL = 'tool-1.0-py3-none-any.whl';

/** A folder with a Python handler and its wheel. */
function pythonFolder(requirements: string, value = 1): string {
  const folder = bed.write({
    'app.py': 'def handler(event, context):\n    from tool import tool\n    return tool()\n',
    'requirements.txt': requirements,
  });
  writeFileSync(join(folder, WHEEL), wheel(value));
  return folder;
}

const folder = (path: string) => ({ code: { type: 'folder', path } as const, files: {} });

describe('package.json', () => {
  test('is installed once for the same contents; modules of every kind, and versions, find the packages', async () => {
    const own = manifest({ tool: `file:${localPackage(7)}` }, { scripts: { preinstall: 'exit 1' } });
    const handlers = {
      'app.js': "exports.handler = async () => require('tool').tool();",
      'app.mjs': "import { tool } from 'tool';\nexport const handler = async () => tool();",
      'app.ts': "import { tool } from 'tool';\nexport const handler = async (): Promise<number> => tool();",
    };
    const names = await Promise.all(
      Object.entries(handlers).map(([file, text]) =>
        createFrom(bed, functions, { files: { [file]: text, 'package.json': own } }),
      ),
    );
    for (const name of names) expect(shown(await call(functions, name))).toEqual(['succeeded', 7]);
    expect(sets()).toHaveLength(1);
    expect(bed.warnings.filter((line) => line.startsWith('Installing the packages that package.json'))).toHaveLength(1);
    expect(bed.warnings.at(-1)).toMatch(
      /^Installed the packages that package\.json of function '.*' names, in \d+\.\d s$/,
    );
    const [name = ''] = names;
    await functions.versions.publish(name, PLACE);
    expect(shown(await call(functions, `${name}:1`))).toEqual(['succeeded', 7]);
    const before = functions.get(name);
    const { folder: path } = before;
    expect(await functions.updateCode(name, { type: 'folder', path: path ?? '' })).toBe(before);
    await functions.close();
    writeFileSync(join(dataFolder(), 'functions', 'packages', 'half.done'), '');
    functions = await bed.open({ dataFolder: dataFolder() });
    expect(sets()).toEqual([before.packages]);
    rmSync(join(dataFolder(), 'functions', 'packages', sets()[0] ?? ''), { recursive: true });
    expect(shown(await call(functions, name))).toEqual(['succeeded', 7]);
  });

  test.each([
    ['node_modules beside the handler', { 'node_modules/other/index.js': '' }, ''],
    ['what sam build wrote', {}, '.aws-sam/build/Shop/'],
  ])('is left alone with %s', async (_, more, path) => {
    const files = { 'app.js': 'exports.handler = async () => 1;', 'package.json': manifest({ missing: '1' }), ...more };
    const root = bed.write(Object.fromEntries(Object.entries(files).map(([file, text]) => [path + file, text])));
    const name = await createFrom(bed, functions, folder(join(root, path)));
    expect(shown(await call(functions, name))).toEqual(['succeeded', 1]);
    expect(sets()).toEqual([]);
  });

  test('is left alone where a folder above, or Treadle itself, has the packages', async () => {
    const root = bed.write({
      'node_modules/tool/index.js': 'exports.tool = () => 9;',
      'shop/app.js': "exports.handler = async () => require('tool').tool();",
      'shop/package.json': manifest({ tool: '1', '@aws-sdk/client-sfn': '3' }),
    });
    const name = await createFrom(bed, functions, folder(join(root, 'shop')));
    expect(shown(await call(functions, name))).toEqual(['succeeded', 9]);
    expect(sets()).toEqual([]);
  });

  test('that cannot be installed says why, and leaves nothing', async () => {
    const files = {
      'app.js': 'exports.handler = async () => 1;',
      'package.json': manifest({ 'no-such-tool': '1.0.0' }),
      '.npmrc': 'registry=http://127.0.0.1:1/\nfetch-retries=0\n',
    };
    const before = functions.list(PLACE);
    await expect(createFrom(bed, functions, { files })).rejects.toThrow(
      /^Expected to install the packages that package\.json of function 'f-.*' names, but npm install ended with 1, for the registry could not be reached \(is there a network\?\)\. [^:]*:\nnpm (?:ERR!|error)[\s\S]*ECONNREFUSED/,
    );
    expect(sets()).toEqual([]);
    expect(functions.list(PLACE)).toEqual(before);
    await expect(createFrom(bed, functions, { files: { ...files, 'package.json': '{' } })).rejects.toThrow(
      /package\.json to be a package's, but /,
    );
  });

  test('with a lock gets the versions of the lock, from the registry of .npmrc', async () => {
    const registry = await startRegistry();
    try {
      const { port } = registry.address() as AddressInfo;
      const url = `http://127.0.0.1:${port}/tool/-/tool-1.0.0.tgz`;
      const lock = {
        ...{ name: 'shop', version: '1.0.0', lockfileVersion: 3, requires: true },
        packages: {
          '': { name: 'shop', version: '1.0.0', dependencies: { tool: '^1.0.0' } },
          'node_modules/tool': { version: '1.0.0', resolved: url },
        },
      };
      const name = await createFrom(bed, functions, {
        files: {
          'app.js': "exports.handler = async () => require('tool').tool();",
          'package.json': manifest({ tool: '^1.0.0' }, { name: 'shop', version: '1.0.0' }),
          'package-lock.json': JSON.stringify(lock),
          '.npmrc': `registry=http://127.0.0.1:${port}/\n`,
        },
      });
      expect(shown(await call(functions, name))).toEqual(['succeeded', 3]);
    } finally {
      registry.close();
    }
  });
});

/** A registry with one package in one version. */
async function startRegistry(): Promise<Server> {
  const root = bed.write({
    'package/package.json': JSON.stringify({ name: 'tool', version: '1.0.0', main: 'index.js' }),
    'package/index.js': 'exports.tool = () => 3;',
  });
  const tarball = execFileSync('tar', ['-czf', '-', '-C', root, 'package']);
  const server = createServer((request, response) => {
    if (request.url?.endsWith('.tgz')) response.end(tarball);
    else response.writeHead(404).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

describe('requirements.txt', () => {
  test('is installed; another wheel under the same name is another set', async () => {
    const path = pythonFolder(`# what the shop needs\n./${WHEEL}\n`);
    const name = await createFrom(bed, functions, { ...folder(path), runtime: 'python3.11' });
    expect(shown(await call(functions, name))).toEqual(['succeeded', 1]);
    await functions.versions.publish(name, PLACE);
    writeFileSync(join(path, WHEEL), wheel(2));
    await functions.updateCode(name, { type: 'folder', path });
    expect(shown(await call(functions, name))).toEqual(['succeeded', 2]);
    expect(shown(await call(functions, `${name}:1`))).toEqual(['succeeded', 1]);
    expect(sets()).toHaveLength(2);
  });

  test.each([
    ['names what this Python has', 'pip>=1 # any\n', {}],
    ['is empty', '\n# nothing\n', {}],
    ['was installed beside the handler', 'missing==1\n', { 'missing-1.dist-info/METADATA': '' }],
  ])('is left alone when it %s', async (_, requirements, more) => {
    const files = {
      'app.py': 'def handler(event, context):\n    return 1\n',
      'requirements.txt': requirements,
      ...more,
    };
    const name = await createFrom(bed, functions, { files });
    expect(shown(await call(functions, name))).toEqual(['succeeded', 1]);
    expect(sets()).toEqual([]);
  });

  test('that cannot be installed says why, and the function stays as it was', async () => {
    const path = pythonFolder('');
    const name = await createFrom(bed, functions, { ...folder(path), runtime: 'python3.11' });
    const before = functions.get(name);
    writeFileSync(join(path, 'requirements.txt'), '--no-index\nno-such-tool==1.0\n');
    await expect(functions.updateCode(name, { type: 'folder', path })).rejects.toThrow(
      /but pip install ended with 1:\n[\s\S]*No matching distribution found for no-such-tool==1\.0/,
    );
    expect(sets()).toEqual([]);
    expect(functions.get(name)).toBe(before);
  });
});

test('an installation that is stopped leaves nothing half done', async () => {
  const root = join(bed.folder, `stopped-${count}`);
  const packages = new Packages(root, join(root, 'none'));
  await packages.open(new Set());
  const started = new Promise<void>((resolve) => packages.onProgress(() => resolve()));
  const source = bed.write({ 'package.json': manifest({ tool: `file:${localPackage(1)}` }) });
  const installing = packages.ensure({ name: 'shop', runtime: 'nodejs20.x', folder: source });
  const refused = expect(installing).rejects.toThrow(/npm install was stopped with the server/);
  await started;
  packages.close();
  await refused;
  expect(readdirSync(root)).toEqual([]);
});

test('a tool that takes too long is ended with all that it has started, and its last lines are shown', async () => {
  const folder = bed.write({});
  const script = `echo started; (sleep 60; touch ${join(folder, 'late')}) & wait`;
  const run = { name: 'tool', command: 'sh', args: ['-c', script], folder, timeoutMs: 300 };
  expect(await runTool({ ...run, signal: new AbortController().signal })).toBe(
    'tool was not done after 0.3 s:\nstarted',
  );
  const missing = { ...run, command: 'no-such-tool-here', signal: new AbortController().signal };
  expect(await runTool(missing)).toBe("tool cannot be started: there is no 'no-such-tool-here' on the PATH");
  expect(existsSync(join(folder, 'late'))).toBe(false);
});
