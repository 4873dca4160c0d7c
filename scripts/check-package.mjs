// Packs the project, installs the tarball in an empty folder, runs one execution there with the packed command, and
// type-checks and runs a test of a state machine with the packed library.

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startTreadle } from './treadle-child.mjs';

const TEMPLATE = `AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Greeter:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      StateMachineName: greeter
      RoleArn: arn:aws:iam::000000000000:role/greeter
      Definition:
        StartAt: Greet
        States:
          Greet:
            Type: Pass
            Parameters:
              greeting.$: States.Format('Hello {}', $.name)
            End: true
`;

const MACHINE_TEST = `import { type ExecutionHandle, loadMachine, type MockCall, type TestedExecution } from 'treadle/testing';

const machine = await loadMachine({
  definition: {
    StartAt: 'Wait a Year',
    States: {
      'Wait a Year': { Type: 'Wait', Seconds: 31536000, Next: 'Ask' },
      Ask: { Type: 'Task', Resource: 'arn:aws:states:::http:invoke', Parameters: {}, End: true },
    },
  },
});
const mocks = { Ask: (call: MockCall) => ({ result: { attempt: call.attempt } }) };
const execution: TestedExecution<{ attempt: number }> = await machine.run<{ attempt: number }>({ mocks });
const handle: ExecutionHandle = await machine.start({ mocks });
// @ts-expect-error: a mock is no number
await machine.run({ mocks: { Ask: 5 } }).catch(() => undefined);
console.log(execution.assertSucceeded().attempt, execution.durationMs, handle.status);
`;

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'treadle-package-'));
const place = join(folder, 'empty');
try {
  execFileSync(process.execPath, ['scripts/build.mjs', '--types'], { cwd: root, stdio: 'inherit' });
  npm(['pack', '--pack-destination', folder, '--silent'], root);
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'));
  mkdirSync(place);
  writeFileSync(join(place, 'package.json'), '{ "name": "empty", "version": "1.0.0", "private": true }\n');
  npm(['install', '--no-audit', '--no-fund', '--loglevel=error', join(folder, tarball)], place);
  await runOneExecution();
  testOneMachine();
  console.log('The packed package runs an execution and tests a state machine in an empty folder.');
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function npm(args, cwd) {
  execFileSync('npm', args, { cwd, stdio: 'inherit', shell: process.platform === 'win32' });
}

async function runOneExecution() {
  writeFileSync(join(place, 'template.yaml'), TEMPLATE);
  const command = join(place, 'node_modules', 'treadle', 'bin', 'treadle.mjs');
  const server = await startTreadle({ args: ['--port', '0'], cwd: place, command, hasTemplate: true });
  try {
    const { endpoint } = server.ready;
    const answer = spawnSync(
      process.execPath,
      [command, 'run', 'greeter', '-i', '{"name": "shop"}', '--endpoint', endpoint],
      {
        cwd: place,
        encoding: 'utf8',
      },
    );
    const isRight = answer.status === 0 && answer.stdout.includes('{"greeting":"Hello shop"}');
    if (!isRight) throw new Error(`Expected the greeting, but:\n${answer.stdout}${answer.stderr}`);
    const page = await fetch(`${endpoint}/_treadle/`);
    if (!page.ok) throw new Error(`Expected the console in the package, but it answered ${page.status}.`);
  } finally {
    await server.stop();
  }
}

/** The library's types hold for strict users, and what they describe is there. */
function testOneMachine() {
  writeFileSync(join(place, 'machine.mts'), MACHINE_TEST);
  const options = [
    '--ignoreConfig',
    '--strict',
    '--exactOptionalPropertyTypes',
    '--module',
    'nodenext',
    '--target',
    'es2022',
  ];
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const typed = spawnSync(process.execPath, [tsc, ...options, '--types', '', '--lib', 'es2023,dom', 'machine.mts'], {
    cwd: place,
    encoding: 'utf8',
  });
  if (typed.status !== 0) throw new Error(`Expected the packed types to hold, but:\n${typed.stdout}${typed.stderr}`);
  const run = spawnSync(process.execPath, ['machine.mjs'], { cwd: place, encoding: 'utf8' });
  const isRight = run.stdout === '1 31536000000 RUNNING\n';
  if (!isRight) throw new Error(`Expected the machine's test to pass, but:\n${run.stdout}${run.stderr}`);
}
