// StartExecution over HTTP: a server of its own process, durable starts, clients with kept connections. Each request is signed
// (Signature Version 4), which costs the client; the server reads the region out of it and checks no keys.
//
//   node bench/http.mjs [--seconds 2] [--rounds 5] [--concurrency 64]

import { createHash, createHmac } from 'node:crypto';
import { parseArgs } from 'node:util';
import { closedLoop, median, spread } from './harness/measure.mjs';
import { passMachine, startStatesServer } from './states-server.mjs';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '5' },
    concurrency: { type: 'string', default: '64' },
  },
});
let signingKey = { scope: '', key: '' };
const options = { concurrency: Number(values.concurrency), seconds: Number(values.seconds) };
const server = await startStatesServer(options);
const stateMachineArn = await passMachine(server);
const request = { stateMachineArn, input: '{"order":"1"}' };
const kinds = {
  unsigned: () => server.call('StartExecution', request),
  signed: () => server.call('StartExecution', request, signature),
};
const results = new Map(Object.keys(kinds).map((kind) => [kind, []]));
for (let round = 0; round <= Number(values.rounds); round++) {
  for (const [kind, call] of Object.entries(kinds)) {
    const loop = await closedLoop(call, options);
    if (round > 0) results.get(kind).push(loop); // the first warms up
  }
}
await server.close();
for (const [kind, loops] of results) {
  const rates = loops.map(({ rate }) => rate);
  const p99 = median(loops.map((loop) => loop.p99));
  console.log(
    `StartExecution, ${kind.padEnd(8)} ${spread(rates)} per second at concurrency ${options.concurrency}, p99 ${p99.toFixed(1)} ms`,
  );
}

/** The headers of a signed request. The key for the day is derived once, as SDKs do. */
function signature({ endpoint, body, target }) {
  const time = new Date().toISOString().replace(/[:-]|\.\d+/g, '');
  const scope = `${time.slice(0, 8)}/us-east-1/states/aws4_request`;
  const headers = [
    ['content-type', 'application/x-amz-json-1.0'],
    ['host', new URL(endpoint).host],
    ['x-amz-date', time],
    ['x-amz-target', target],
  ];
  const names = headers.map(([name]) => name).join(';');
  const lines = headers.map(([name, value]) => `${name}:${value}\n`).join('');
  const canonical = `POST\n/\n\n${lines}\n${names}\n${sha256(body)}`;
  const signed = hmac(keyOf(scope), `AWS4-HMAC-SHA256\n${time}\n${scope}\n${sha256(canonical)}`).toString('hex');
  return {
    'x-amz-date': time,
    authorization: `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/${scope}, SignedHeaders=${names}, Signature=${signed}`,
  };
}

function sha256(text) {
  return createHash('sha256').update(text).digest('hex');
}

function hmac(key, text) {
  return createHmac('sha256', key).update(text).digest();
}

function keyOf(scope) {
  if (signingKey.scope !== scope) {
    signingKey = { scope, key: scope.split('/').reduce((secret, part) => hmac(secret, part), 'AWS4secret') };
  }
  return signingKey.key;
}
