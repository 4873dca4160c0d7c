// More work than the server can take: what is accepted is finished, the rest is refused quickly, and memory stays where it is.

import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { createFunction, createMachine, startServer } from './server.mjs';

const MACHINE = 'flood';
const MACHINE_ARN = `arn:aws:states:us-east-1:000000000000:stateMachine:${MACHINE}`;
const SOURCE = (ms) =>
  `export const handler = (event) => new Promise((done) => setTimeout(() => done(event.n), ${ms}));`;
const FINISH_MS_MAX = 900_000;

/** Sends `starts` starts from so many connections at once, each once. Gives the figures. */
export async function flood({ folder, starts, payloadBytes, connections, functionMs }) {
  const server = await startServer(folder);
  try {
    await createFunction(server, 'slow', { source: SOURCE(functionMs), variables: {} });
    const Resource = 'arn:aws:lambda:us-east-1:000000000000:function:slow';
    const definition = { StartAt: 'A', States: { A: { Type: 'Task', Resource, End: true } } };
    await createMachine(server, { machine: MACHINE, definition, type: 'STANDARD' });
    const memory = watchMemory(server.pid);
    const answers = await sendAll(server.endpoint, { starts, payloadBytes, connections });
    const ended = await waitForAll(server);
    const residentMbMax = memory.stop();
    const outcomes = countBy(answers, ({ outcome }) => outcome);
    const accepted = outcomes.accepted ?? 0;
    return {
      starts,
      ...outcomes,
      finished: ended.SUCCEEDED,
      lost: accepted - ended.SUCCEEDED,
      failed: ended.FAILED + ended.TIMED_OUT + ended.ABORTED,
      refusedMsP99: percentile(
        answers.filter(({ outcome }) => outcome === 'throttled').map(({ ms }) => ms),
        0.99,
      ),
      acceptedMsP99: percentile(
        answers.filter(({ outcome }) => outcome === 'accepted').map(({ ms }) => ms),
        0.99,
      ),
      residentMbBefore: memory.before,
      residentMbMax,
      complaints: server.complaints().slice(0, 500),
    };
  } finally {
    await server.stop();
  }
}

async function sendAll(endpoint, { starts, payloadBytes, connections }) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const answers = [];
  const text = 'x'.repeat(payloadBytes);
  let next = 0;
  const sender = async () => {
    while (next < starts) {
      const n = next++;
      const input = JSON.stringify({ n, text });
      const startedAt = performance.now();
      const outcome = await send(endpoint, agent, { stateMachineArn: MACHINE_ARN, name: `f-${n}`, input });
      answers.push({ outcome, ms: performance.now() - startedAt });
    }
  };
  await Promise.all(Array.from({ length: connections }, sender));
  agent.destroy();
  return answers;
}

function send(endpoint, agent, input) {
  const body = JSON.stringify(input);
  const headers = {
    'content-type': 'application/x-amz-json-1.0',
    'x-amz-target': 'AWSStepFunctions.StartExecution',
    'content-length': Buffer.byteLength(body),
  };
  return new Promise((resolve) => {
    const sent = request(endpoint, { agent, method: 'POST', headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part) => {
        text += part;
      });
      response.on('end', () => resolve(outcomeOf(response.statusCode, text)));
    });
    sent.on('error', (fault) => resolve(`error ${fault.code}`)).end(body);
  });
}

function outcomeOf(status, text) {
  if (status === 200) return 'accepted';
  return text.includes('ThrottlingException') ? 'throttled' : `refused ${status} ${text.slice(0, 100)}`;
}

/** How many have ended how, when none runs any more. */
async function waitForAll(server) {
  for (const until = performance.now() + FINISH_MS_MAX; (await count(server, 'RUNNING', 1)) > 0; await sleep(500)) {
    if (performance.now() > until) break;
  }
  const statuses = ['SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'];
  return Object.fromEntries(await Promise.all(statuses.map(async (status) => [status, await count(server, status)])));
}

async function count(server, statusFilter, pagesMax = 1000) {
  let found = 0;
  let nextToken;
  for (let page = 0; page < pagesMax; page++) {
    const query = { stateMachineArn: MACHINE_ARN, statusFilter, maxResults: 1000, nextToken };
    const answer = await server.ask('ListExecutions', query);
    found += answer.executions.length;
    nextToken = answer.nextToken;
    if (nextToken === undefined) break;
  }
  return found;
}

/** The server's own process, without the functions' ones. */
function watchMemory(pid) {
  const residentMb = () =>
    Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024);
  const before = residentMb();
  let most = before;
  const timer = setInterval(() => {
    most = Math.max(most, residentMb());
  }, 100);
  return {
    before,
    stop() {
      clearInterval(timer);
      return most;
    },
  };
}

function percentile(numbers, part) {
  const sorted = numbers.toSorted((a, b) => a - b);
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0);
}

function countBy(items, keyOf) {
  const counts = {};
  for (const item of items) counts[keyOf(item)] = (counts[keyOf(item)] ?? 0) + 1;
  return counts;
}
