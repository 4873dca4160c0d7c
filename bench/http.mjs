// StartExecution over HTTP: a server of its own process, durable starts, unsigned clients with kept connections.
//
//   node bench/http.mjs [--seconds 3] [--rounds 3] [--concurrency 64]

import { parseArgs } from 'node:util';
import { passMachine, startStatesServer } from './states-server.mjs';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '3' },
    concurrency: { type: 'string', default: '64' },
  },
});
const concurrency = Number(values.concurrency);
const server = await startStatesServer({ concurrency });
const stateMachineArn = await passMachine(server);

const rates = [];
for (let round = 0; round < Number(values.rounds); round++) {
  const until = performance.now() + Number(values.seconds) * 1000;
  let started = 0;
  const client = async () => {
    while (performance.now() < until) {
      await server.call('StartExecution', { stateMachineArn, input: '{"order":"1"}' });
      started += 1;
    }
  };
  const from = performance.now();
  await Promise.all(Array.from({ length: concurrency }, client));
  rates.push(started / ((performance.now() - from) / 1000));
}
await server.close();
rates.sort((a, b) => a - b);
console.log(
  `StartExecution over HTTP at concurrency ${concurrency}: ${rates[Math.floor(rates.length / 2)].toFixed(0)}/s ` +
    `(${rates[0].toFixed(0)}–${rates.at(-1).toFixed(0)}), node ${process.version}, client on the same machine`,
);
