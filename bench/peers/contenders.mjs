// Everybody who runs the order durably: how to start them, and how a client runs one order and reads its result over HTTP.

import { execFileSync } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { httpClient } from '../harness/http.mjs';
import { freePort, startProcess, temporaryFolder, until } from '../harness/processes.mjs';
import { installedVersion, peersFolder, STAND_IN_NOTE, treadleVersion } from './install.mjs';
import { definitionOf, INPUT, perform } from './order.mjs';

const JSON_BODY = { 'content-type': 'application/json' };
const RESULT = JSON.stringify(perform());

/** Both tasks are one function, in processes of its own. The client starts an execution and asks for its end. */
export async function startTreadle({ connections }) {
  const folder = temporaryFolder();
  const template = writeProject(folder.path);
  const bin = fileURLToPath(new URL('../../bin/treadle.mjs', import.meta.url));
  const args = [bin, 'up', template, '--port', '0', '--data', join(folder.path, 'data'), '--json'];
  const server = await startProcess(process.execPath, args, { cwd: folder.path });
  const client = httpClient({ connections });
  const close = async () => {
    client.close();
    await server.stop();
    folder.remove();
  };
  try {
    const { endpoint } = await server.ready;
    const input = JSON.stringify(INPUT);
    const stateMachineArn = 'arn:aws:states:us-east-1:000000000000:stateMachine:order';
    const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AWSStepFunctions.StartExecution' };
    const body = JSON.stringify({ stateMachineArn, input });
    const run = async () => {
      const { executionArn } = JSON.parse(await client.send(endpoint, { headers, body }));
      const url = `${endpoint}/_treadle/api/executions/end?arn=${encodeURIComponent(executionArn)}`;
      const { end } = JSON.parse(await client.send(url, { method: 'GET' }));
      if (end?.type !== 'ExecutionSucceeded') throw new Error(`Expected a success, but got ${JSON.stringify(end)}`);
      expectResult(end.details.output);
    };
    await until(run, { seconds: 30, what: 'Treadle' }); // the template is deployed after the first answer
    return { name: 'Treadle', version: treadleVersion, note: '', pids: [server.child.pid], run, close };
  } catch (fault) {
    await close();
    throw fault;
  }
}

/** A template with the machine and its function. Returns the template's path. */
function writeProject(folder) {
  mkdirSync(join(folder, 'code'));
  const code = `export const handler = async () => (${JSON.stringify(perform())});\n`;
  writeFileSync(join(folder, 'code', 'app.mjs'), code);
  const functionProperties = {
    CodeUri: './code',
    Handler: 'app.handler',
    Runtime: 'nodejs20.x',
    FunctionName: 'perform',
  };
  const machineProperties = {
    Name: 'order',
    Definition: definitionOf('arn:aws:lambda:us-east-1:000000000000:function:perform'),
  };
  const template = {
    Transform: 'AWS::Serverless-2016-10-31',
    Resources: {
      Perform: { Type: 'AWS::Serverless::Function', Properties: functionProperties },
      Order: { Type: 'AWS::Serverless::StateMachine', Properties: machineProperties },
    },
  };
  const path = join(folder, 'template.yaml');
  writeFileSync(path, JSON.stringify(template)); // JSON is YAML
  return path;
}

function expectResult(text) {
  if (text !== RESULT) throw new Error(`Expected the result ${RESULT}, but got ${text}`);
}

