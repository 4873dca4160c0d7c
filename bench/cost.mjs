// What one execution costs, phase by phase, and how that grows: CPU, bytes allocated, bytes on disk. Five states, two tasks.
//
//   node bench/cost.mjs [--rounds 40]
//
// decide   the interpreter decides, its records applied as it goes (evolve included: live running applies them at once)
// evolve   the same records applied alone, as when an execution is read back
// encode   the records become the text of segments
// commit   the storage thread's own work, and the processor's for writing and syncing; the host's thread waits for none of it
// dispatch everything else on the host's thread: promises, messages to the storage thread, calls of tasks, timers, followers
//
// CPU of the first three is the least of many short rounds, which other load disturbs least; of the last two the median of the rounds.

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { identityOf } from '../dist/host/index.js';
import { decide, evolve, newExecution } from '../dist/interpreter/index.js';
import { parseDefinition } from '../dist/language/index.js';
import { Payload, parsePayload } from '../dist/payload/index.js';
import { encodeSegment, PayloadNumbers, SegmentReader } from '../dist/store/segment.js';
import { openEngine } from '../dist/testing/engine.js';
import { closedLoop, median } from './harness/measure.mjs';
import { temporaryFolder } from './harness/processes.mjs';
import { definitionOf, INPUT } from './peers/order.mjs';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '40' }, seconds: { type: 'string', default: '1' } },
});
const ROUNDS = Number(values.rounds);
const SECONDS = Number(values.seconds);
const ENGINE_ROUNDS = 5;
const CONCURRENCY = 128;
const SEED = [1, 2, 3, 4];
const RESOURCE = 'arn:aws:lambda:us-east-1:000000000000:function:noop';
const ANSWER = '{"ok":true,"reference":"r-123"}';

/** The order, with the rest of the input carried from state to state. */
const carried = definitionOf(RESOURCE);
carried.States.Prepare.Parameters['rest.$'] = '$.rest';

console.log(`node ${process.version}; µs of CPU for one execution of five states, two tasks, three commits\n`);
await byPayload();
await byHistory();
await byOpenExecutions();

async function byPayload() {
  console.log(
    'payload   decide   evolve   encode   dispatch  storage   µs/transition   kB allocated   B on disk/event',
  );
  for (const size of [300, 3000, 30_000]) {
    const input = inputOf(size);
    const definition = size === 300 ? definitionOf(RESOURCE) : carried;
    const pure = pureCost(definition, input);
    const engine = await engineCost(definition, input);
    const dispatch = Math.max(0, engine.main - pure.decide - pure.encode);
    const perTransition = (engine.main + engine.storage) / Object.keys(definition.States).length;
    const cells = [pure.decide, pure.evolve, pure.encode, dispatch, engine.storage].map((cell) =>
      cell.toFixed(1).padStart(7),
    );
    console.log(
      `${`${size / 1000} kB`.padEnd(8)}${cells.join('  ')}   ${perTransition.toFixed(1).padStart(10)}   ` +
        `${(engine.allocated / 1000).toFixed(0).padStart(13)}   ${(engine.bytes / pure.events).toFixed(0).padStart(12)}`,
    );
  }
}

/** An input of about so many characters; what exceeds the order is a list of things. */
function inputOf(chars) {
  if (chars <= 300) return JSON.stringify(INPUT);
  const rest = [];
  while (JSON.stringify(rest).length < chars - 300)
    rest.push({ sku: `A-${rest.length}`, price: 100, quantity: 2, note: 'some thing' });
  return JSON.stringify({ ...INPUT, rest });
}

