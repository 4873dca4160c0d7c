import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { PATHS_CACHED_MAX } from '../../limits.js';
import { compilePath, isReferencePath } from './index.js';
import { ExpressionSyntaxError } from './syntax-error.js';
import { outcome, testScope } from './test-scope.js';

const STORE = JSON.stringify({
  book: [
    { category: 'reference', title: 'Sayings', price: 8.95 },
    { category: 'fiction', title: 'Sword', price: 12.99, tags: ['war', 'love'] },
    { category: 'fiction', title: 'Moby Dick', isbn: '0-553', price: 8.99, tags: [] },
    { category: 'fiction', title: 'Rings', isbn: null, price: 22.99 },
  ],
  bicycle: { color: 'red', price: 19.95, 'odd name': 1, "it's": 2, '@type': 'bike' },
  limit: 10,
  empty: [],
  nothing: null,
}).replace('{', '{"10":{"2":"two","1":"one"},');

const titles = (...names: readonly string[]): string => JSON.stringify(names);

describe('a path finds', () => {
  test.each([
    // names
    ['$.bicycle.color', '"red"'],
    ["$['bicycle']['color']", '"red"'],
    ['$["bicycle"]["color"]', '"red"'],
    ["$.bicycle[ 'odd name' ]", '1'],
    ["$.bicycle['it\\'s']", '2'],
    ['$.bicycle.@type', '"bike"'],
    ['$.10.2', '"two"'],
    ['$.nothing', 'null'],
    ["$.bicycle['color','price']", '{"color":"red","price":19.95}'],
    ["$.bicycle['price','none']", '{"price":19.95}'],
    ["$['bicycle','none'].color", '["red"]'],
    // indexes
    ['$.book[0].title', '"Sayings"'],
    ['$.book[-1].title', '"Rings"'],
    ['$.book[0,2].title', titles('Sayings', 'Moby Dick')],
    ['$.book[0,9].title', titles('Sayings')],
    // slices
    ['$.book[2:].title', titles('Moby Dick', 'Rings')],
    ['$.book[:1].title', titles('Sayings')],
    ['$.book[1:3].title', titles('Sword', 'Moby Dick')],
    ['$.book[-1:].title', titles('Rings')],
    ['$.book[:-3].title', titles('Sayings')],
    ['$.book[-3:-1].title', titles('Sword', 'Moby Dick')],
    ['$.book[-9:].title', titles('Sayings', 'Sword', 'Moby Dick', 'Rings')],
    ['$.book[7:].title', '[]'],
    ['$.book[1:-1].title', '[]'],
    // wildcards
    ['$.book[*].isbn', '["0-553",null]'],
    ['$.10.*', '["two","one"]'],
    ['$.limit[*]', '[]'],
    ['$.empty[*]', '[]'],
    // what is missing gives an empty array
    ['$.none[*]', '[]'],
    ['$.none.items[1:5].value', '[]'],
    ['$.none[?(@.x)]', '[]'],
    ['$.nothing[:1]', '[]'],
    // every depth
    ['$..price', '[8.95,12.99,8.99,22.99,19.95]'],
    ['$..book[0].title', titles('Sayings')],
    ['$..tags[*]', '["war","love"]'],
    ["$..['color','@type']", '[{"color":"red","@type":"bike"}]'],
    ['$.book..isbn', '["0-553",null]'],
    ['$..none', '[]'],
    ['$.10..*', '["two","one"]'],
    // functions
    ['$.book.length()', '4'],
    ['$.bicycle.size()', '5'],
    ['$.10.keys()', '["2","1"]'],
    ['$..price.max()', '22.99'],
    ['$..price.length()', '5'],
    ['$.book[*].tags.length()', '[2,0]'],
    ['$.book[1].tags.first()', '"war"'],
    ['$.book[1].tags.last()', '"love"'],
  ])('%s → %s', (path, found) => {
    expect(outcome(() => compilePath(path).evaluate(testScope(STORE)))).toBe(found);
  });

  test.each([
    ['$.n.sum()', '10'],
    ['$.n.avg()', '2.5'],
    ['$.n.min()', '1'],
    ['$.n.stddev()', '1.118033988749895'],
    ['$..n[0]', '[1]'],
  ])('%s → %s', (path, found) => {
    expect(outcome(() => compilePath(path).evaluate(testScope('{"n":[1,2,3,4,"x"]}')))).toBe(found);
  });
});

