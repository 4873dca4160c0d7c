// A million executions that wait, half of them for a time and half for a token: how long a server takes to start on them, what memory it
// needs, and how late it serves those whose turn it is. The folder is filled through the store, with copies of two real executions.
//
//   node bench/waiting.mjs [--executions 1000000] [--due 1000] [--tokens 1000]

import { statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { mebibytes, report, residentOf, startStatesServer } from './states-server.mjs';
import { entriesOf, fill, nameOf, sampleOf } from './stored-copies.mjs';

const { values } = parseArgs({
  options: {
    executions: { type: 'string', default: '1000000' },
    due: { type: 'string', default: '1000' },
    tokens: { type: 'string', default: '1000' },
  },
});
const EXECUTIONS = Number(values.executions);
const DUE = Number(values.due);
const TOKENS = Number(values.tokens);
/** Timers come due one by one from this time after the start on. */
const DUE_AFTER_MS = 10_000;
const DUE_EVERY_MS = 10;
const SAMPLE_AT = Date.parse('2031-02-03T04:05:06.789Z');
const MONTH_MS = 30 * 86_400_000;

const first = await startStatesServer({ concurrency: 8 });
const { folder } = first;
try {
  const machines = await makeMachines(first);
  await startSamples(first, machines);
  await first.stop();
  await fillFolder(machines);
  console.log(
    `${EXECUTIONS} executions wait, ${mebibytes(statSync(join(folder, 'treadle.db')).size)} on disk, node ${process.version}`,
  );
  await serve(machines);
} finally {
  await first.stop();
}

async function makeMachines(server) {
  const make = async (name, state) => {
    const definition = JSON.stringify({
      StartAt: 'W',
      States: { W: { ...state, Next: 'E' }, E: { Type: 'Pass', End: true } },
    });
    const roleArn = 'arn:aws:iam::000000000000:role/bench';
    return (await server.call('CreateStateMachine', { name, definition, roleArn })).stateMachineArn;
  };
  const { QueueUrl } = await server.call('AmazonSQS.CreateQueue', { QueueName: 'never-read' });
  return {
    timers: await make('timers', { Type: 'Wait', TimestampPath: '$.at' }),
    tokens: await make('tokens', {
      Type: 'Task',
      Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
      Parameters: { QueueUrl, 'MessageBody.$': '$$.Task.Token' },
    }),
  };
}

async function startSamples(server, { timers, tokens }) {
  const input = JSON.stringify({ at: new Date(SAMPLE_AT).toISOString() });
  await server.call('StartExecution', { stateMachineArn: timers, name: nameOf(0), input });
  await server.call('StartExecution', { stateMachineArn: tokens, name: nameOf(0), input });
  await sleep(1000); // until the task has told its token
}

/** Copies of the two samples, alternately; those that come due last of all, when it is known how late it is. */
async function fillFolder({ timers, tokens }) {
  const samples = {};
  let [dueFrom, number] = [0, 0];
  await fill(folder, {
    count: EXECUTIONS - 2,
    prepare: async (store) => {
      samples.timer = await timerSample(store, timers);
      samples.token = await tokenSample(store, tokens);
    },
    make: (id) =>
      id % 2 === 0
        ? timerCopy(samples.timer, { id, dueAt: Date.now() + 3_600_000 + Math.floor(Math.random() * MONTH_MS) })
        : tokenCopy(samples.token, { id }),
    last: {
      count: DUE,
      make: (id) => {
        if (number === 0) dueFrom = Date.now() + DUE_AFTER_MS;
        return timerCopy(samples.timer, { id, dueAt: dueFrom + DUE_EVERY_MS * number++ });
      },
    },
  });
}

async function timerSample(store, machine) {
  const sample = await sampleOf(store, machine);
  const timers = await store.executions.timers({ before: SAMPLE_AT + 1, after: null, limit: 10 });
  return { ...sample, seq: timers.find(({ execution }) => execution === sample.row.execution).seq };
}

function timerCopy(sample, { id, dueAt }) {
  const rewritten = (text) =>
    text
      .replaceAll(new Date(SAMPLE_AT).toISOString(), new Date(dueAt).toISOString())
      .replaceAll(String(SAMPLE_AT), String(dueAt));
  const timers = [{ dueAt, seq: sample.seq }];
  return { entries: entriesOf(sample, { id, startAt: Date.now(), rewritten, timers }) };
}

async function tokenSample(store, machine) {
  const sample = await sampleOf(store, machine);
  const prefix = keyOf(sample.row.execution);
  const [open] = await store.records.scan({ collection: 'open-wait', prefix, after: null, limit: 1 });
  return { ...sample, open, token: tokenIn(JSON.stringify(sample.segments)) };
}

function tokenCopy(sample, { id }) {
  const { row, open, token } = sample;
  const rewritten = (text) => text.replaceAll(token.text, tokenOf(token, nameOf(id)));
  const shown = JSON.parse(rewritten(open.value.replaceAll(nameOf(0), nameOf(id))));
  const key = open.key.replace(keyOf(row.execution), keyOf(id));
  const value = JSON.stringify({ ...shown, execution: id });
  return {
    entries: entriesOf(sample, { id, startAt: Date.now(), rewritten }),
    writes: [{ type: 'put', collection: 'open-wait', key, value, expect: 'any' }],
  };
}

function keyOf(id) {
  return String(id).padStart(15, '0');
}

function tokenIn(data) {
  const [text] = /YXJu[A-Za-z0-9+/=]{60,}/.exec(data);
  return { text, parts: Buffer.from(text, 'base64').toString().split(' ') };
}

function tokenOf({ parts }, name) {
  return Buffer.from(parts.join(' ').replaceAll(nameOf(0), name)).toString('base64');
}

async function serve(machines) {
  const startedAt = performance.now();
  const server = await startStatesServer({ concurrency: 8, folder });
  console.log(`started after        ${(performance.now() - startedAt).toFixed(0)} ms`);
  try {
    console.log(`resident at first    ${residentOf(server.pid)}`);
    await answerTokens(server, machines.tokens);
    await dueTimers(server, machines.timers);
    await walkTokens(server, machines.tokens);
    console.log(`resident at the end  ${residentOf(server.pid)} (at most ${residentOf(server.pid, 'VmHWM')})`);
  } finally {
    await server.stop();
  }
}

/** Cold executions, chosen at random: each has to come from the disk, and the answer to be on it. */
async function answerTokens(server, stateMachineArn) {
  const secretOf = await sampleToken(server, stateMachineArn);
  const times = [];
  const done = new Set();
  while (times.length < TOKENS) {
    const number = 3 + 2 * Math.floor(Math.random() * ((EXECUTIONS - DUE - 6) / 2));
    if (done.has(number)) continue;
    done.add(number);
    const from = performance.now();
    await server.call('SendTaskSuccess', { taskToken: secretOf(nameOf(number)), output: '{"ok":true}' });
    times.push(performance.now() - from);
  }
  report('SendTaskSuccess', times);
}

async function sampleToken(server, stateMachineArn) {
  const executionArn = `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${nameOf(0)}`;
  const { events } = await server.call('GetExecutionHistory', { executionArn });
  const token = tokenIn(JSON.stringify(events));
  return (name) => tokenOf(token, name);
}

/** From the moment that a timer is due until its execution has ended, by the server's own clock. */
async function dueTimers(server, stateMachineArn) {
  const find = { stateMachineArn, statusFilter: 'SUCCEEDED', maxResults: 1000 };
  const until = Date.now() + DUE_AFTER_MS + DUE * DUE_EVERY_MS + 30_000;
  let ended = [];
  while (ended.length < DUE) {
    if (Date.now() > until) throw new Error(`Expected ${DUE} timers to fire, but ${ended.length} did`);
    await sleep(500);
    ended = await allOf(server, find);
  }
  const times = [];
  for (const { executionArn } of ended) {
    const { input, stopDate } = await server.call('DescribeExecution', { executionArn });
    times.push(stopDate * 1000 - Date.parse(JSON.parse(input).at));
  }
  report('timer to end', times);
}

async function allOf(server, request) {
  const found = [];
  for (let nextToken; ; ) {
    const page = await server.call('ListExecutions', { ...request, ...(nextToken && { nextToken }) });
    found.push(...page.executions);
    nextToken = page.nextToken;
    if (nextToken === undefined) return found;
  }
}

/** Further ones are brought to memory, one after the other: it stays bounded. */
async function walkTokens(server, stateMachineArn) {
  const secretOf = await sampleToken(server, stateMachineArn);
  let number = 3;
  const client = async () => {
    while (number < Math.min(EXECUTIONS / 2, 60_000)) {
      number += 2;
      const taskToken = secretOf(nameOf(number));
      await server.call('SendTaskSuccess', { taskToken, output: '1' }).catch(() => undefined); // answered before
    }
  };
  await Promise.all(Array.from({ length: 8 }, client));
}
