// `npm start`: installs and builds what is missing, starts Treadle with the order-processing application, lets the
// sample orders be processed before your eyes, and keeps serving. Imports nothing that has to be installed before it is.

import { readdirSync, readFileSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildIfNeeded } from './build-if-needed.mjs';
import { installIfNeeded } from './install-if-needed.mjs';
import { OrderLine, outcomeOf } from './orders-view.mjs';
import { startTreadle } from './treadle-child.mjs';

const USAGE = `Usage: npm start -- [options]

  --port <number>   port to listen on (default 4566; 0 takes a free one)
  --data <folder>   where everything is kept (default ./.treadle)
  --strict-cards    card numbers need their check digit, and cards must not have expired
  --chaos           random failures: payments, stock, charges
  --once            end when the sample orders are processed, instead of serving on
  --help            this text`;

const OPTIONS = {
  port: { type: 'string', default: '4566' },
  data: { type: 'string', default: '.treadle' },
  'strict-cards': { type: 'boolean', default: false },
  chaos: { type: 'boolean', default: false },
  once: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
};

/** Between two drawings of the live view. */
const FRAME_MS = 80;
/** Where nobody watches, lines are cut here. */
const PRINTED_COLUMNS = 160;

const root = fileURLToPath(new URL('..', import.meta.url));
const application = join(root, 'apps', 'order-processing');
const options = readOptions();
/** In the executions' names, so that each start has its own: 20261121-134210. */
const startedAt = new Date().toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-');

installIfNeeded();
buildIfNeeded({ console: true });

const { default: picocolors } = await import('picocolors');
// A file or a pipe gets plain text, also where a CI variable makes others print colours.
const pc = picocolors.createColors(picocolors.isColorSupported && process.stdout.isTTY === true);
const { ServerClient } = await import(new URL('../dist/cli/server-client.js', import.meta.url).href);

const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => interrupted.abort());

const server = await start();
try {
  const client = new ServerClient({ endpoint: server.ready.endpoint, region: server.ready.region, fetch });
  if (isDeployed(server.deployed)) {
    await run(client, { machine: 'fill-stock', name: `fill-stock-${startedAt}`, input: '{}' });
    await processSamples(client);
  }
  if (!options.once) {
    sayWhatIsWhere(server.ready);
    await Promise.race([server.ended, untilInterrupted()]);
    console.log('Stopping …');
  }
} catch (error) {
  if (!interrupted.signal.aborted) throw error;
} finally {
  await server.stop();
}

function readOptions() {
  try {
    const { values } = parseArgs({ options: OPTIONS });
    if (!values.help) return values;
    console.log(USAGE);
    process.exit(0);
  } catch (error) {
    console.error(`${error.message}\n\n${USAGE}`);
    process.exit(2);
  }
}

/** The server says itself what is wrong (a busy port, a data folder in use): no second message is needed. */
async function start() {
  const parameters = [`StrictCards=${options['strict-cards']}`, `Chaos=${options.chaos}`];
  try {
    return await startTreadle({
      args: [
        join(application, 'template.yaml'),
        ...['--port', options.port, '--data', resolve(options.data)],
        ...parameters.flatMap((parameter) => ['--parameter', parameter]),
      ],
      cwd: root,
      hasTemplate: true,
    });
  } catch {
    process.exit(1);
  }
}

function isDeployed({ problems, resources, template }) {
  const bad = resources.filter(({ outcome }) => outcome === 'failed' || outcome === 'refused');
  if (problems.length === 0 && bad.length === 0) return true;
  console.error(`Expected ${template} to be deployed, but:`);
  for (const problem of problems) console.error(`  ${problem}`);
  for (const { logicalId, reason } of bad) console.error(`  ${logicalId}: ${reason}`);
  return false;
}

