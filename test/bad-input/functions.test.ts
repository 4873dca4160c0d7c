import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually, processesOf, type ServerProcess, startTreadle } from '../durability/server-process.js';
import {
  ask,
  createFunction,
  createMachine,
  ended,
  executionArn,
  functionArn,
  historyOf,
  machineArn,
} from '../durability/states-client.js';

const FUNCTIONS: Readonly<
  Record<string, { readonly source: string; readonly Timeout?: number; readonly MemorySize?: number }>
> = {
  crashes: { source: 'export const handler = () => process.exit(3);' },
  'is-killed': { source: "export const handler = () => process.kill(process.pid, 'SIGSEGV');" },
  hangs: { source: 'export const handler = () => { for (;;); };', Timeout: 1 },
  forks: {
    source: `import { spawn } from 'node:child_process';
      export const handler = () => {
        for (let i = 0; i < 20; i += 1) spawn('sleep', ['1000']);
        return new Promise((resolve) => setTimeout(resolve, 60_000));
      };`,
    Timeout: 1,
  },
  prints: {
    source: `export const handler = async () => {
      for (let i = 0; i < 60_000; i += 1) console.log('x'.repeat(100));
      return 'printed';
    };`,
  },
  'answers-2-mib': { source: "export const handler = async () => 'x'.repeat(2 * 1024 * 1024);" },
  'answers-7-mib': { source: "export const handler = async () => 'x'.repeat(7 * 1024 * 1024);" },
  'eats-memory': {
    source: 'export const handler = async () => { const all = []; for (;;) all.push(Buffer.alloc(1e6, 1)); };',
    MemorySize: 128,
  },
  'is-no-code': { source: 'export const handler = (' },
  'has-no-handler': { source: 'export const other = 1;' },
  'answers-deep-lists': {
    source:
      'export const handler = async () => { let all = []; for (let i = 0; i < 2000; i += 1) all = [all]; return all; };',
  },
  pollutes: { source: `export const handler = async () => JSON.parse('{"__proto__":{"polluted":1},"n":1}');` },
};

let folder = '';
let server: ServerProcess;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'treadle-bad-functions-'));
  server = await startTreadle(folder);
  const { endpoint } = server;
  await createMachine(endpoint, 'wait', { StartAt: 'A', States: { A: { Type: 'Wait', Seconds: 3600, End: true } } });
  await ask(endpoint, 'StartExecution', { stateMachineArn: machineArn('wait'), name: 'accepted-before' });
  await createMachine(endpoint, 'call', {
    StartAt: 'Call',
    States: {
      Call: {
        Type: 'Task',
        Resource: 'arn:aws:states:::lambda:invoke',
        Parameters: { 'FunctionName.$': '$.name' },
        OutputPath: '$.Payload',
        End: true,
      },
    },
  });
  await Promise.all(Object.entries(FUNCTIONS).map(([name, settings]) => createFunction(endpoint, name, settings)));
  // All at once: none may harm the others.
  await Promise.all(
    [...Object.keys(FUNCTIONS), 'is-missing'].map((name) =>
      ask(endpoint, 'StartExecution', { stateMachineArn: machineArn('call'), name, input: JSON.stringify({ name }) }),
    ),
  );
}, 60_000);
afterAll(async () => {
  try {
    const { status } = await ask(server.endpoint, 'DescribeExecution', {
      executionArn: executionArn('wait', 'accepted-before'),
    });
    expect(status).toBe('RUNNING');
    expect(server.complaints()).toBe('');
  } finally {
    await server.stop();
    expect(processesOf(folder)).toEqual([]);
    rmSync(folder, { recursive: true, force: true });
  }
});

