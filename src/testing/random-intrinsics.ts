import fc from 'fast-check';
import { compileIntrinsic, ExpressionSyntaxError } from '../language/expressions.js';
import type { FuzzTarget } from './fuzz-target.js';
import { outcomeOf, RICH_INPUT, scopeOf } from './random-jsonpath.js';
import { jsonText, mutated } from './random-text.js';

export interface RandomCall {
  readonly text: string;
  /** JSON text of what the call is evaluated on. */
  readonly input: string;
}

/** What each argument should be; `rest` may come any number of times. */
const FUNCTIONS: ReadonlyArray<{ readonly name: string; readonly takes: readonly Kind[]; readonly rest?: Kind }> = [
  { name: 'Array', takes: [], rest: 'any' },
  { name: 'ArrayPartition', takes: ['array', 'number'] },
  { name: 'ArrayContains', takes: ['array', 'any'] },
  { name: 'ArrayRange', takes: ['number', 'number', 'number'] },
  { name: 'ArrayGetItem', takes: ['array', 'number'] },
  { name: 'ArrayLength', takes: ['array'] },
  { name: 'ArrayUnique', takes: ['array'] },
  { name: 'Base64Encode', takes: ['string'] },
  { name: 'Base64Decode', takes: ['string'] },
  { name: 'Format', takes: ['string'], rest: 'any' },
  { name: 'Hash', takes: ['any', 'algorithm'] },
  { name: 'JsonMerge', takes: ['object', 'object', 'boolean'] },
  { name: 'JsonToString', takes: ['any'] },
  { name: 'MathAdd', takes: ['number', 'number'] },
  { name: 'MathRandom', takes: ['number', 'number'], rest: 'number' },
  { name: 'StringSplit', takes: ['string', 'string'] },
  { name: 'StringToJson', takes: ['string'] },
  { name: 'UUID', takes: [] },
  { name: 'Nothing', takes: [] },
];

type Kind = 'any' | 'array' | 'string' | 'number' | 'boolean' | 'object' | 'algorithm';
const quote = (text: string): string => `'${text.replace(/[\\'{}]/g, '\\$&')}'`;
const VALUES: Readonly<Record<Kind, readonly string[]>> = {
  any: [
    '$',
    '$.a',
    '$.b',
    '$v.items',
    '$$.a',
    '$..a',
    '$.items[*].a',
    "$['a','b']",
    '$.missing',
    '$w',
    '$.items.length()',
    '$[?(@.a)]',
  ],
  array: ['$.a', '$.items', '$v.a', '$.items[*]', '$..a', 'States.Array(1, null, $.b)'],
  string: [
    "''",
    "'a'",
    "'{}'",
    "'{} {}: {}'",
    '\'[1,{\\"a\\":2}]\'',
    "'YWI='",
    "'a,b.c'",
    "'\\''",
    "'ß😀'",
    '$.name',
    "'{\\'",
  ],
  number: ['0', '1', '-1', '3', '-7', '1.5', '2147483647', '-2147483649', '1e3', '1e400', '01', '-', '$.b.a.a', '1000'],
  boolean: ['true', 'false', '$.flag'],
  object: ['$', '$.b', '$.items[0]', '$v'],
  algorithm: ["'SHA-1'", "'MD5'", "'SHA-256'", "'SHA-384'", "'SHA-512'", "'sha-1'"],
};

const syntax = fc.letrec<{ call: string; argument: string } & Record<Kind, string>>((tie) => {
  const kind = (name: Kind) =>
    fc.oneof(
      { maxDepth: 11, depthSize: 'medium' },
      { arbitrary: fc.constantFrom(...VALUES[name]), weight: 12 },
      { arbitrary: tie('call'), weight: 3 },
      { arbitrary: tie('argument'), weight: 1 },
    );
  const call = ({ name, takes, rest }: (typeof FUNCTIONS)[number]) =>
    fc
      .tuple(
        fc.tuple(...takes.map((taken) => tie(taken))),
        rest === undefined ? fc.constant([]) : fc.array(tie(rest), { maxLength: 3 }),
        fc.oneof({ arbitrary: fc.constant(null), weight: 15 }, tie('argument')),
        fc.constantFrom('', '', ' '),
      )
      .map(([given, more, extra, gap]) => {
        const all = [...given, ...more, ...(extra === null ? [] : [extra])];
        return `States.${name}(${gap}${all.join(`,${gap}`)})`;
      });
  return {
    call: fc.oneof(...FUNCTIONS.map(call)),
    argument: fc.oneof(
      { maxDepth: 11 },
      fc.constantFrom(...Object.values(VALUES).flat()),
      fc.string({ unit: 'binary', maxLength: 10 }).map(quote),
      tie('call'),
    ),
    any: kind('any'),
    array: kind('array'),
    string: kind('string'),
    number: kind('number'),
    boolean: kind('boolean'),
    object: kind('object'),
    algorithm: kind('algorithm'),
  };
});

const PIECES = [
  'States.',
  '(',
  ')',
  ',',
  "'",
  '\\',
  '{}',
  '$',
  '$.a',
  '$$',
  ' ',
  '\n',
  '1',
  '-',
  'null',
  'States.Array(',
  'States.Format(',
];
const callText: fc.Arbitrary<string> = fc.oneof(
  { arbitrary: syntax.call, weight: 10 },
  { arbitrary: mutated(syntax.call, PIECES), weight: 4 },
  { arbitrary: fc.array(fc.constantFrom(...PIECES), { maxLength: 20 }).map((pieces) => pieces.join('')), weight: 1 },
  {
    arbitrary: fc.tuple(fc.constantFrom(...PIECES), fc.nat({ max: 3000 })).map(([piece, count]) => piece.repeat(count)),
    weight: 1,
  },
);

/** Any text compiles or is refused as a syntax error; a compiled call gives a value or an error of the language. */
export const intrinsicsTarget: FuzzTarget<RandomCall> = {
  name: 'intrinsics',
  arbitrary: fc.record({
    text: callText,
    input: fc.oneof({ arbitrary: fc.constant(RICH_INPUT), weight: 2 }, jsonText),
  }),
  check: ({ text, input }) => {
    const call = compiled(text);
    if (call === null) return false;
    const scope = scopeOf(input);
    const outcome = outcomeOf(() => call.evaluate(scope));
    if (outcome === 'nothing') throw new Error('Expected a value or an error');
    const isKnown = /^(value |States\.(Runtime|IntrinsicFailure) )/.test(outcome);
    if (!isKnown) throw new Error(`Expected States.Runtime or States.IntrinsicFailure, not ${outcome}`);
    if (outcomeOf(() => call.evaluate(scope)) !== outcome) throw new Error('Expected the same answer the second time');
    return true;
  },
  show: ({ text, input }) => `call ${JSON.stringify(text)}\non   ${input}`,
};

function compiled(text: string): ReturnType<typeof compileIntrinsic> | null {
  try {
    return compileIntrinsic(text);
  } catch (fault) {
    if (fault instanceof ExpressionSyntaxError) return null;
    throw fault;
  }
}
