// CPU of one state transition: how long the interpreter decides on a compiled definition, the commit aside.
//
//   node bench/transitions.mjs [--rounds 9] [--transitions 20000]
//
// Each machine is a chain of 400 states of one kind, below the bound of one decision. A kind that the parser does not
// take is named and left out. Exit code 1 when a target is missed.

import { parseArgs } from 'node:util';
import { decide, newExecution } from '../dist/interpreter/index.js';
import { parseDefinition } from '../dist/language/index.js';
import { Payload } from '../dist/payload/index.js';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '9' }, transitions: { type: 'string', default: '20000' } },
});
const ROUNDS = Number(values.rounds);
const TRANSITIONS = Number(values.transitions);
/** Below the bound of one decision (500). */
const STATES = 400;
const TARGET_US = 10;
const JSONATA_TARGET_US = 40;

const INPUT = JSON.stringify({
  orderId: 'order-0001',
  total: 250,
  customer: { id: 'c-17', name: 'Ada', address: 'Analytical Street 1, 12345 Engine' },
  items: [
    { sku: 'A-1', price: 100, quantity: 1 },
    { sku: 'B-2', price: 75, quantity: 2 },
  ],
});

/** `STATES` states of one kind, one after the other. */
const chain = (stateOf) => ({
  StartAt: 'S0',
  States: {
    ...Object.fromEntries(Array.from({ length: STATES }, (_, i) => [`S${i}`, stateOf(`S${i + 1}`)])),
    [`S${STATES}`]: { Type: 'Succeed' },
  },
});

const CASES = [
  { name: 'Pass, nothing to do', target: TARGET_US, machine: chain((Next) => ({ Type: 'Pass', Next })) },
  {
    name: 'Pass with Parameters',
    target: TARGET_US,
    machine: chain((Next) => ({
      Type: 'Pass',
      Parameters: { 'orderId.$': '$.orderId', 'total.$': '$.total', 'items.$': '$.items', source: 'web' },
      Next,
    })),
  },
  {
    name: 'Pass with ResultPath',
    target: TARGET_US,
    machine: chain((Next) => ({ Type: 'Pass', Result: { at: 'here' }, ResultPath: '$.mark', Next })),
  },
  {
    name: 'Pass with intrinsics',
    target: TARGET_US,
    machine: chain((Next) => ({
      Type: 'Pass',
      Parameters: { 'text.$': "States.Format('order {}', $.orderId)", 'n.$': 'States.MathAdd($.total, 1)' },
      ResultPath: '$.made',
      Next,
    })),
  },
  {
    name: 'Choice, third rule',
    target: TARGET_US,
    machine: chain((Next) => ({
      Type: 'Choice',
      Choices: [
        { Variable: '$.total', NumericGreaterThan: 1000, Next },
        {
          And: [
            { Variable: '$.coupon', IsPresent: true },
            { Variable: '$.coupon', IsNull: false },
          ],
          Next,
        },
        { Variable: '$.orderId', StringMatches: 'order-*', Next },
      ],
      Default: Next,
    })),
  },
  {
    name: 'JSONata Pass',
    target: JSONATA_TARGET_US,
    machine: {
      QueryLanguage: 'JSONata',
      ...chain((Next) => ({
        Type: 'Pass',
        Output: '{% $merge([$states.input, {"sum": $sum($states.input.items.(price * quantity))}]) %}',
        Next,
      })),
    },
  },
];

const IDENTITY = {
  arn: 'arn:aws:states:us-east-1:000000000000:execution:machine:e1',
  name: 'e1',
  stateMachineArn: 'arn:aws:states:us-east-1:000000000000:stateMachine:machine',
  stateMachineName: 'machine',
  roleArn: 'arn:aws:iam::000000000000:role/test',
  region: 'us-east-1',
};

/** Microseconds of CPU per transition. */
function round(definition) {
  const executions = Math.ceil(TRANSITIONS / STATES);
  const from = process.cpuUsage();
  for (let i = 0; i < executions; i++) {
    const execution = newExecution(IDENTITY);
    // A payload of its own: parsing the input belongs to the first transition.
    const stimulus = { type: 'StartExecution', input: Payload.ofText(INPUT), at: 1000 + i, seed: [1, 2, 3, i] };
    decide(definition, execution, [stimulus]);
    if (execution.status !== 'SUCCEEDED')
      throw new Error(`Expected success, but: ${JSON.stringify(execution.failure)}`);
  }
  const { user, system } = process.cpuUsage(from);
  return (user + system) / (executions * (STATES + 1));
}

const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

console.log(`node ${process.version}, ${INPUT.length} B input, ${TRANSITIONS} transitions a round, ${ROUNDS} rounds`);
let plain = 0;
for (const { name, target, machine } of CASES) {
  const { definition, diagnostics } = parseDefinition(JSON.stringify(machine), { type: 'STANDARD' });
  if (definition === null) {
    console.log(`${name.padEnd(22)} not measured: ${diagnostics[0]?.message}`);
    continue;
  }
  for (let i = 0; i < 3; i++) round(definition); // warm up
  const rounds = Array.from({ length: ROUNDS }, () => round(definition));
  const us = median(rounds);
  plain ||= us;
  const verdict = us < target ? 'within' : 'MISSES';
  if (us >= target) process.exitCode = 1;
  console.log(
    `${name.padEnd(22)} ${us.toFixed(2).padStart(6)} µs (${Math.min(...rounds).toFixed(2)}–${Math.max(...rounds).toFixed(2)}), ` +
      `${(us / plain).toFixed(1)} × a plain Pass, ${verdict} ${target} µs`,
  );
}
