// A `treadle up` of its own process, as clients reach it until it is killed.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { strToU8, zipSync } from 'fflate';
import { ApiError } from '../../dist/api/port.js';

const BIN = fileURLToPath(new URL('../../bin/treadle.mjs', import.meta.url));
const ROLE = 'arn:aws:iam::000000000000:role/any';

/** Rejects when the server ends before it serves. `readyMs`: from the start of the process until it serves, recovered. */
export async function startServer(folder) {
  const startedAt = performance.now();
  const child = spawn(process.execPath, [BIN, 'up', '--port', '0', '--data', folder, '--json'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let complaints = '';
  child.stderr.on('data', (chunk) => {
    complaints += chunk;
  });
  const gone = once(child, 'close');
  const line = once(createInterface({ input: child.stdout }), 'line');
  const first = await Promise.race([line.then(([text]) => text), gone.then(() => null)]);
  if (first === null)
    throw new Error(`Expected the server to start, but it ended with ${child.exitCode}: ${complaints}`);
  const { endpoint, recovered } = JSON.parse(first);
  let isDead = false;
  const stop = async (signal) => {
    isDead = signal === 'SIGKILL';
    child.kill(signal);
    await gone;
  };
  return {
    endpoint,
    pid: child.pid,
    recovered,
    readyMs: performance.now() - startedAt,
    complaints: () => complaints,
    gone,
    kill: () => stop('SIGKILL'),
    stop: () => stop('SIGTERM'),
    clock: { after: (ms, then) => cancellable(ms, () => isDead || then()) },
    async ask(operation, input) {
      try {
        return await ask(endpoint, operation, input);
      } catch (fault) {
        if (isDead) await new Promise(() => undefined); // whoever asks is told by the next life
        throw fault;
      }
    },
  };
}

function cancellable(ms, then) {
  const timer = setTimeout(then, ms);
  return () => clearTimeout(timer);
}

/** Refusals are ApiErrors; faults, throttling and lost connections are other errors: to be asked again. */
async function ask(endpoint, operation, input) {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AWSStepFunctions.${operation}` },
    body: JSON.stringify(input),
  });
  const body = JSON.parse(await response.text());
  if (response.status === 200) return body;
  const code = String(body.__type).split('#').at(-1);
  if (response.status >= 500 || code === 'ThrottlingException')
    throw new Error(`${operation}: ${code} ${body.message}`);
  throw new ApiError(code, body.message);
}

export async function createFunction({ endpoint }, name, { source, variables }) {
  const ZipFile = Buffer.from(zipSync({ 'app.mjs': strToU8(source) })).toString('base64');
  const response = await fetch(`${endpoint}/2015-03-31/functions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      FunctionName: name,
      Runtime: 'nodejs20.x',
      Handler: 'app.handler',
      Role: ROLE,
      Timeout: 60,
      Environment: { Variables: variables },
      Code: { ZipFile },
    }),
  });
  if (response.status !== 201) throw new Error(`CreateFunction: ${await response.text()}`);
}

export async function createMachine(server, { machine, definition, type }) {
  await server.ask('CreateStateMachine', {
    name: machine,
    type,
    roleArn: ROLE,
    definition: JSON.stringify(definition),
  });
}
