import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'treadle-house-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** The faults that one of the house's checks finds in a tree of the given files. */
function faultsOf(check: 'check-layers' | 'check-sizes', files: Readonly<Record<string, string>>): string[] {
  for (const [path, text] of Object.entries(files)) {
    const file = join(root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  const script = fileURLToPath(new URL(`../../scripts/${check}.mjs`, import.meta.url));
  const { stderr, status } = spawnSync(process.execPath, [script, '--root', root], { encoding: 'utf8' });
  const faults = stderr.split('\n').filter(Boolean);
  expect(status).toBe(faults.length === 0 ? 0 : 1);
  return faults;
}

describe('layers', () => {
  const target = { 'src/host/mailbox.ts': 'export const a = 1;\n', 'src/store/ports.ts': 'export interface P {}\n' };

  test.each<[string, Record<string, string>, string[]]>([
    [
      'an upward import is refused',
      { 'src/interpreter/decide.ts': "import { a } from '../host/mailbox.js';\n" },
      ["src/interpreter/decide.ts:1 imports '../host/mailbox.js': interpreter may import language."],
    ],
    ['a downward import is fine', { 'src/api/list.ts': "import { a } from '../host/mailbox.js';\n" }, []],
    [
      'types only means types only',
      {
        'src/language/path.ts': 'export const r = 1;\n',
        'src/store/a.ts': "import type { r } from '../language/path.js';\nimport { r } from '../language/path.js';\n",
      },
      ["src/store/a.ts:2 imports '../language/path.js': store may import interpreter, types:language."],
    ],
    [
      'the base imports nothing above it',
      { 'src/payload/json.ts': "export { a } from '../host/mailbox.js';\n" },
      ["src/payload/json.ts:1 imports '../host/mailbox.js': payload may import nothing but the base."],
    ],
    [
      'a concrete store is named by the composition only',
      {
        'src/store/sqlite/open.ts': 'export const open = 1;\n',
        'src/host/h.ts': "const x = await import('../store/sqlite/open.js');\n",
        'src/server/s.ts': "import { open } from '../store/sqlite/open.js';\n",
      },
      ["src/host/h.ts:1 imports '../store/sqlite/open.js': only server and cli name a concrete store. Use the port."],
    ],
    [
      'services know each other through ports',
      {
        'src/services/sns/publish.ts': "import { q } from '../sqs/queue.js';\nimport type { P } from '../ports.js';\n",
        'src/services/sqs/queue.ts': 'export const q = 1;\n',
        'src/services/ports.ts': 'export interface P {}\n',
      },
      [
        "src/services/sns/publish.ts:1 imports '../sqs/queue.js': services reach each other through src/services/ports.ts.",
      ],
    ],
    [
      'applications do not reach into the engine',
      { 'apps/orders/a.ts': "import { a } from '../../src/host/mailbox.js';\n" },
      [
        "apps/orders/a.ts:1 imports '../../src/host/mailbox.js': apps uses public exports ('treadle/testing') and HTTP only.",
      ],
    ],
    [
      'a folder that the table does not know',
      { 'src/extras/a.ts': 'export const a = 1;\n' },
      [
        "src/extras/a.ts: Expected a layer of the table, but 'src/extras' is not in it. Add it to scripts/check-layers.mjs and DESIGN.",
      ],
    ],
    [
      'drawers',
      { 'src/host/utils/a.ts': 'export const a = 1;\n' },
      ["src/host/utils: Expected a folder named after what it holds, but 'utils' is a drawer."],
    ],
    [
      'imports in comments and strings do not count',
      { 'src/language/a.ts': "// import '../host/mailbox.js'\nconst a = \"import x from '../host/mailbox.js'\";\n" },
      [],
    ],
    ['tests may import what they like', { 'src/language/a.test.ts': "import { a } from '../host/mailbox.js';\n" }, []],
  ])('%s', (_name, files, expected) => {
    expect(faultsOf('check-layers', { ...target, ...files })).toEqual(expected);
  });

  test('cycles are found, except those of types', () => {
    const faults = faultsOf('check-layers', {
      'src/host/a.ts': "import { b } from './b.js';\nexport const a = b;\n",
      'src/host/b.ts': "import { a } from './a.js';\nimport type { C } from './c.js';\nexport const b = a;\n",
      'src/host/c.ts': "import { b } from './b.js';\nexport type C = typeof b;\n",
    });
    expect(faults).toEqual([
      'src/host/a.ts: Expected no cycle of imports, but there is src/host/a.ts → src/host/b.ts → src/host/a.ts.',
    ]);
  });

  test.each([
    ['const t = Date.now();', 'reads the clock (Date.now)'],
    ['const t = new Date();', 'reads the clock (new Date())'],
    ['const t = Math.random();', 'draws randomness (Math.random)'],
    ['await x;', 'is asynchronous'],
    ['console.log(1);', 'logs'],
    ['setTimeout(f, 1);', 'schedules work'],
  ])('language stays pure: %s', (line, what) => {
    expect(faultsOf('check-layers', { 'src/language/a.ts': `${line}\n` })).toEqual([
      `src/language/a.ts:1 ${what}: time, randomness and IO arrive in the stimulus.`,
    ]);
  });

  test.each([
    'const t = new Date(at).toISOString();',
    '// Date.now() would be wrong here',
    "const text = 'await Date.now()';",
    'const text = `Date.now() $' + '{value} await`;',
    'const r = /await "/.test(text);',
    "import { createHash } from 'node:crypto';",
  ])('language may compute: %s', (line) => {
    expect(faultsOf('check-layers', { 'src/language/a.ts': `${line}\n` })).toEqual([]);
  });

  test('language does no IO', () => {
    expect(faultsOf('check-layers', { 'src/language/a.ts': "import { readFileSync } from 'node:fs';\n" })).toEqual([
      "src/language/a.ts:1 imports 'node:fs': language and interpreter do no IO.",
    ]);
  });
});

describe('sizes', () => {
  test('a file of 501 lines, and a name that is not kebab-case', () => {
    const faults = faultsOf('check-sizes', {
      'src/host/long.ts': 'x\n'.repeat(501),
      'src/host/fits.ts': 'x\n'.repeat(500),
      'src/host/mapRun.ts': 'x\n',
      'src/host/made.generated.js': 'x\n'.repeat(501),
      'apps/a/verify_payment.py': 'x\n',
    });
    expect(faults).toEqual([
      'src/host/long.ts: Expected at most 500 lines, but there are 501. Split the file by what it names.',
      "src/host/mapRun.ts: Expected a kebab-case file name, but it is 'mapRun.ts'.",
    ]);
  });
});