describe('a filter accepts', () => {
  test.each([
    ['@.price > 10', titles('Sword', 'Rings')],
    ['@.price >= 8.99 && @.price < 20', titles('Sword', 'Moby Dick')],
    ['@.price<9||@.price>20', titles('Sayings', 'Moby Dick', 'Rings')],
    ["@.category == 'reference' || @.price > 10 && @.price < 15", titles('Sayings', 'Sword')],
    ["(@.category == 'reference' || @.price > 10) && @.price < 15", titles('Sayings', 'Sword')],
    ["!(@.category == 'fiction')", titles('Sayings')],
    ["@.category != 'fiction'", titles('Sayings')],
    ['@[\'category\'] == "reference"', titles('Sayings')],
    ['@.isbn', titles('Moby Dick', 'Rings')],
    ['!@.isbn', titles('Sayings', 'Sword')],
    ['@.isbn == null', titles('Rings')],
    ['@.none != 1', titles('Sayings', 'Sword', 'Moby Dick', 'Rings')],
    ['@.none < 1', '[]'],
    ['@.price > $.limit', titles('Sword', 'Rings')],
    ["@.title in ['Rings', 'Sword', 3]", titles('Sword', 'Rings')],
    ["@.title nin ['Rings', 'Sword']", titles('Sayings', 'Moby Dick')],
    ["@.tags contains 'love'", titles('Sword')],
    ["@.title contains 'by D'", titles('Moby Dick')],
    ['@.tags size 2', titles('Sword')],
    ['@.tags empty true', titles('Moby Dick')],
    ["@.tags subsetof ['war', 'love', 'sea']", titles('Sword', 'Moby Dick')],
    ["@.tags anyof ['war']", titles('Sword')],
    ["@.tags noneof ['war']", titles('Moby Dick')],
    ['@.tags[*]', titles('Sword')],
    ["@.tags[?(@ == 'war')]", titles('Sword')],
    ["@.price == '8.95'", titles('Sayings')],
    ["@.price === '8.95'", '[]'],
    ["@.price !== '8.95'", titles('Sayings', 'Sword', 'Moby Dick', 'Rings')],
    ["@.title == 'M\\u006fby Dick'", titles('Moby Dick')],
    ['@.tags.length() > 1', titles('Sword')],
    ['true == true', titles('Sayings', 'Sword', 'Moby Dick', 'Rings')],
  ])('%s', (filter, found) => {
    expect(outcome(() => compilePath(`$.book[?(${filter})].title`).evaluate(testScope(STORE)))).toBe(found);
  });

  it('an object as a whole', () => {
    expect(outcome(() => compilePath("$.bicycle[?(@.color == 'red')].price").evaluate(testScope(STORE)))).toBe(
      '[19.95]',
    );
  });
});

