import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { ExpressionSyntaxError } from '../jsonpath/syntax-error.js';
import { outcome, testScope } from '../jsonpath/test-scope.js';
import { compileIntrinsic } from './index.js';

const INPUT =
  '{"n":1.5,"s":"a,b;;c","o":{"Arg1":1,"Arg2":[],"x":{"y":null}},"l":[1,2,2,{"a":1,"b":2},{"b":2,"a":1.0},"2"],"nul":null,"t":"It\'s {}!"}';
const scope = testScope(INPUT, { context: '{"State":{"Name":"P"}}', variables: { v: [1, 2, 3] } });
const call = (text: string): string => outcome(() => compileIntrinsic(text).evaluate(scope));

describe('functions', () => {
  test.each([
    ['States.Array()', '[]'],
    ["States.Array('a', 1, -1.50, true, false, null, $.s)", '["a",1,-1.50,true,false,null,"a,b;;c"]'],
    ['States.ArrayPartition($v, 2)', '[[1,2],[3]]'],
    ['States.ArrayPartition($v, 1.5)', '[[1,2],[3]]'],
    ['States.ArrayPartition(States.Array(), 4)', '[]'],
    ['States.ArrayContains($.l, 2)', 'true'],
    ["States.ArrayContains($.l, '3')", 'false'],
    ['States.ArrayContains($.l, $.l[3])', 'true'],
    ['States.ArrayRange(1, 9, 2)', '[1,3,5,7,9]'],
    ['States.ArrayRange(3, 1, -1)', '[3,2,1]'],
    ['States.ArrayRange(1, 3, -1)', '[]'],
    ['States.ArrayRange(0.5, 2, 1)', '[1,2]'],
    ['States.ArrayGetItem($v, 2)', '3'],
    ['States.ArrayLength($.l)', '6'],
    ['States.ArrayUnique($.l)', '[1,2,{"a":1,"b":2},"2"]'],
    ["States.Base64Encode('Data to encode')", '"RGF0YSB0byBlbmNvZGU="'],
    ["States.Base64Decode('w6k=')", '"é"'],
    ["States.Hash('a', 'MD5')", '"0cc175b9c0f1b6a831c399e269772661"'],
    ["States.Hash('a', 'SHA-1')", '"86f7e437faa5a7fce15d1ddcb9eaeaea377667b8"'],
    ["States.Hash('a', 'SHA-256')", '"ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"'],
    [
      'States.JsonMerge($.o, States.StringToJson(\'{"Arg1":2,"z":0}\'), false)',
      '{"Arg1":2,"Arg2":[],"x":{"y":null},"z":0}',
    ],
    ['States.JsonToString($.o)', '"{\\"Arg1\\":1,\\"Arg2\\":[],\\"x\\":{\\"y\\":null}}"'],
    ["States.JsonToString('a')", '"\\"a\\""'],
    ["States.StringToJson('[1.0, {}]')", '[1.0,{}]'],
    ["States.StringToJson(' ')", 'null'],
    ["States.StringToJson('-0')", '0'],
    ['States.MathAdd(1.5, 1.51)', '4'],
    ['States.MathAdd(-1.5, 0)', '-1'],
    ['States.MathAdd(-0.5, 0)', '0'],
    ['States.MathAdd($.n, -1)', '1'],
    ['States.MathRandom(10, 20)', '15'],
    ["States.StringSplit($.s, ',;')", '["a","b","c"]'],
    ["States.StringSplit('a.b', '')", '["a.b"]'],
    ["States.StringSplit('', ',')", '[]'],
    ['States.UUID()', '"00000000-0000-4000-8000-000000000000"'],
    ["States.Format('plain')", '"plain"'],
    ["States.Format('{} and {}', $.o, $.nul)", '"{Arg1=1, Arg2=[], x={y=null}} and null"'],
    ["States.Format('{}{}{}', true, 1.50, 'x')", '"true1.50x"'],
    ["States.Format('\\{\\} \\'{}\\' \\\\', 1)", '"{} \'1\' \\\\"'],
    ['States.Format($.t, 1)', '"It\'s 1!"'],
    ["States.Format( '{}' ,  States.Format('<{}>', $.n) )", '"<1.5>"'],
    ["States.StringSplit('a\\'b', '\\'')", '["a","b"]'],
    ['States.ArrayLength($.none[*].x)', '0'],
    ["States.Format('{}', $.l[?(@.a == 1)].b)", '"[2, 2]"'],
  ])('%s gives %s', (text, result) => {
    expect(call(text)).toBe(result);
  });
});