/** One execution in memory: its decisions, timed apart. */
function pureCost(asl, input) {
  const { definition } = parseDefinition(JSON.stringify(asl), { type: 'STANDARD' });
  const revision = {
    machineArn: 'arn:aws:states:us-east-1:000000000000:stateMachine:m',
    machineName: 'm',
    roleArn: 'r',
  };
  const identity = identityOf(revision, 'e');
  const least = {
    decide: Number.POSITIVE_INFINITY,
    evolve: Number.POSITIVE_INFINITY,
    encode: Number.POSITIVE_INFINITY,
  };
  let events = 0;
  const repeats = Math.max(4, Math.floor(60_000 / input.length));
  for (let round = 0; round < ROUNDS; round++) {
    const payloads = Array.from({ length: repeats }, () => parsePayload(input));
    const runs = [];
    least.decide = Math.min(
      least.decide,
      timed(repeats, (i) => runs.push(runOnce(definition, identity, payloads[i]))),
    );
    let texts;
    least.encode = Math.min(
      least.encode,
      timed(repeats, (i) => {
        const numbers = new PayloadNumbers();
        texts = runs[i].map((records) => encodeSegment(records, numbers));
      }),
    );
    const read = runs.map(() => {
      const reader = new SegmentReader(new PayloadNumbers());
      return texts.flatMap((text) => reader.read(text));
    });
    least.evolve = Math.min(
      least.evolve,
      timed(repeats, (i) => {
        const execution = newExecution(identity);
        for (const record of read[i]) evolve(execution, record);
      }),
    );
    events = read[0].length;
  }
  return { ...least, events };
}

function timed(repeats, work) {
  const from = process.hrtime.bigint();
  for (let i = 0; i < repeats; i++) work(i);
  return Number(process.hrtime.bigint() - from) / 1000 / repeats;
}

/** The records of each decision. */
function runOnce(definition, identity, input) {
  const execution = newExecution(identity);
  let stimulus = { type: 'StartExecution', input, at: 1_790_000_000_000, seed: SEED };
  const decisions = [];
  while (execution.status === 'RUNNING') {
    const { records, commands } = decide(definition, execution, [stimulus]);
    decisions.push(records);
    const call = commands.find(({ type }) => type === 'InvokeTask');
    if (call === undefined) break;
    stimulus = {
      type: 'TaskSucceeded',
      task: call.task,
      output: Payload.ofText(ANSWER),
      at: 1_790_000_000_001,
      seed: SEED,
    };
  }
  if (execution.status !== 'SUCCEEDED') throw new Error(JSON.stringify(execution.failure));
  return decisions;
}

/** CPU of the host's thread and of the storage thread for one execution, bytes allocated by the former, bytes on disk. */
async function engineCost(asl, input) {
  const rounds = [];
  for (let round = 0; round <= ENGINE_ROUNDS; round++) rounds.push(await engineRound(asl, input));
  rounds.shift(); // the compiler's round
  const of = (name) => median(rounds.map((each) => each[name]));
  return { main: of('main'), storage: of('storage'), bytes: of('bytes'), allocated: await allocatedBytes(asl, input) };
}

async function engineRound(asl, input) {
  const folder = temporaryFolder();
  const engine = await openEngine({ folder: folder.path, definition: JSON.stringify(asl), perform });
  let executions = 0;
  const before = threads();
  await closedLoop(() => engine.execute(input, timeOrderedName(executions++)), {
    concurrency: CONCURRENCY,
    seconds: SECONDS,
  });
  const after = threads();
  await engine.close();
  const bytes = statSync(join(folder.path, 'treadle.db')).size / executions;
  folder.remove();
  const used = [...after].map(([thread, cpu]) => [thread, (cpu - (before.get(thread) ?? 0)) / executions]);
  const main = used.find(([thread]) => thread === process.pid)?.[1] ?? Number.NaN;
  const storage = Math.max(...used.filter(([thread]) => thread !== process.pid).map(([, cpu]) => cpu));
  return { main, storage, bytes };
}

async function perform() {
  return { type: 'succeeded', output: Payload.ofText(ANSWER) };
}

function timeOrderedName(count) {
  return `${Date.now().toString(16).padStart(12, '0')}-${count.toString(16).padStart(12, '0')}`;
}

/** Microseconds of CPU of each thread of this process. Linux only. */
function threads() {
  const folder = '/proc/self/task';
  return new Map(
    readdirSync(folder).map((thread) => {
      const [nanoseconds] = readFileSync(join(folder, thread, 'schedstat'), 'utf8').split(' ');
      return [Number(thread), Number(nanoseconds) / 1000];
    }),
  );
}

