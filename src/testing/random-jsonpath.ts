import fc from 'fast-check';
import { compilePath, compileReferencePath, ExpressionSyntaxError, isReferencePath } from '../language/expressions.js';
import { type Path, type Scope, StatesError } from '../language/index.js';
import { type JsonValue, Payload, parseJson, writeJson } from '../payload/index.js';
import type { FuzzTarget } from './fuzz-target.js';
import { jsonText, mutated, oddName } from './random-text.js';

export interface RandomPath {
  readonly text: string;
  /** JSON text of what the path is evaluated on. */
  readonly input: string;
}

const index = fc.oneof(
  { arbitrary: fc.integer({ min: -3, max: 4 }).map(String), weight: 8 },
  { arbitrary: fc.constantFrom('99999999999', '-2147483649', '+1', '1.5', ''), weight: 1 },
);
const bound = fc.oneof(fc.integer({ min: -3, max: 4 }).map(String), fc.constant(''));
const quoted = fc.tuple(oddName, fc.constantFrom("'", '"')).map(([name, quote]) => {
  const escaped = name.replaceAll('\\', '\\\\').replaceAll(quote, `\\${quote}`);
  return `${quote}${escaped}${quote}`;
});
const comparison = fc.constantFrom(
  '==',
  '!=',
  '<',
  '<=',
  '>',
  '>=',
  '=~',
  'in',
  'nin',
  'subsetof',
  'anyof',
  'noneof',
  'size',
  'empty',
  'contains',
  '=',
);
const literal = fc.oneof(
  {
    arbitrary: fc.constantFrom(
      '1',
      '-1.5',
      '1e3',
      'true',
      'false',
      'null',
      "'a'",
      '"b"',
      "['a','b']",
      '[1,2]',
      '{}',
      '/a.*/i',
      '/(a+)+$/',
    ),
    weight: 8,
  },
  { arbitrary: jsonText, weight: 1 },
);
const functionCall = fc.constantFrom(
  '.length()',
  '.size()',
  '.min()',
  '.max()',
  '.sum()',
  '.avg()',
  '.keys()',
  '.first()',
  '.last()',
  '.append(1)',
  '.concat($.a)',
  '.index(0)',
  '.nothing()',
);

const syntax = fc.letrec<{ path: string; filter: string; token: string; operand: string }>((tie) => ({
  path: fc
    .tuple(
      fc.constantFrom('$', '$', '$', '$$', '$v'),
      fc.array(tie('token'), { maxLength: 4, size: 'max' }),
      fc.oneof({ arbitrary: fc.constant(''), weight: 5 }, functionCall),
    )
    .map(([root, tokens, call]) => root + tokens.join('') + call),
  operand: fc.oneof(
    { maxDepth: 4 },
    literal,
    tie('path').map((path) => path.replace(/^\$+v?/, '@')),
    tie('path'),
  ),
  filter: fc.oneof(
    { maxDepth: 4 },
    { arbitrary: fc.tuple(tie('operand'), comparison, tie('operand')).map((parts) => parts.join(' ')), weight: 5 },
    { arbitrary: tie('operand'), weight: 2 },
    { arbitrary: tie('filter').map((filter) => `!(${filter})`), weight: 1 },
    {
      arbitrary: fc
        .tuple(tie('filter'), fc.constantFrom('&&', '||'), tie('filter'))
        .map((parts) => `(${parts.join(' ')})`),
      weight: 1,
    },
  ),
  token: fc.oneof(
    { maxDepth: 4 },
    { arbitrary: fc.constantFrom('.a', '.b', '.items', '.name', '.*', '[*]', '..a', '..*', '..[0]', '[0]'), weight: 8 },
    {
      arbitrary: fc.constantFrom('a', 'b', '-', 'toString', '__proto__', '0', 'é').map((name) => `.${name}`),
      weight: 2,
    },
    { arbitrary: fc.array(quoted, { minLength: 1, maxLength: 3 }).map((names) => `[${names.join(',')}]`), weight: 2 },
    {
      arbitrary: fc.array(index, { minLength: 1, maxLength: 3 }).map((indexes) => `[${indexes.join(',')}]`),
      weight: 2,
    },
    { arbitrary: fc.tuple(bound, bound).map((bounds) => `[${bounds.join(':')}]`), weight: 2 },
    { arbitrary: tie('filter').map((filter) => `[?(${filter})]`), weight: 4 },
  ),
}));