test.each([
  // Java: new Random(42).nextInt() is -1170105035, so next(31) is 1562431130
  ['States.MathRandom(0, 100, 42)', '30'],
  ['States.MathRandom(0, 100, 0)', '60'],
  ['States.MathRandom(5, 15, 42)', '5'],
  ['States.MathRandom(0, 16, 42)', '11'],
  ['States.MathRandom(-2147483648, 2147483647, 42)', '-1170105035'],
])('%s is always %s', (text, result) => {
  expect(call(text)).toBe(result);
});

it('draws within the range for every seed', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer(), fc.integer(), (a, b, seed) => {
      fc.pre(a !== b);
      const [start, end] = a < b ? [a, b] : [b, a];
      const drawn = Number(call(`States.MathRandom(${start}, ${end}, ${seed})`));
      expect(drawn >= start && drawn < end).toBe(true);
    }),
  );
});

describe('an argument that is not there', () => {
  const failure = (text: string, reason: string): string =>
    `States.Runtime: The function '${text}' had the following error: ${reason}`;
  const missing = (text: string, path: string): string =>
    failure(text, `The JsonPath argument for the field '${path}' could not be found in the input '${INPUT}'`);
  test.each([
    ["States.Format('{}',$.nope)", '$.nope'],
    ["States.Format('{} {}', $.n, $.a.b)", '$.a.b'],
    ['States.Format($.nope, 1)', '$.nope'],
    ["States.Format('{}', States.Format('{}', $.nope))", '$.nope'],
    ['States.Array(1, $.l[9])', '$.l[9]'],
    ['States.Array($$.Nope.Deep)', '$.Nope.Deep'],
    ['States.Array($unknown)', '$unknown'],
  ])('%s', (text, path) => {
    expect(call(text)).toBe(missing(text, path));
  });

  it('is told apart from an index where no array is', () => {
    const text = "States.Format('{}', $.n[0])";
    expect(call(text)).toBe(failure(text, 'Filter: [0] can only be applied to arrays. Current context is: 1.5'));
  });
});

describe('bad arguments', () => {
  test.each([
    [
      'States.ArrayLength($.s)',
      'Invalid arguments in States.ArrayLength: Expected argument 1 to be an array, but it is "a,b;;c".',
    ],
    [
      'States.ArrayPartition($v, 0)',
      'Invalid arguments in States.ArrayPartition: Expected a chunk size of at least 1, but it is 0.',
    ],
    ['States.ArrayRange(1, 2, 0)', 'Invalid arguments in States.ArrayRange: Expected a step that is not 0.'],
    ['States.ArrayRange(1, 1000, 1)', null],
    [
      'States.ArrayRange(0, 1001, 1)',
      'Invalid arguments in States.ArrayRange: Expected a range of at most 1000 items, but it has 1002.',
    ],
    [
      'States.ArrayGetItem($v, 3)',
      'Invalid arguments in States.ArrayGetItem: Expected an index between 0 and 2, but it is 3.',
    ],
    [
      'States.ArrayGetItem($v, -1)',
      'Invalid arguments in States.ArrayGetItem: Expected an index between 0 and 2, but it is -1.',
    ],
    ['States.ArrayGetItem(States.Array(), 0)', 'Invalid arguments in States.ArrayGetItem: The array is empty.'],
    ["States.Base64Decode('a')", 'Invalid arguments in States.Base64Decode: The text is not Base64.'],
    [
      "States.Hash('a', 'sha256')",
      'Invalid arguments in States.Hash: Expected one of the algorithms MD5, SHA-1, SHA-256, SHA-384, SHA-512, but it is sha256.',
    ],
    [
      'States.JsonMerge($.o, $.o, true)',
      'Invalid arguments in States.JsonMerge: Expected argument 3 to be false, since only the shallow merge exists.',
    ],
    [
      'States.JsonMerge($.o, $.l, false)',
      'Invalid arguments in States.JsonMerge: Expected argument 2 to be an object, but it is an array of 6.',
    ],
    [
      "States.StringToJson('{')",
      'Invalid arguments in States.StringToJson: The text is not JSON: Unexpected end-of-input: was expecting double-quote to start field name.',
    ],
    [
      'States.MathAdd(2147483647, 1)',
      'Invalid arguments in States.MathAdd: Expected a sum between -2147483648 and 2147483647, but it is 2147483648.',
    ],
    [
      'States.MathAdd(2147483648, 1)',
      'Invalid arguments in States.MathAdd: Expected argument 1 to be a number between -2147483648 and 2147483647, but it is 2147483648.',
    ],
    [
      "States.MathAdd('1', 1)",
      'Invalid arguments in States.MathAdd: Expected argument 1 to be a number, but it is "1".',
    ],
    [
      'States.MathRandom(2, 2)',
      'Invalid arguments in States.MathRandom: Expected the start 2 to be less than the end 2.',
    ],
    ['States.MathRandom(1, 2, 1e999)', 'Invalid arguments in States.MathRandom: Expected a seed that fits a double.'],
    [
      "States.Format('{}')",
      'Invalid arguments in States.Format: number of arguments do not match the occurrences of {}.',
    ],
    ["States.Format('{a}', 1)", "Invalid template in States.Format: matching '}' not found for '{'."],
    ["States.Format('}')", "Invalid template in States.Format: matching '{' not found for '}'."],
  ])('%s', (text, reason) => {
    const expected = `States.IntrinsicFailure: The function '${text}' had the following error: ${reason}`;
    if (reason === null) expect(call(text)).not.toContain('States.IntrinsicFailure');
    else expect(call(text)).toBe(expected);
  });
});

