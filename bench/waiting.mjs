// A million executions that wait, half of them for a time and half for a token: how long a server takes to start on them, what memory it
// needs, and how late it serves those whose turn it is. The folder is filled through the store, with copies of two real executions.
//
//   node bench/waiting.mjs [--executions 1000000] [--due 1000] [--tokens 1000]

import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { openSqliteStore } from '../dist/store/sqlite/index.js';
import { report, startStatesServer } from './states-server.mjs';

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
const ENTRIES_PER_COMMIT = 1000;
const COMMITS_AT_ONCE = 4;
const SAMPLE_AT = Date.parse('2031-02-03T04:05:06.789Z');
const MONTH_MS = 30 * 86_400_000;
const nameOf = (number) => `w${String(number).padStart(12, '0')}`;

const first = await startStatesServer({ concurrency: 8 });
const { folder } = first;
try {
  const machines = await makeMachines(first);
  await startSamples(first, machines);
  await first.stop();
  await fill(machines);
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
async function fill({ timers, tokens }) {
  const store = await openSqliteStore({ folder });
  try {
    const samples = { timer: await sampleOf(store, timers), token: await sampleOf(store, tokens) };
    let id = await store.executions.nextId();
    const commit = (count, make) => {
      const parts = Array.from({ length: count }, () => make(id++));
      return store.commit({
        entries: parts.flatMap(({ entries }) => entries),
        writes: parts.flatMap(({ writes }) => writes),
      });
    };
    let left = EXECUTIONS - DUE - 2;
    const later = (id) =>
      id % 2 === 0
        ? copyOf(samples.timer, { id, dueAt: Date.now() + 3_600_000 + Math.floor(Math.random() * MONTH_MS) })
        : copyOf(samples.token, { id });
    const worker = async () => {
      while (left > 0) {
        const count = Math.min(left, ENTRIES_PER_COMMIT);
        left -= count;
        await commit(count, later);
        process.stderr.write(`\r${EXECUTIONS - left} of ${EXECUTIONS} stored`);
      }
    };
    await Promise.all(Array.from({ length: COMMITS_AT_ONCE }, worker));
    const from = Date.now() + DUE_AFTER_MS;
    let number = 0;
    await commit(DUE, (id) => copyOf(samples.timer, { id, dueAt: from + DUE_EVERY_MS * number++ }));
    process.stderr.write('\r\x1b[K');
  } finally {
    await store.close();
  }
}

async function sampleOf(store, machine) {
  const row = await store.executions.find(machine, nameOf(0));
  const { segments } = await store.executions.load(row.execution, { from: 'start' });
  const open = await store.records.scan({
    collection: 'open-wait',
    prefix: keyOf(row.execution),
    after: null,
    limit: 1,
  });
  const timers = await store.executions.timers({ before: SAMPLE_AT + 1, after: null, limit: 10 });
  const timer = timers.find(({ execution }) => execution === row.execution) ?? null;
  return { row, segments, timer, open: open[0] ?? null, token: tokenIn(JSON.stringify(segments)) };
}

function keyOf(id) {
  return String(id).padStart(15, '0');
}

function tokenIn(data) {
  const token = /YXJu[A-Za-z0-9+/=]{60,}/.exec(data)?.[0] ?? null;
  return token === null ? null : { text: token, parts: Buffer.from(token, 'base64').toString().split(' ') };
}

function copyOf({ row, segments, timer, open, token }, { id, dueAt = SAMPLE_AT }) {
  const name = nameOf(id);
  const rewritten = (text) => {
    let result = text.replaceAll(nameOf(0), name);
    if (token !== null) result = result.replaceAll(token.text, tokenOf(token, name));
    if (dueAt === SAMPLE_AT) return result;
    return result
      .replaceAll(new Date(SAMPLE_AT).toISOString(), new Date(dueAt).toISOString())
      .replaceAll(String(SAMPLE_AT), String(dueAt));
  };
  const same = { execution: id, status: null, snapshot: null, outboxAdd: [], outboxRemove: [], timersRemove: [] };
  const entries = segments.map(({ firstSeq, data }, index) => ({
    ...same,
    ...{ firstSeq, data: rewritten(data) },
    start: index === 0 ? { ...row, name, startAt: Date.now() } : null,
    timersAdd: index === 0 && timer !== null ? [{ dueAt, seq: timer.seq }] : [],
  }));
  if (open === null) return { entries, writes: [] };
  const value = JSON.stringify({ ...JSON.parse(rewritten(open.value)), execution: id });
  const key = open.key.replace(keyOf(row.execution), keyOf(id));
  return { entries, writes: [{ type: 'put', collection: 'open-wait', key, value, expect: 'any' }] };
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

function residentOf(pid, field = 'VmRSS') {
  const [, kibibytes] =
    new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return mebibytes(Number(kibibytes) * 1024);
}

function mebibytes(bytes) {
  return `${(bytes / 1024 ** 2).toFixed(0)} MiB`;
}