describe('a path that leads nowhere', () => {
  const provider =
    "This is not a json object according to the JsonProvider: 'com.jayway.jsonpath.spi.json.JacksonJsonProvider'.";
  test.each([
    ['$.NoSuchInputPath', "Invalid path '$.NoSuchInputPath' : No results for path: $['NoSuchInputPath']"],
    ['$.no.such.result.path', "Invalid path '$.no.such.result.path' : Missing property in path $['no']"],
    ['$.bicycle.none.x', "Invalid path '$.bicycle.none.x' : Missing property in path $['bicycle']['none']"],
    ['$.bicycle.none', "Invalid path '$.bicycle.none' : No results for path: $['bicycle']['none']"],
    ['$.book[9]', "Invalid path '$.book[9]' : No results for path: $['book'][9]"],
    ['$.limit[0]', "Invalid path '$.limit[0]' : Filter: [0] can only be applied to arrays. Current context is: 10"],
    ['$.nothing[0]', "Invalid path '$.nothing[0]' : The path $['nothing'] is null"],
    [
      '$.limit.x',
      `Invalid path '$.limit.x' : Expected to find an object with property ['x'] in path $['limit'] but found 'java.lang.Integer'. ${provider}`,
    ],
    ['$.limit.length()', "Invalid path '$.limit.length()' : No results for path: $['limit'].length()"],
    ['$$.Task.Token', "Invalid path '$$.Task.Token' : Missing property in path $['Task']"],
    ['$x', "Invalid path '$x' : The variable 'x' is not assigned"],
    ['$y.z', "Invalid path '$y.z' : No results for path: $['z']"],
  ])('%s', (path, cause) => {
    const scope = testScope(STORE, { variables: { y: {} } });
    expect(outcome(() => compilePath(path).evaluate(scope))).toBe(`States.Runtime: ${cause}`);
    expect(outcome(() => compilePath(path).find(scope))).toBe('nothing');
  });

  it('has a cause of its own where the input is null', () => {
    expect(outcome(() => compilePath('$.a').evaluate(testScope('null')))).toBe(
      'States.Runtime: Unable to apply Path transformation to null or empty input.',
    );
  });

  it('never finds what every object inherits', () => {
    expect(outcome(() => compilePath('$.constructor').find(testScope('{}')))).toBe('nothing');
    expect(outcome(() => compilePath('$..toString').find(testScope('{"a":{}}')))).toBe('[]');
  });
});

describe('roots', () => {
  const scope = testScope('{"a":1}', { context: '{"Task":{"Token":"t"}}', variables: { größe: { b: [5] }, _x1: 7 } });
  test.each([
    ['$', '{"a":1}'],
    ['$$', '{"Task":{"Token":"t"}}'],
    ['$$.Task.Token', '"t"'],
    ['$größe.b[0]', '5'],
    ['$_x1', '7'],
  ])('%s → %s', (path, found) => {
    expect(outcome(() => compilePath(path).evaluate(scope))).toBe(found);
  });

  it('names the variable that it refers to', () => {
    expect(compilePath('$größe.b[0]').variables).toEqual(['größe']);
    expect(compilePath('$.a').variables).toEqual([]);
  });

  it('knows the path that passes everything', () => {
    expect(['$', '$$', '$.a'].map((path) => compilePath(path).isIdentity)).toEqual([true, false, false]);
  });
});

