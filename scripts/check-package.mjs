// Packs the project, installs the tarball in an empty folder and runs one execution there with the packed command.

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
  console.log('The packed package runs an execution in an empty folder.');
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
