import fc from 'fast-check';
import { functionNames } from '../language/jsonata/functions.js';
import {
  compileJsonata,
  type JsonataOutcome,
  type JsonataScope,
  JsonataSyntaxFault,
} from '../language/jsonata/index.js';
import { type JsonValue, parseJson, writeJson } from '../payload/index.js';

/** An expression, right or wrong, and the JSON text of an input for it. */
export interface RandomJsonata {
  readonly expression: string;
  readonly input: string;
}

/** Expressions by the grammar, and texts that only look like some. */
export function randomJsonata(): fc.Arbitrary<RandomJsonata> {
  const expression = fc.oneof(
    { weight: 6, arbitrary: grammar() },
    { weight: 2, arbitrary: tokenSoup() },
    { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 40 }) },
  );
  return fc.record({ expression, input: inputText() });
}

/** Why an expression breaks the promises of `compileJsonata` and `evaluate`; undefined when it keeps them. */
export function brokenPromiseOf({ expression, input }: RandomJsonata): string | undefined {
  const states = deepFrozen(parseJson(`{"input":${input},"context":{"Execution":{"Id":"x"}}}`));
  const before = writeJson(states);
  const startedAt = process.cpuUsage();
  try {
    const compiled = compileJsonata(`{% ${expression} %}`);
    const first = textOf(compiled.evaluate(scopeOf(states)));
    const second = textOf(compiled.evaluate(scopeOf(states)));
    if (first !== second) return `Expected the same outcome twice, but: ${first} and ${second}`;
  } catch (error) {
    if (!(error instanceof JsonataSyntaxFault)) return `Expected no error, but: ${String(error)}`;
  }
  const { user, system } = process.cpuUsage(startedAt);
  if (user + system > CPU_US_MAX) return `Expected an end within its bounds, but it took ${(user + system) / 1e6} s`;
  return writeJson(states) === before ? undefined : 'Expected the input unchanged';
}

/** Two evaluations at their bound take two seconds; the rest is for a busy machine. */
const CPU_US_MAX = 12_000_000;

const scopeOf = (states: JsonValue): JsonataScope => ({
  states,
  variable: (name) => (name === 'v' ? 5 : undefined),
  at: Date.UTC(2026, 0, 2, 3, 4, 5),
  random: () => 0.25,
  uuid: () => '00000000-0000-4000-8000-000000000000',
});

/** A value must be one that can be written and read again. */
function textOf(outcome: JsonataOutcome): string {
  if (outcome.type !== 'value') return JSON.stringify(outcome);
  const text = writeJson(outcome.value);
  if (writeJson(parseJson(text)) !== text) throw new Error(`not JSON: ${text.slice(0, 200)}`);
  return text;
}

function deepFrozen(value: JsonValue): JsonValue {
  if (typeof value === 'object' && value !== null) {
    Object.freeze(value);
    for (const member of value instanceof Map ? value.values() : Object.values(value)) deepFrozen(member as JsonValue);
  }
  return value;
}

const KEYS = ['a', 'b', 'items', '1', '__proto__', 'constructor', 'sequence', 'x y'];

/** Numbers that lose digits, awkward keys, empty and nested things. */
function inputText(): fc.Arbitrary<string> {
  const { value } = fc.letrec<{ value: string }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constantFrom('null', 'true', '0', '1.0', '-0.0', '1e3', '12345678901234567890', '""', '"text"', '"a,b c"'),
      fc.array(tie('value'), { maxLength: 4 }).map((items) => `[${items.join(',')}]`),
      fc
        .uniqueArray(fc.tuple(fc.constantFrom(...KEYS), tie('value')), { maxLength: 4, selector: ([key]) => key })
        .map((members) => `{${members.map(([key, text]) => `${JSON.stringify(key)}:${text}`).join(',')}}`),
    ),
  }));
  return value;
}

