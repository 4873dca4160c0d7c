import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Outcome, scripted } from '../../../test/cli/scripted-server.js';
import { loadMachine } from '../../testing/index.js';
import { validateFile } from '../validation.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'treadle-create-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const create = (...args: readonly string[]): Promise<Outcome> => scripted(['create', ...args], null, { folder });
const text = (file: string): string => readFileSync(join(folder, file), 'utf8');

/** The founding document's commands, in its order. */
async function createAsTheDocument(): Promise<void> {
  for (const args of [
    ['task', '--name', 'your-task-name', '--description', 'Your Task Description'],
    ['variable', '--name', 'your-variable-name', '--value', 'your_variable_value'],
    [
      'step',
      '--name',
      'your-step-name',
      '--description',
      'Your Step Description',
      '--variableId',
      'your-variable-name',
    ],
    ['function', '--name', 'your-lambda-function-name', '--handler', 'your_lambda_function'],
    ['step', '--name', 'second', '--function', 'your-lambda-function-name'],
  ])
    expect(await create(...args)).toMatchObject({ code: 0, problems: [] });
}

test("the document's commands make a template that deploys without a finding", async () => {
  await createAsTheDocument();
  const { kind, findings } = await validateFile({
    file: join(folder, 'template.yaml'),
    type: 'STANDARD',
    region: 'us-east-1',
    account: '000000000000',
    parameters: {},
  });
  expect(kind).toBe('template');
  expect(findings.filter(({ severity }) => severity === 'ERROR')).toEqual([]);
  expect(text('functions/your-step-name/app.py')).toContain('def your_step_name(event, context):');
  expect(text('functions/your-lambda-function-name/app.py')).toContain('def your_lambda_function(event, context):');
});

test('a step gets its variable, the input, and what the steps before gave', async () => {
  await createAsTheDocument();
  const definition = text('your-task-name.asl.json').replaceAll(
    /\$\{(\w+)\}/g,
    'arn:aws:lambda:us-east-1:0:function:$1',
  );
  const machine = await loadMachine({ definition: JSON.parse(definition) });
  const seen: unknown[] = [];
  const answer = (output: unknown) => (call: { readonly parameters: unknown }) => {
    seen.push(Reflect.get(Object(call.parameters), 'Payload'));
    return { result: { Payload: output } };
  };
  const execution = await machine.run({
    input: { order: 1 },
    mocks: { 'your-step-name': answer(true), second: answer({ sent: 1 }) },
  });
  expect(execution.assertSucceeded()).toEqual({ sent: 1 });
  expect(seen).toEqual([
    { input: { order: 1 }, step: [], your_variable_name: 'your_variable_value' },
    { input: { order: 1 }, step: [{ id: 'your-step-name', output: true }] },
  ]);
});

test('a template that is there is extended, its comments stay', async () => {
  writeFileSync(
    join(folder, 'template.yaml'),
    '# ours\nTransform: AWS::Serverless-2016-10-31\nResources:\n  Book:\n    Type: AWS::S3::Bucket # the book\n',
  );
  expect(await create('task', '--name', 'orders', '--json')).toMatchObject({
    code: 0,
    lines: ['{"kind":"task","name":"orders","id":null,"files":["orders.asl.json","template.yaml"]}'],
  });
  expect(text('template.yaml')).toContain('# ours\n');
  expect(text('template.yaml')).toContain('    Type: AWS::S3::Bucket # the book\n');
  expect(text('template.yaml')).toContain('DefinitionUri: orders.asl.json');
});

test('a function may be JavaScript', async () => {
  await create('function', '--name', 'send', '--handler', 'mail.send', '--runtime', 'nodejs22.x');
  expect(text('functions/send/mail.mjs')).toContain('export const send = async (event) => {');
  expect(text('template.yaml')).toContain('Handler: mail.send');
});

describe('what is refused leaves the folder as it was', () => {
  test.each([
    [[], 'Expected a command: task, step, variable, function. See: treadle create --help'],
    [
      ['tsk'],
      "Expected a command of treadle create, but 'tsk' is none. Did you mean 'task'? See: treadle create --help",
    ],
    [['step'], "Required option '--name <name>' not specified. See: treadle create step --help"],
    [
      ['task', '--name', 'a b'],
      "Expected a task's name of 1 to 80 letters, digits, - and _ (the rule of state machines), but it is 'a b'.",
    ],
    [
      ['step', '--name', 'x'],
      'Expected a task in this folder, but there is none. Make one: treadle create task --name …',
    ],
    [
      ['function', '--name', 'f', '--handler', 'a b'],
      "Expected --handler to be a function's name, with its file's name before a dot if need be (app.handler), but it is 'a b'.",
    ],
  ])('%j', async (args, message) => {
    expect((await create(...args)).problems).toEqual([message]);
    expect(existsSync(join(folder, 'template.yaml'))).toBe(false);
  });

  test.each([
    [['task', '--name', 'your-task-name'], 'Expected another name: there is a file your-task-name.asl.json already.'],
    [['step', '--name', 'second'], "Expected another name: your-task-name.asl.json has a step 'second' already."],
    [
      ['step', '--name', 'x', '--variableId', 'nope'],
      "Expected --variableId to name a variable of your-task-name.asl.json, but 'nope' is none. Make it first: treadle create variable --name nope --value …",
    ],
    [['step', '--name', 'x', '--task', 'nope'], "Expected --task to be one of: your-task-name; but it is 'nope'."],
    [
      ['step', '--name', 'x', '--function', 'nope'],
      "Expected --function to name a function of the template, but 'nope' is none. Make it first: treadle create function --name nope --handler …",
    ],
    [
      ['variable', '--name', 'your_variable_name', '--value', '1'],
      "Expected a new variable, but your-task-name.asl.json has 'your_variable_name' already. Change its value there.",
    ],
    [
      ['variable', '--name', 'step', '--value', '1'],
      "Expected another name for the variable than 'step': states, step, input are taken.",
    ],
    [
      ['function', '--name', 'your-step-name', '--handler', 'f'],
      'Expected another name: there is a folder functions/your-step-name/ already.',
    ],
  ])('%j', async (args, message) => {
    await createAsTheDocument();
    const before = [text('template.yaml'), text('your-task-name.asl.json')];
    const { code, problems } = await create(...args);
    expect([code, problems]).toEqual([2, [message]]);
    expect([text('template.yaml'), text('your-task-name.asl.json')]).toEqual(before);
  });
});