describe('a function that', () => {
  test.each([
    [
      'is-missing',
      'Lambda.ResourceNotFoundException',
      /^Function not found: arn:aws:lambda:.*:function:is-missing:\$LATEST \(Service: AWSLambda; Status Code: 404;/,
    ],
    ['crashes', 'Runtime.ExitError', /Runtime exited with error: exit status 3/],
    ['is-killed', 'Runtime.ExitError', /Runtime exited with error: signal: segmentation fault/],
    ['hangs', 'Sandbox.Timedout', /Task timed out after 1\.00 seconds/],
    ['forks', 'Sandbox.Timedout', /Task timed out after 1\.00 seconds/],
    ['eats-memory', 'Runtime.ExitError', /Runtime exited with error: signal: killed/],
    ['is-no-code', 'Runtime.UserCodeSyntaxError', /SyntaxError: Unexpected end of input/],
    ['has-no-handler', 'Runtime.HandlerNotFound', /app\.handler is undefined or not exported/],
    [
      'answers-2-mib',
      'States.DataLimitExceeded',
      /^The state\/task 'lambda' returned a result with a size exceeding the maximum number of bytes service limit\.$/,
    ],
    ['answers-deep-lists', 'States.TaskFailed', /Document nesting depth exceeds the maximum allowed \(1000\)/],
    ['answers-7-mib', 'Function.ResponseSizeTooLarge', /Response payload size exceeded maximum allowed payload size/],
  ])('%s fails the execution with %s', async (name, error, cause) => {
    const body = await ended(server.endpoint, executionArn('call', name));
    expect([body.status, body.error]).toEqual(['FAILED', error]);
    expect(body.cause).toMatch(cause);
  });

  test('prints megabytes or pollutes prototypes succeeds', async () => {
    const printed = await ended(server.endpoint, executionArn('call', 'prints'));
    expect([printed.status, printed.output]).toEqual(['SUCCEEDED', '"printed"']);
    const polluted = await ended(server.endpoint, executionArn('call', 'pollutes'));
    expect([polluted.status, polluted.output]).toEqual(['SUCCEEDED', '{"__proto__":{"polluted":1},"n":1}']);
  });

  test('forked leaves nothing behind', async () => {
    await ended(server.endpoint, executionArn('call', 'forks'));
    const sleepers = () => processesOf(folder).filter((process) => process.includes('sleep 1000'));
    await eventually(() => (sleepers().length === 0 ? true : null), 2000);
  });
});

test.each([
  ['answers-deep-lists', 'States.TaskFailed'],
  ['answers-2-mib', 'States.DataLimitExceeded'],
  ['is-missing', 'Lambda.ResourceNotFoundException'],
])('called by its ARN, %s fails with %s in the history', async (name, error) => {
  await createMachine(server.endpoint, `direct-${name}`, {
    StartAt: 'Call',
    States: { Call: { Type: 'Task', Resource: functionArn(name), End: true } },
  });
  await ask(server.endpoint, 'StartExecution', { stateMachineArn: machineArn(`direct-${name}`), name: 'one' });
  await ended(server.endpoint, executionArn(`direct-${name}`, 'one'));
  const history = await historyOf(server.endpoint, executionArn(`direct-${name}`, 'one'));
  expect(history.slice(-2)).toMatchObject([
    { type: 'LambdaFunctionFailed', lambdaFunctionFailedEventDetails: { error } },
    { type: 'ExecutionFailed', executionFailedEventDetails: { error } },
  ]);
});

describe('a template', () => {
  async function deploy(text: string): Promise<{ problems: string[]; warnings: string[] }> {
    const template = join(folder, 'stack', 'template.yaml');
    mkdirSync(join(folder, 'stack'), { recursive: true });
    writeFileSync(template, text);
    const response = await fetch(`${server.endpoint}/_treadle/api/deploy`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ template }),
    });
    expect(response.status).toBe(200);
    return (await response.json()) as { problems: string[]; warnings: string[] }; // our own API
  }
  const machine = (definition: string): string =>
    [
      'Resources:',
      '  M:',
      '    Type: AWS::StepFunctions::StateMachine',
      '    Properties:',
      `      RoleArn: arn:aws:iam::000000000000:role/r`,
      `      DefinitionString: '${definition}'`,
    ].join('\n');

  test.each([
    ['', 'template.yaml:1:1 Expected a map, but the file is empty.'],
    ['[]', 'template.yaml:1:1 Expected a map with Resources, but found a list.'],
    ['Resources: {', 'template.yaml:1:13 Expected YAML or JSON, but: Flow map in block collection must be'],
    [machine('{nope'), 'template.yaml:6:25 INVALID_JSON_DESCRIPTION'],
    [machine('{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"B"}}}'), "Missing 'Next' target: B"],
  ])('%j is refused with its line', async (text, problem) => {
    const { problems } = await deploy(text);
    expect(problems.join('\n')).toContain(problem);
  });

  test('whose machine calls functions that are not there is deployed with a warning for each', async () => {
    const task = (resource: string, more: object = {}) => ({ Type: 'Task', Resource: resource, End: true, ...more });
    const invoke = (name: string) =>
      task('arn:aws:states:::lambda:invoke.waitForTaskToken', { Parameters: { FunctionName: name } });
    const states = {
      Both: {
        Type: 'Parallel',
        Branches: [
          { StartAt: 'Direct', States: { Direct: task(functionArn('not-there')) } },
          { StartAt: 'Invoke', States: { Invoke: invoke('nor-this') } },
          { StartAt: 'There', States: { There: invoke('prints') } },
        ],
        End: true,
      },
    };
    const { problems, warnings } = await deploy(machine(JSON.stringify({ StartAt: 'Both', States: states })));
    expect(problems).toEqual([]);
    const end = 'but there is none. Until it is created, executions fail there with Lambda.ResourceNotFoundException.';
    expect(warnings).toEqual([
      `${join(folder, 'stack', 'template.yaml')}:2:1 State 'Direct' calls the function 'not-there', ${end}`,
      `${join(folder, 'stack', 'template.yaml')}:2:1 State 'Invoke' calls the function 'nor-this', ${end}`,
    ]);
  });
});