/** Restate's server with its defaults, and the order in a service process. One request runs an order and has its result. */
export async function startRestate({ connections }) {
  const folder = temporaryFolder();
  const [ingress, admin, fabric] = [await freePort(), await freePort(), await freePort()];
  const service = await startProcess(process.execPath, [join(peersFolder, 'restate-service.mjs')]);
  const bin = join(
    peersFolder,
    `node_modules/@restatedev/restate-server-${process.platform}-${process.arch}/bin/restate-server`,
  );
  const server = await startProcess(bin, ['--no-logo', '--base-dir', folder.path], {
    cwd: folder.path,
    env: {
      RESTATE_DISABLE_TELEMETRY: 'true',
      RESTATE_LISTEN_MODE: 'tcp',
      RESTATE_BIND_IP: '127.0.0.1',
      RESTATE_BIND_PORT: String(fabric),
      RESTATE_INGRESS__BIND_ADDRESS: `127.0.0.1:${ingress}`,
      RESTATE_ADMIN__BIND_ADDRESS: `127.0.0.1:${admin}`,
    },
  });
  const client = httpClient({ connections });
  const close = async () => {
    client.close();
    await server.stop();
    await service.stop();
    folder.remove();
  };
  try {
    const { port } = await service.ready;
    const deployment = JSON.stringify({ uri: `http://127.0.0.1:${port}` });
    const register = () =>
      client.send(`http://127.0.0.1:${admin}/deployments`, { headers: JSON_BODY, body: deployment });
    await until(register, { seconds: 30, what: "Restate's admin API" });
    const body = JSON.stringify(INPUT);
    const run = async () => {
      expectResult(await client.send(`http://127.0.0.1:${ingress}/order/run`, { headers: JSON_BODY, body }));
    };
    await until(run, { seconds: 30, what: 'Restate' });
    const version = `server ${installedVersion('@restatedev/restate-server')}, SDK ${installedVersion('@restatedev/restate-sdk')}`;
    return { name: 'Restate', version, note: STAND_IN_NOTE, pids: [server.child.pid, service.child.pid], run, close };
  } catch (fault) {
    await close();
    throw fault;
  }
}

/** A PostgreSQL of its own with its defaults (fsync, synchronous_commit), and an application that runs the order. */
export async function startDbos({ connections }) {
  const folder = temporaryFolder();
  const database = await startPostgres(folder.path);
  const app = await startProcess(process.execPath, [join(peersFolder, 'dbos-app.mjs'), database.url]);
  const client = httpClient({ connections });
  const close = async () => {
    client.close();
    await app.stop();
    await database.stop();
    folder.remove();
  };
  try {
    const { port } = await app.ready;
    const body = JSON.stringify(INPUT);
    const run = async () => {
      expectResult(await client.send(`http://127.0.0.1:${port}/order`, { headers: JSON_BODY, body }));
    };
    await until(run, { seconds: 30, what: 'DBOS' });
    const version = `${installedVersion('@dbos-inc/dbos-sdk')}, ${database.version}`;
    return { name: 'DBOS', version, note: '', pids: [app.child.pid, database.pid], run, close };
  } catch (fault) {
    await close();
    throw fault;
  }
}

/** The newest PostgreSQL of this machine. It refuses to run as root, so there it runs as its own user. */
async function startPostgres(folder) {
  const bin = postgresFolder();
  const owner = process.getuid?.() === 0 ? { uid: idOf('-u'), gid: idOf('-g') } : {};
  if (owner.uid !== undefined) chownSync(folder, owner.uid, owner.gid);
  const data = join(folder, 'pg');
  const port = await freePort();
  execFileSync(join(bin, 'initdb'), ['-D', data, '-A', 'trust', '-U', 'bench'], {
    cwd: folder,
    stdio: 'ignore',
    ...owner,
  });
  const settings = ['-D', data, '-p', String(port), '-k', folder, '-c', 'listen_addresses=127.0.0.1'];
  const server = await startProcess(join(bin, 'postgres'), settings, { cwd: folder, ...owner });
  const version = execFileSync(join(bin, 'postgres'), ['--version'], { encoding: 'utf8' })
    .trim()
    .replace('postgres (', '')
    .replace(') ', ' ');
  const ask = () => execFileSync(join(bin, 'pg_isready'), ['-h', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' });
  await until(async () => ask(), { seconds: 30, what: 'PostgreSQL' });
  return { url: `postgresql://bench@127.0.0.1:${port}/bench`, version, pid: server.child.pid, stop: server.stop };
}

function postgresFolder() {
  const debian = '/usr/lib/postgresql';
  const [newest] = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  if (newest !== undefined) return join(debian, newest, 'bin');
  try {
    return execFileSync('pg_config', ['--bindir'], { encoding: 'utf8' }).trim();
  } catch {
    throw new Error('there is no PostgreSQL on this machine (Debian: apt-get install postgresql)');
  }
}

const idOf = (option) => Number(execFileSync('id', [option, 'postgres'], { encoding: 'utf8' }));