describe('refused paths', () => {
  test.each([
    ['', 'Expected \'$\' at character 1 of "", but it ends there.'],
    ['a.b', "Expected '$' at character 1 of \"a.b\", but found 'a'."],
    [
      '$.',
      "Expected a name, '*' or, for names with other characters, the notation ['name'], at character 3 of \"$.\", but it ends there.",
    ],
    [
      '$..',
      "Expected a name, '*' or, for names with other characters, the notation ['name'], at character 4 of \"$..\", but it ends there.",
    ],
    ['$.a b', "Expected '.', '[' or the end of the path at character 4 of \"$.a b\", but found ' '."],
    ['$.a[0]]', "Expected '.', '[' or the end of the path at character 7 of \"$.a[0]]\", but found ']'."],
    ['$.a[', "Expected a quoted name, an index, a slice, '*' or '?(' at character 5 of \"$.a[\", but it ends there."],
    ["$['a", "Expected a quoted name that is closed at character 3 of \"$['a\", but found '''."],
    ['$[1:2:3]', "Expected ']', since slices have no third part, at character 6 of \"$[1:2:3]\", but found ':'."],
    ['$[:]', 'Expected a start or an end of the slice at character 4 of "$[:]", but found \']\'.'],
    [
      '$.a.concat("x")',
      'Expected one of the functions length, size, keys, first, last, min, max, sum, avg, stddev, not \'concat\', at character 12 of "$.a.concat("x")", but found \'"\'.',
    ],
    [
      '$.a.length().b',
      "Expected '.', '[' or the end of the path at character 13 of \"$.a.length().b\", but found '.'.",
    ],
    [
      '$..length()',
      "Expected a name, '*' or '[' after '..', not a function, at character 12 of \"$..length()\", but it ends there.",
    ],
    [
      '$[?(@.a =~ /x/)]',
      "Expected one of the operators == != === !== < <= > >= in nin subsetof anyof noneof contains size empty, not '=~', at character 9 of \"$[?(@.a =~ /x/)]\", but found '='.",
    ],
    ['$[?(1)]', 'Expected a comparison operator at character 6 of "$[?(1)]", but found \')\'.'],
    [
      '$[?(@.a == $b)]',
      "Expected '.' or '[' (a filter sees only '@' and the document '$') at character 13 of \"$[?(@.a == $b)]\", but found 'b'.",
    ],
    [
      '$[?(@.a == /x/)]',
      "Expected a value (regular expressions are not supported; use '==' or 'in') at character 12 of \"$[?(@.a == /x/)]\", but found '/'.",
    ],
    ['$[?@.a]', "Expected '(' at character 4 of \"$[?@.a]\", but found '@'."],
  ])('%s', (path, message) => {
    expect(() => compilePath(path)).toThrow(new ExpressionSyntaxError(message));
  });

  it('nests to a bound', () => {
    const nested = `$[?(${'('.repeat(10_000)}`;
    expect(() => compilePath(nested)).toThrow('at most 50 levels of nesting');
    expect(() => compilePath(`$${'.a'.repeat(10_000)}`)).toThrow('at most 1000 parts');
  });
});

it('stops a path that multiplies its visits', () => {
  let deep = '1';
  for (let level = 0; level < 12; level++) deep = `[${deep},${deep}]`;
  expect(outcome(() => compilePath('$..*..*..*..*').evaluate(testScope(deep)))).toContain(
    'States.Runtime: The JSONPath visits more than 1000000 values.',
  );
});

test.each([
  ['$', true],
  ["$.a['b'][0]", true],
  ['$$.Execution.Input', true],
  ['$order.items[0]', true],
  ['$.a[*]', false],
  ['$.a[0,1]', false],
  ["$['a','b']", false],
  ['$..a', false],
  ['$.a[1:]', false],
  ['$.a[?(@.b)]', false],
  ['$.a.length()', false],
  ['no path', false],
])('isReferencePath %s is %s', (path, is) => {
  expect(isReferencePath(path)).toBe(is);
});

it('keeps a bounded number of compiled paths', () => {
  const first = compilePath('$.first');
  expect(compilePath('$.first')).toBe(first);
  for (let i = 0; i <= PATHS_CACHED_MAX; i++) compilePath(`$.p${i}`);
  expect(compilePath('$.first')).not.toBe(first);
});

it('never fails on any text but with an ExpressionSyntaxError', () => {
  const part = fc.constantFrom(
    '$',
    '$$',
    '.',
    '..',
    'a',
    '*',
    '[',
    ']',
    "'",
    '"',
    '\\',
    '?(',
    ')',
    '@',
    '==',
    '&&',
    '!',
    '0',
    '-',
    ':',
    ',',
    ' ',
    'é',
    '()',
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
      try {
        const path = compilePath(`$${parts.join('')}`);
        outcome(() => path.evaluate(testScope('{"a":[{"a":1},[2]],"é":null}')));
      } catch (fault) {
        expect(fault).toBeInstanceOf(ExpressionSyntaxError);
      }
    }),
    { numRuns: 5000 },
  );
});
