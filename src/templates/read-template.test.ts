import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readTemplate, TemplateError } from './index.js';
import { memberOfMap } from './template-value.js';
import { newTestProjects, type TestProjects } from './test-projects.js';

let projects: TestProjects;
beforeAll(async () => {
  projects = await newTestProjects();
});
afterAll(() => projects.remove());

describe('a text that is no template is refused where it breaks', () => {
  const cases: ReadonlyArray<readonly [string, string]> = [
    ['', '1:1 Expected a map, but the file is empty.'],
    ['- a\n', '1:1 Expected a map with Resources, but found a list.'],
    ['a: 1\na: 2\n', '2:1 Expected every key of a map once, but this one was there before.'],
    ['a:\n\tb: 1\n', '2:1 Expected blanks for indentation, but found a tab.'],
    [
      'a: [1\nb: 2\n',
      '2:1 Expected YAML or JSON, but: Flow sequence in block collection must be sufficiently indented and end with a ].',
    ],
    ['a: !Foo x\n', "1:9 Expected a tag of CloudFormation (!Ref, !Sub, !GetAtt, …), but found '!Foo'."],
    ['a: *b\n', "1:4 Expected an anchor '&b' above, but there is none."],
    ['a: &x [*x]\n', '1:8 Expected at most 200 levels, but this value is deeper (does an alias contain itself?).'],
    [
      '{\n "a": 1,\n}',
      "3:1 Expected JSON, but: Unexpected character ('}' (code 125)): was expecting double-quote to start field name.",
    ],
  ];
  test.each(cases)('%j', async (text, expected) => {
    const file = await projects.write(text);
    const error: unknown = await readTemplate(file).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TemplateError);
    expect(error instanceof Error && error.message).toBe(`${file}:${expected}`);
  });

  test('a bomb of aliases is refused', async () => {
    const levels = 'bcdefgh'
      .split('')
      .map((name, i) => `${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[i]}`).join(', ')}]`);
    const file = await projects.write(`a: &a [1, 2, 3, 4, 5, 6, 7, 8, 9]\n${levels.join('\n')}\n`);
    await expect(readTemplate(file)).rejects.toThrow('Expected at most 200000 values, but there are more');
  });

  test('a missing file and a folder', async () => {
    await expect(readTemplate(join(projects.root, 'nothing.yaml'))).rejects.toThrow(
      'nothing.yaml:1:1 Expected a file, but there is none.',
    );
    await expect(readTemplate(projects.root)).rejects.toThrow('Expected a file, but this is a folder.');
  });
});

test('merged maps give each key once: own keys first, then the earlier map', async () => {
  const file = await projects.write('a: &a { x: 1, y: 1 }\nb: &b { y: 2, z: 2 }\nResources: { <<: [*a, *b], x: 0 }\n');
  const { root } = await readTemplate(file);
  const merged = memberOfMap(root, 'Resources');
  const texts =
    merged?.kind === 'map' ? merged.entries.map(({ key, value }) => [key, value.kind === 'scalar' && value.text]) : [];
  expect(texts).toEqual([
    ['x', '0'],
    ['y', '1'],
    ['z', '2'],
  ]);
});