const NUMBERS = ['0', '1', '2', '-1', '0.5', '1e3', '1e300', '100000', '-0', '3.7'];
const TEXTS = [
  '""',
  '"a"',
  '"abc, def"',
  '"1"',
  '"2020-01-02"',
  '"[Y0001]-[M01]"',
  '"#,##0.00"',
  '"w"',
  '"<n:n>"',
  '"😂"',
];
const REGEXES = ['/a/', '/(a)|b/i', '/[a-z]+/', '/\\d*/', '/^.*$/m', '/(a+)+$/', '/a{2,}/'];
const BINARY = ['+', '-', '*', '/', '%', '=', '!=', '<', '<=', '>', '>=', '&', 'and', 'or', 'in', '~>', '.'];
const NAMES = ['a', 'b', 'items', '`x y`', '*', '**', '$'];
const VARIABLES = ['$states.input', '$states', '$v', '$x', '$y', '$nope'];

function grammar(): fc.Arbitrary<string> {
  const functions = [...functionNames()].map((name) => `$${name}`);
  const { expression } = fc.letrec<{ expression: string; arguments: string }>((tie) => {
    const some = tie('expression');
    const list = tie('arguments');
    const form = (parts: readonly (string | fc.Arbitrary<string>)[]): fc.Arbitrary<string> =>
      fc
        .tuple(...parts.map((part) => (typeof part === 'string' ? fc.constant(part) : part)))
        .map((texts) => texts.join(''));
    const name = fc.constantFrom(...NAMES);
    return {
      arguments: fc.array(some, { maxLength: 4 }).map((texts) => texts.join(', ')),
      expression: fc.oneof(
        { depthSize: 'medium', withCrossShrink: true },
        fc.constantFrom(...NUMBERS, ...TEXTS, ...VARIABLES, 'true', 'null', '[]', '{}'),
        fc.constantFrom(...VARIABLES),
        form([fc.constantFrom(...functions), '(', list, ')']),
        form([fc.constantFrom(...functions), '(', some, ', ', fc.constantFrom(...REGEXES), ', ', some, ')']),
        form([fc.constantFrom(...functions), '(', some, ', function($x, $y) { ', some, ' })']),
        form([fc.constantFrom(...functions), '(', fc.constantFrom('?', '?, 1', '?, ?', '1, ?, "a"'), ')']),
        form([fc.constantFrom(...functions), '(?, ', some, ')(', list, ')']),
        form(['(', some, ' ', fc.constantFrom(...BINARY), ' ', some, ')']),
        form(['(', some, ').', name]),
        form(['(', some, ').(', some, ')']),
        form(['(', some, ')[', some, ']']),
        form(['(', some, ')[]']),
        form(['(', some, ')^(', fc.constantFrom('', '<', '>'), fc.oneof(name, some), ')']),
        form(['(', some, '){', fc.oneof(name, some), ': ', some, '}']),
        form(['(', some, ').', name, fc.constantFrom('@$x', '#$y'), '.', name]),
        form(['(', some, ').', name, '.', name, '.%.', name]),
        form(['(', some, ').', name, '.', name, '[%.', name, ' = ', some, ']']),
        form(['[', list, ']']),
        form(['[', some, '..', some, ']']),
        form(['{"a": ', some, ', ', some, ': ', some, '}']),
        form(['(', some, ' ? ', some, ' : ', some, ')']),
        form(['($x := ', some, '; $y := ', some, '; ', some, ')']),
        form(['($x := function($y) { ', some, ' }; $x(', some, '))']),
        form(['(', some, ' ~> |', fc.oneof(name, some), '|', some, ', ', some, '|)']),
        form(['function($x, $y)<n-a<s>?:x> { ', some, ' }(', list, ')']),
        form(['-', some]),
      ),
    };
  });
  return expression;
}

const TOKENS = [
  ...[...NUMBERS, ...TEXTS, ...REGEXES, ...BINARY, ...NAMES, ...VARIABLES],
  ...[
    '(',
    ')',
    '[',
    ']',
    '{',
    '}',
    '?',
    ':',
    ':=',
    ';',
    ',',
    '..',
    '|',
    '^',
    '@',
    '#',
    '??',
    '?:',
    '!',
    '~',
    '\\',
    '"',
  ],
  ...['function', 'λ', 'true', 'null', '/*', '*/', '/', '$$', '$map', '$sum', '<', '>'],
];

/** Tokens in any order. */
const tokenSoup = (): fc.Arbitrary<string> =>
  fc.array(fc.constantFrom(...TOKENS), { maxLength: 25 }).map((tokens) => tokens.join(' '));