/** Where most paths find something. */
export const RICH_INPUT =
  '{"flag":true,"a":[1,{"a":"aa","b":[true,null,-1.5]},"a",[[]]],"b":{"a":{"a":2},"b":"b","name":"n"},"items":[{"a":1,"name":"x"},{"a":2.50,"b":[1,2]},{}],"name":"a","__proto__":{"a":1},"0":"zero"}';

const PIECES = [
  '$',
  '$$',
  '@',
  '..',
  '.',
  '[',
  ']',
  '(',
  ')',
  '?',
  '*',
  ',',
  ':',
  "'",
  '"',
  '\\',
  '&&',
  '||',
  '==',
  '=~',
  '/',
  '-1',
  '[?(',
  ')]',
  ' ',
  'length()',
];
const pathText: fc.Arbitrary<string> = fc.oneof(
  { arbitrary: syntax.path, weight: 10 },
  { arbitrary: mutated(syntax.path, PIECES), weight: 4 },
  {
    arbitrary: fc.array(fc.constantFrom(...PIECES), { maxLength: 20 }).map((pieces) => `$${pieces.join('')}`),
    weight: 1,
  },
  { arbitrary: fc.string({ unit: 'binary', maxLength: 20 }), weight: 1 },
  {
    arbitrary: fc
      .tuple(fc.constantFrom(...PIECES), fc.nat({ max: 3000 }))
      .map(([piece, count]) => `$${piece.repeat(count)}`),
    weight: 1,
  },
);

/** Any text compiles or is refused as a syntax error; a compiled path gives a value, nothing, or an error of the language. */
export const jsonpathTarget: FuzzTarget<RandomPath> = {
  name: 'jsonpath',
  arbitrary: fc.record({
    text: pathText,
    input: fc.oneof({ arbitrary: fc.constant(RICH_INPUT), weight: 2 }, jsonText),
  }),
  check: ({ text, input }) => {
    const isReference = isReferencePath(text);
    const path = compiled(text);
    if (path === null) {
      if (isReference) throw new Error('Expected a reference path to compile');
      return false;
    }
    const scope = scopeOf(input);
    const found = outcomeOf(() => path.find(scope));
    const evaluated = outcomeOf(() => path.evaluate(scope));
    if (found.startsWith('value') && found !== evaluated)
      throw new Error(`Expected 'evaluate' to give what 'find' gives, ${found}, not ${evaluated}`);
    if (found === 'nothing' && !evaluated.startsWith('States.'))
      throw new Error(`Expected an error where nothing is found, not ${evaluated}`);
    if (outcomeOf(() => path.find(scope)) !== found) throw new Error('Expected the same answer the second time');
    if (isReference && path.root.type === 'input') checkPut(text, scope.input);
    return true;
  },
  show: ({ text, input }) => `path ${JSON.stringify(text)}\non   ${input}`,
};

function compiled(text: string): ReturnType<typeof compilePath> | null {
  try {
    return compilePath(text);
  } catch (fault) {
    if (fault instanceof ExpressionSyntaxError) return null;
    throw fault;
  }
}

/** What was put is found there afterwards. */
function checkPut(text: string, root: JsonValue): void {
  try {
    const path: Path = compilePath(text);
    const put = compileReferencePath(text).put(root, 'put');
    const found = path.find({ ...scopeOf('null'), input: put });
    if (found !== 'put')
      throw new Error(`Expected to find what was put, but found ${found === undefined ? 'nothing' : writeJson(found)}`);
  } catch (fault) {
    if (!(fault instanceof StatesError) && !(fault instanceof ExpressionSyntaxError)) throw fault;
  }
}

export function outcomeOf(evaluate: () => JsonValue | undefined): string {
  try {
    const value = evaluate();
    if (value === undefined) return 'nothing';
    const text = writeJson(value);
    parseJson(text); // what is found can be written and read again
    return `value ${text}`;
  } catch (fault) {
    if (fault instanceof StatesError) return `${fault.error} ${fault.cause}`;
    throw fault;
  }
}

/** The same value as input, as context and as variable `v`. */
export function scopeOf(text: string): Scope {
  const input = Payload.ofText(text).value;
  return {
    input,
    inputText: text,
    context: input,
    states: input,
    at: 0,
    variable: (name) => (name === 'v' ? input : undefined),
    random: () => 0.25,
    uuid: () => '00000000-0000-4000-8000-000000000000',
  };
}
