// Fuzzes a piece of the engine: random input until the time is over or a property is broken.
//
//   node scripts/fuzz.mjs <definition|jsonpath|intrinsics|…> [--minutes 10] [--seed 1] [--hang-seconds 20] [--memory-mb 512]
//                         [--targets module.mjs]   (exports FUZZ_TARGETS; src/testing/fuzz-targets.ts unless given)
//
// The work is done in a worker with bounded memory. It leaves each input in shared memory before it tries it, so that
// an input that hangs or exhausts memory is known as well; the others are shrunk to a small one. Exit code 1 = found something.

import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { buildIfNeeded } from './build-if-needed.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    minutes: { type: 'string', default: '1' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    'hang-seconds': { type: 'string', default: '20' },
    'memory-mb': { type: 'string', default: '512' },
    targets: { type: 'string' },
  },
});
const [target] = positionals;
const seed = Number(values.seed);
const hangMs = Number(values['hang-seconds']) * 1000;
/** Longer inputs are cut where they are shown after a hang. */
const INPUT_BYTES_MAX = 4 * 1024 * 1024;

if (values.targets === undefined) buildIfNeeded({ console: false });
const targets = values.targets
  ? pathToFileURL(resolve(values.targets))
  : new URL('../dist/testing/fuzz-targets.js', import.meta.url);

// Int32s: inputs tried, bytes of the current one, inputs that the engine took.
const progress = new Int32Array(new SharedArrayBuffer(12));
const input = new Uint8Array(new SharedArrayBuffer(INPUT_BYTES_MAX));
const startedAt = performance.now();
const worker = new Worker(new URL('fuzz-worker.mjs', import.meta.url), {
  workerData: {
    target,
    targets: targets.href,
    seed,
    endAt: Date.now() + Number(values.minutes) * 60_000,
    progress,
    input,
  },
  resourceLimits: { maxOldGenerationSizeMb: Number(values['memory-mb']) },
});

let last = 0;
let lastAt = performance.now();
const watchdog = setInterval(() => {
  const begun = Atomics.load(progress, 0);
  if (begun !== last) {
    last = begun;
    lastAt = performance.now();
  } else if (performance.now() - lastAt > hangMs) {
    report(`Hang: one input took longer than ${hangMs / 1000} s.`, currentInput());
  }
}, 250);

worker.on('message', (message) => {
  if (message.type === 'finished') finish();
  else if (message.type === 'unknown') fail(message.text, 2);
  else
    report(
      `Broken property after ${message.shrinks} shrinks: ${message.error}`,
      message.counterexample,
      message.replay,
    );
});
worker.on('error', (fault) => report(`The worker ended: ${fault.message}`, currentInput()));

const currentInput = () => Buffer.from(input.slice(0, Atomics.load(progress, 1))).toString();

function speed() {
  const runs = Atomics.load(progress, 0);
  const seconds = (performance.now() - startedAt) / 1000;
  const taken = runs === 0 ? 0 : (Atomics.load(progress, 2) / runs) * 100;
  return `${target}: ${runs} runs in ${seconds.toFixed(0)} s, ${(runs / seconds).toFixed(0)} runs/s, ${taken.toFixed(0)}% taken, seed ${seed}`;
}

function finish() {
  clearInterval(watchdog);
  console.log(`${speed()}: nothing found.`);
}

function report(what, text, replay = '') {
  fail(`${what}\n\n${text}\n\n${replay === '' ? '' : `${replay}\n`}${speed()}`, 1);
}

function fail(text, code) {
  clearInterval(watchdog);
  console.error(text);
  process.exitCode = code;
  void worker.terminate();
}
