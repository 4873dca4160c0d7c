import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { scripted } from '../../test/cli/scripted-server.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'treadle-validate-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** What `treadle validate` prints of one file, with the folder left out. */
async function validate(name: string, text: string, ...args: readonly string[]) {
  writeFileSync(join(folder, name), text);
  const { code, lines, problems } = await scripted(['validate', name, ...args], null, { folder });
  return { code, lines: [...lines, ...problems].map((line) => line.replaceAll(`${folder}/`, '')) };
}

const GOOD = '{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}';
const BAD = '{\n "StartAt": "A",\n "States": {"A": {"Type": "Pass",\n "Next": "B"}}\n}';
const BAD_YAML = 'StartAt: A\nStates:\n  A:\n    Type: Pass\n    Next: B\n  C:\n    Type: Succeed\n';
const template = (next: string): string => `Resources:
  M:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      RoleArn: arn:aws:iam::000000000000:role/m
      Definition:
        StartAt: A
        States:
          A: { Type: Pass, Next: ${next} }
          B: { Type: Succeed }
`;

test.each([
  ['a.asl.json', GOOD, 'definition'],
  ['a.json', GOOD, 'definition'],
  ['a.asl.yaml', 'StartAt: A\nStates: { A: { Type: Succeed } }\n', 'definition'],
  ['template.yaml', template('B'), 'template'],
])('%s is valid', async (name, text, kind) => {
  expect(await validate(name, text)).toEqual({ code: 0, lines: [`✓ ${name} is a valid ${kind}`] });
});

test.each([
  [
    'a.asl.json',
    BAD,
    /^error {3}a\.asl\.json:4:\d+ Expected 'Next' to name a state in this block, but there is no state 'B'\./,
  ],
  [
    'a.asl.yaml',
    BAD_YAML,
    /^error {3}a\.asl\.yaml:5:5 Expected 'Next' to name a state .*\/States\/A\/Next, line 5, column 5\)$/,
  ],
  ['template.yaml', template('X'), /^error {3}template\.yaml:9:\d+ Expected 'Next' to name a state/],
  ['a.asl.json', '{', /^error {3}a\.asl\.json:\d+:\d+ /],
  ['a.yaml', 'a: [', /^error {3}a\.yaml:\d+:\d+ /],
])('%s with a fault names file and line', async (name, text, first) => {
  const { code, lines } = await validate(name, text);
  expect(code).toBe(1);
  expect(lines[0]).toMatch(first);
  expect(lines.at(-1)).toMatch(/^✗ .*: \d+ errors?/);
});

test('a file that is not there', async () => {
  const { code, lines } = await scripted(['validate', 'none.asl.json'], null, { folder });
  expect(code).toBe(1);
  expect(lines[0]).toMatch(/none\.asl\.json:1:1 Expected a file, but there is none\.$/);
});

test('findings are JSON when JSON is asked for', async () => {
  const { lines } = await validate('a.asl.json', BAD, '--json');
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ severity: 'ERROR', code: 'MISSING_TRANSITION_TARGET', line: 4 });
});
