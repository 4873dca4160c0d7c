import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import jsonata from 'jsonata';
import { describe, expect, it } from 'vitest';
import { functionNames } from '../../src/language/jsonata/functions.js';
import { compileJsonata, JsonataSyntaxFault } from '../../src/language/jsonata/index.js';
import { type JsonValue, parseJson, writeJson } from '../../src/payload/index.js';

/**
 * Every function and operator that docs.jsonata.org and AWS's guide document, under the conditions of a state: no context
 * item, data in $states. Cases are JSON, one folder, one runner. The published module has to agree on all of them,
 * except where `published` says what it does otherwise.
 */
interface Case {
  readonly expression: string;
  readonly value?: JsonValue;
  readonly nothing?: true;
  readonly unsupported?: true;
  readonly fault?: string;
  readonly invalid?: string;
  readonly notSupported?: string;
  readonly published?: string;
}

const AT = Date.UTC(2023, 10, 14, 22, 13, 20);
const folder = fileURLToPath(new URL('cases/', import.meta.url));
const readCases = (file: string): readonly Case[] => JSON.parse(readFileSync(`${folder}${file}`, 'utf8')) as Case[];
const inputText = readFileSync(new URL('input.json', import.meta.url), 'utf8');
const states = deepFreeze(parseJson(`{ "input": ${inputText}, "context": { "Execution": { "Id": "arn:x" } } }`));

/** Time, zone and randomness are the scope's: the published module has its own, and not AWS's functions. */
const WITHOUT_PUBLISHED = 'step-functions.json';

const files = readdirSync(folder);

it('has a case for every function', () => {
  const expressions = files.flatMap((file) => readCases(file).map(({ expression }) => expression)).join('\n');
  const called = new Set([...expressions.matchAll(/\$(\w+)/g)].map(([, name]) => name));
  expect([...functionNames()].filter((name) => !called.has(name))).toEqual([]);
});

for (const file of files) {
  describe(file, () => {
    it.each(readCases(file))('$expression', async (example) => {
      const { expression, published, ...expected } = example;
      const actual = evaluate(expression);
      expect(actual).toEqual(expected);
      if (file === WITHOUT_PUBLISHED) return;
      const other = await evaluatePublished(expression);
      if (published === undefined) expect(other).toEqual(withoutKind(actual));
      else expect(other).not.toEqual(withoutKind(actual));
    });
  });
}

function evaluate(expression: string): Omit<Case, 'expression'> {
  try {
    const outcome = compileJsonata(`{% ${expression} %}`).evaluate({
      states,
      variable: () => undefined,
      at: AT,
      random: () => 0.5,
      uuid: () => 'b0a1c2d3-0000-4000-8000-000000000000',
    });
    if (outcome.type === 'value') return { value: JSON.parse(writeJson(outcome.value)) as JsonValue };
    return outcome.type === 'fault' ? { fault: outcome.message } : { [outcome.type]: true };
  } catch (fault) {
    if (!(fault instanceof JsonataSyntaxFault)) throw fault;
    return { [fault.code === 'INVALID_JSONATA_EXPRESSION' ? 'invalid' : 'notSupported']: fault.message };
  }
}

/** The published module says in one way that an expression is wrong, whether it was read or evaluated. */
function withoutKind({ invalid, ...outcome }: Omit<Case, 'expression'>): Omit<Case, 'expression'> {
  return invalid === undefined ? outcome : { fault: invalid };
}

async function evaluatePublished(expression: string): Promise<unknown> {
  try {
    const data = JSON.parse(writeJson(states)) as unknown;
    const result: unknown = await jsonata(expression).evaluate(undefined, { states: data });
    if (result === undefined) return { nothing: true };
    return holdsFunction(result)
      ? { unsupported: true }
      : { value: JSON.parse(JSON.stringify(result, asStepFunctions)) };
  } catch (error) {
    const { code, message } = error as { readonly code?: string; readonly message: string };
    return { fault: code === undefined ? message : `${code}: ${message}` };
  }
}

/** Numbers that JSON has not are texts. */
const asStepFunctions = (_key: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;

function holdsFunction(value: unknown): boolean {
  if (typeof value === 'function') return true;
  if (typeof value !== 'object' || value === null) return false;
  return '_jsonata_lambda' in value || '_jsonata_function' in value || Object.values(value).some(holdsFunction);
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.freeze(value);
    for (const member of Object.values(value)) deepFreeze(member);
  }
  return value;
}