/** Starts an execution, hands its records to `onRecord`, and answers with its description at the end. */
async function run(client, { machine, name, input }, onRecord = () => undefined) {
  const { machines } = await client.get('/api/machines');
  const { arn } = machines.find((candidate) => candidate.name === machine);
  const { executionArn } = await client.states('StartExecution', { stateMachineArn: arn, name, input });
  for await (const { event, data } of client.stream(
    '/api/executions/follow',
    { arn: executionArn, after: 0 },
    interrupted.signal,
  ))
    if (event === 'record') onRecord(JSON.parse(data));
  return client.states('DescribeExecution', { executionArn });
}

async function processSamples(client) {
  const folder = join(application, 'samples');
  const samples = readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => readSample(join(folder, name)));
  console.log(`\n${pc.bold(`${samples.length} sample orders`)} ${pc.dim('(apps/order-processing/samples)')}\n`);
  const show = process.stdout.isTTY ? liveView(samples) : printedView(samples);
  await Promise.all(samples.map((sample) => processOrder(client, sample, show)));
  show.end();
  const count = (kind) => samples.filter(({ line }) => line.outcome.kind === kind).length;
  console.log(`\n${count('good')} processed and paid, ${count('sad')} recorded as not paid, ${count('bad')} refused.`);
}

async function processOrder(client, sample, show) {
  const order = { machine: 'order-processing', name: `${sample.name}-${startedAt}`, input: sample.text };
  const ended = await run(client, order, (record) => sample.line.update(record));
  sample.line.end(outcomeOf(ended));
  show.ended(sample);
}

function readSample(path) {
  const text = readFileSync(path, 'utf8');
  const { orderTotal } = JSON.parse(text);
  const total = typeof orderTotal === 'number' ? orderTotal.toFixed(2) : '–';
  return {
    text,
    name: basename(path, '.json'),
    line: new OrderLine({ name: basename(path, '.json').replace('-', ' '), total }),
  };
}

/** Draws all lines again and again in their place. */
function liveView(samples) {
  let isDrawn = false;
  const draw = () => {
    const lines = samples.map(({ line }) =>
      line.text({ now: Date.now(), columns: process.stdout.columns, colors: pc }),
    );
    const up = isDrawn ? `\u001b[${samples.length}A` : '';
    process.stdout.write(`${up}${lines.map((text) => `\u001b[2K${text}\n`).join('')}`);
    isDrawn = true;
  };
  draw();
  const timer = setInterval(draw, FRAME_MS);
  return {
    ended: () => undefined,
    end: () => {
      clearInterval(timer);
      draw();
    },
  };
}

/** For a file or a pipe: each order is printed once, when it has ended. */
function printedView() {
  return {
    ended: ({ line }) => console.log(line.text({ now: Date.now(), columns: PRINTED_COLUMNS, colors: pc })),
    end: () => undefined,
  };
}

function sayWhatIsWhere({ endpoint, console: page, data }) {
  const command = `node ${relative(process.cwd(), join(root, 'bin', 'treadle.mjs'))}`;
  const sample = relative(process.cwd(), join(application, 'samples', '01-seed-order.json'));
  const server = endpoint.endsWith(':4566') ? '' : ` --endpoint ${endpoint}`;
  const next = [
    [`${command} show last${server}`, 'how the last order went, and why'],
    [`${command} mail${server}`, 'the mails to the customers'],
    [`${command} run order-processing -i @${sample}${server}`, 'one more order'],
    [`eval "$(${command} env --shell${server})"`, 'then aws, boto3 and the AWS SDKs work against it'],
  ];
  console.log(`
  ${pc.dim('console')}  ${pc.cyan(page)}
  ${pc.dim('data   ')}  ${data}
  ${pc.dim('mails  ')}  ${join(data, 'mail')}

${next.map(([line, what]) => `  ${line}\n      ${pc.dim(what)}`).join('\n')}

Serving AWS clients at ${pc.cyan(endpoint)} until Ctrl-C.`);
}

function untilInterrupted() {
  return new Promise((resolve) => interrupted.signal.addEventListener('abort', resolve, { once: true }));
}
