import { describe, expect, it } from 'vitest';
import { parseDefinition } from '../language/index.js';
import { AWS_QUOTAS, type Quotas } from '../limits.js';
import { Payload } from '../payload/index.js';
import { TEST_IDENTITY } from '../testing/transcript.js';
import { decide, type Execution, expressPolicy, newExecution, type Policy, standardPolicy } from './index.js';

/** Runs without anything from outside, for as many decisions as it asks for. */
function run(source: object, input: string, policy: Policy): Execution {
  const { definition } = parseDefinition(JSON.stringify(source), { type: policy.machineType });
  if (definition === null) throw new Error('Expected a valid definition.');
  const execution = newExecution(TEST_IDENTITY);
  const outside = { at: 1000, seed: [1, 2, 3, 4] } as const;
  let { commands } = decide(
    definition,
    execution,
    [{ ...outside, type: 'StartExecution', input: Payload.ofText(input) }],
    policy,
  );
  for (let turn = 0; turn < 200 && commands.some(({ type }) => type === 'Continue'); turn++) {
    ({ commands } = decide(definition, execution, [{ ...outside, type: 'Continue' }], policy));
  }
  return execution;
}

const raised: Quotas = {
  ...AWS_QUOTAS,
  payloadBytesMax: 300_000,
  historyEventsMax: 25_010,
  variableBytesMax: 300_000,
};
const both = [
  ["AWS's default", AWS_QUOTAS],
  ['raised', raised],
] as const;

const LOOP = {
  StartAt: 'A',
  States: {
    A: { Type: 'Pass', Next: 'B' },
    B: { Type: 'Choice', Choices: [{ Variable: '$.a', NumericEquals: 2, Next: 'C' }], Default: 'A' },
    C: { Type: 'Succeed' },
  },
};
/** Adds six bytes: `{"x":` and `}`. */
const WRAP = { StartAt: 'A', States: { A: { Type: 'Pass', Parameters: { 'x.$': '$' }, End: true } } };
const ASSIGN = { StartAt: 'A', States: { A: { Type: 'Pass', Assign: { 'v.$': '$' }, ResultPath: null, End: true } } };
/** A JSON string of so many bytes, with a letter of two bytes in it. */
const stringOf = (bytes: number): string => `"é${'a'.repeat(bytes - 4)}"`;

describe.each(both)('%s', (_name, quotas) => {
  it('holds the events of a history, the last one included', () => {
    const execution = run(LOOP, '{"a":1}', standardPolicy(quotas));
    expect([execution.status, execution.eventId, execution.failure]).toEqual([
      'FAILED',
      quotas.historyEventsMax,
      {
        error: 'States.Runtime',
        cause: `The execution reached the maximum number of history events (${quotas.historyEventsMax}).`,
      },
    ]);
  });

  it('does not hold the events of an Express execution', () => {
    const execution = run(LOOP, '{"a":1}', expressPolicy(quotas));
    expect(execution.status).toBe('RUNNING');
    expect(execution.eventId).toBeGreaterThan(quotas.historyEventsMax);
  });

  it('holds the bytes of a result', () => {
    const { payloadBytesMax } = quotas;
    const full = run(WRAP, stringOf(payloadBytesMax - 6), standardPolicy(quotas));
    expect([full.status, full.output?.bytes]).toEqual(['SUCCEEDED', payloadBytesMax]);
    expect(run(WRAP, stringOf(payloadBytesMax - 5), standardPolicy(quotas))).toMatchObject({
      status: 'FAILED',
      failure: {
        error: 'States.DataLimitExceeded',
        cause: "The state/task 'A' returned a result with a size exceeding the maximum number of bytes service limit.",
      },
    });
  });

  it('holds the bytes of a variable', () => {
    const { variableBytesMax } = quotas;
    const policy = standardPolicy({ ...quotas, payloadBytesMax: 1_000_000 });
    expect(run(ASSIGN, stringOf(variableBytesMax), policy).status).toBe('SUCCEEDED');
    expect(run(ASSIGN, stringOf(variableBytesMax + 1), policy)).toMatchObject({
      status: 'FAILED',
      failure: { error: 'States.Runtime' },
    });
  });
});