/** By the sampling heap profiler, with what has been collected already. */
async function allocatedBytes(asl, input) {
  const folder = temporaryFolder();
  const engine = await openEngine({ folder: folder.path, definition: JSON.stringify(asl), perform });
  const session = new Session();
  session.connect();
  const options = {
    samplingInterval: 16_384,
    includeObjectsCollectedByMajorGC: true,
    includeObjectsCollectedByMinorGC: true,
  };
  let executions = 0;
  await session.post('HeapProfiler.startSampling', options);
  await closedLoop(() => engine.execute(input, timeOrderedName(executions++)), { concurrency: 32, seconds: 0.5 });
  const { profile } = await session.post('HeapProfiler.stopSampling');
  session.disconnect();
  await engine.close();
  folder.remove();
  const sum = ({ selfSize, children }) => selfSize + children.reduce((bytes, child) => bytes + sum(child), 0);
  return sum(profile.head) / executions;
}

/** A Map in the middle of a long history: does a decision care how much has happened before? */
async function byHistory() {
  console.log('\nhistory, events   µs/event to write   ms to read it all');
  const definition = {
    StartAt: 'Each',
    States: {
      Each: {
        Type: 'Map',
        ItemsPath: '$.items',
        MaxConcurrency: 1,
        End: true,
        ItemProcessor: { StartAt: 'P', States: { P: { Type: 'Pass', End: true } } },
      },
    },
  };
  const folder = temporaryFolder();
  const engine = await openEngine({ folder: folder.path, definition: JSON.stringify(definition), perform });
  for (const events of [100, 1000, 10_000, 24_000]) {
    const input = JSON.stringify({ items: Array.from({ length: Math.floor(events / 4) }, (_, i) => i) });
    const written = [];
    const read = [];
    for (let round = 0; round < ENGINE_ROUNDS; round++) {
      const name = `e-${events}-${round}`;
      const from = process.cpuUsage();
      await engine.execute(input, name);
      const { user, system } = process.cpuUsage(from);
      written.push((user + system) / events);
      const at = performance.now();
      await engine.history(name);
      read.push(performance.now() - at);
    }
    console.log(
      `${String(events).padEnd(15)}   ${median(written).toFixed(1).padStart(12)}   ${median(read).toFixed(1).padStart(19)}`,
    );
  }
  await engine.close();
  folder.remove();
}

/** Executions that wait beside those that run. */
async function byOpenExecutions() {
  console.log('\nopen executions   µs of the host’s thread for one more   heap, B for each open one');
  const waiting = { Type: 'Wait', Seconds: 86_400, Next: 'Prepare' };
  const asl = definitionOf(RESOURCE);
  asl.States.Wait = waiting;
  asl.States.Which = {
    Type: 'Choice',
    Choices: [{ Variable: '$.waits', IsPresent: true, Next: 'Wait' }],
    Default: 'Prepare',
  };
  asl.StartAt = 'Which';
  const folder = temporaryFolder();
  const engine = await openEngine({ folder: folder.path, definition: JSON.stringify(asl), perform });
  let executions = 0;
  let open = 0;
  globalThis.gc?.();
  const heapBefore = process.memoryUsage().heapUsed;
  for (const target of [0, 1000, 10_000]) {
    await openMore(engine, target - open, open);
    open = target;
    const rounds = [];
    for (let round = 0; round < ENGINE_ROUNDS; round++) {
      const before = threads().get(process.pid);
      const count = executions;
      await closedLoop(() => engine.execute(JSON.stringify(INPUT), timeOrderedName(executions++)), {
        concurrency: 32,
        seconds: SECONDS / 2,
      });
      rounds.push((threads().get(process.pid) - before) / (executions - count));
    }
    const heap = open === 0 ? '' : ((process.memoryUsage().heapUsed - heapBefore) / open).toFixed(0);
    console.log(`${String(open).padEnd(15)}   ${median(rounds).toFixed(1).padStart(20)}   ${heap.padStart(34)}`);
  }
  await engine.close();
  folder.remove();
}

async function openMore(engine, count, from) {
  const input = JSON.stringify({ ...INPUT, waits: true });
  for (let started = 0; started < count; ) {
    const batch = Array.from({ length: Math.min(500, count - started) }, () =>
      engine.start(input, `waits-${from + started++}`),
    );
    await Promise.all(batch);
  }
}