it('bounds the texts that it takes and makes', () => {
  const long = `'${'x'.repeat(10_001)}'`;
  expect(call(`States.Base64Encode(${long})`)).toContain('Expected at most 10000 characters, but there are 10001.');
  const many = Array.from({ length: 120 }, () => `States.Format(${long})`).join(', ');
  expect(call(`States.Format('${'{}'.repeat(120)}', ${many})`)).toContain(
    'Expected a result of at most 1048576 characters.',
  );
});

describe('refused calls', () => {
  const nested = (depth: number): string => `${'States.Array('.repeat(depth)}${')'.repeat(depth)}`;
  test.each([
    ['States.Nope()', "Expected '$' or an intrinsic function (States.Array, "],
    ['states.Array()', "Expected '$' or an intrinsic function"],
    ['States.Array', "Expected '(' at character 13"],
    ['States.Array(1', "Expected ',' or ')' at character 15"],
    [
      'States.Array(1,)',
      "Expected a path, a text in single quotes, a number, true, false, null or 'States.' at character 16",
    ],
    ['States.Array("a")', 'Expected a path, a text in single quotes'],
    ['States.Array(01)', 'Expected a path, a text in single quotes'],
    ['States.Array(1) x', 'Expected the end of the call at character 16'],
    ['States.UUID(1)', 'Expected 0 arguments for States.UUID, not 1, at character 15'],
    ['States.Format()', 'Expected at least 1 argument for States.Format, not 0,'],
    ['States.MathRandom(1)', 'Expected 2 to 3 arguments for States.MathRandom, not 1,'],
    ['States.StringToJson(\'{"a":"\\""}\')', "with no escapes but \\' \\{ \\} and \\\\,"],
    ["States.Format('a)", 'Expected a text in single quotes that is closed'],
    ['States.Array($.a[)', 'Expected a quoted name, an index'],
    [nested(11), 'Expected at most 10 nested calls'],
  ])('%s', (text, message) => {
    expect(() => compileIntrinsic(text)).toThrow(message);
    expect(() => compileIntrinsic(text)).toThrow(ExpressionSyntaxError);
  });

  it('allows ten nested calls', () => {
    expect(call(nested(10))).toBe('[[[[[[[[[[]]]]]]]]]]');
  });

  it('never fail on any text but with an ExpressionSyntaxError', () => {
    const part = fc.constantFrom(
      'States.Array(',
      'States.Format(',
      ')',
      ',',
      "'",
      '\\',
      '{}',
      '$.a',
      '$',
      '1',
      '-',
      'true',
      ' ',
      '[',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 10 }), (parts) => {
        try {
          const { evaluate } = compileIntrinsic(`States.Array(${parts.join('')}`);
          outcome(() => evaluate(scope));
        } catch (fault) {
          expect(fault).toBeInstanceOf(ExpressionSyntaxError);
        }
      }),
      { numRuns: 5000 },
    );
  });
});
