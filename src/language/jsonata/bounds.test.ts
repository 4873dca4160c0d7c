import { expect, it } from 'vitest';
import { compileJsonata, type JsonataOutcome, JsonataSyntaxFault } from './index.js';
import { scopeOf } from './test-scope.js';

const STACK =
  'Stack overflow error: Check for non-terminating recursive function.  Consider rewriting as tail-recursive. Depth=101 max=100';
const WORK = 'Expression evaluation timeout: Check for infinite loop';
const MEMORY = 'Expression evaluation memory limit exceeded';

/** Every text that could take time or memory without end ends with a fault, soon. */
const BOMBS: readonly (readonly [expression: string, fault: string])[] = [
  // recursion and loops
  ['($f := function($n) { 1 + $f($n + 1) }; $f(0))', STACK],
  ['($f := function($n) { $f($n + 1) }; $f(0))', WORK],
  ['($f := function() { $g() }; $g := function() { $f() }; $f())', WORK],
  ['(λ($x) { $x($x) }(λ($x) { $x($x) }))', STACK],
  ['$map([1..800000], function($x) { $map([1..800000], function($y) { $y }) })', WORK],
  [`${'1 + '.repeat(150)}1`, STACK],
  [`${'('.repeat(120)}1${')'.repeat(120)}`, STACK],
  // ranges and sequences
  ['[1..100000000]', expect.stringMatching(/^D2014: /) as unknown as string],
  ['[1..10000000]', MEMORY],
  ['($a := [1..10000000]; $b := [1..10000000]; $count($a) + $count($b))', WORK],
  ['$range(1, 100000000, 1)', MEMORY],
  ['[1..5000000].$', MEMORY],
  ['$map([1..1000000], function($x) { $x })', MEMORY],
  ['($r := [1..2000]; $r.($r))', MEMORY],
  ['$zip([1..8000000], [1..8000000])', WORK],
  ['($d := function($a) { $append($a, $a) }; $reduce([1..40], function($a, $b) { $d($a) }, [1, 2]))', WORK],
  ['($f := function($a) { $f($append($a, $a)) }; $f([1]))', WORK],
  ['$reduce([1..100], function($a, $b) { [$a, $a] }, [1])', WORK],
  // texts
  ['$pad("x", 1000000000)', MEMORY],
  ['$pad("x", -1000000000, "ab")', MEMORY],
  ['$join($map([1..100000], function() { $pad("x", 100) }))', MEMORY],
  ['$join($split($pad("", 3000), ""), $pad("", 3000))', MEMORY],
  ['($f := function($s) { $f($s & $s) }; $f("ab"))', MEMORY],
  ['$reduce([1..100], function($s, $b) { $replace($s, "a", "aa") }, "a")', MEMORY],
  ['$replace($pad("", 3000, "a"), /a/, $pad("", 6000, "$0"))', MEMORY],
  ['$split($pad("", 6000000), "")', MEMORY],
  ['$map([1..1000], function() { $pad("x", 6000000) })', WORK],
  ['$uppercase($pad("", 6000000, "ß"))', MEMORY],
  ['$encodeUrlComponent($pad("", 3000000, "ä"))', MEMORY],
  ['$fromMillis(0, "[Y,1000000000]")', MEMORY],
  ['$formatInteger(1e300, "I")', MEMORY],
  ['$formatInteger(1/0, "A")', 'D1001: Number out of range: null'],
  ['$formatNumber(1/0, "0e0")', 'D1001: Number out of range: null'],
  ['$formatNumber(1, $pad("", 5000, "0"))', MEMORY],
  ['$formatInteger(1, $pad("", 5000, "0"))', MEMORY],
  // values that hold themselves many times
  ['$string($reduce([1..60], function($a, $b) { {"a": $a, "b": $a} }, 1))', MEMORY],
  ['$reduce([1..60], function($a, $b) { {"a": $a, "b": $a} }, 1)', MEMORY],
  [
    '($d := $reduce([1..60], function($a, $b) { {"a": $a, "b": $a} }, 1); $d = $reduce([1..60], function($a, $b) { {"a": $a, "b": $a} }, 1))',
    WORK,
  ],
  ['$count($reduce([1..60], function($a, $b) { {"a": $a, "b": $a} }, 1).**)', MEMORY],
  ['$boolean($reduce([1..60], function($a, $b) { [[$a], [$a]] }, 0))', WORK],
  ['$clone($reduce([1..60], function($a, $b) { {"a": $a, "b": $a} }, 1))', WORK],
  ['-$reduce([1..60], function($a, $b) { {"a": $a, "b": $a} }, 1)', 'D1002: Cannot negate a non-numeric value: {…}'],
  [
    '$reduce([1..3000], function($a, $b) { {"a": $a} }, 1)',
    'Document nesting depth exceeds the maximum allowed (1000)',
  ],
  [
    '$string($reduce([1..3000], function($a, $b) { {"a": $a} }, 1), true)',
    'Document nesting depth exceeds the maximum allowed (1000)',
  ],
  ['$boolean($reduce([1..100000], function($a, $b) { [[$a]] }, 0))', STACK],
  // searching and sorting
  ['$sort([1..2000000], function($a, $b) { $a < $b })', WORK],
  ['$distinct([1..800000].{"a": $})', WORK],
  ['$split($pad("", 300000, "a"), /a(.*b)?/)', WORK],
  // signatures are regular expressions
  [
    `(λ(${Array.from({ length: 25 }, (_, i) => `$${String.fromCharCode(97 + i)}`).join(', ')})<${'a+'.repeat(25)}f> { 1 })(${Array(60).fill('1').join(', ')})`,
    expect.stringMatching(/^T0410: /) as unknown as string,
  ],
];

it.each(BOMBS)('%s', (expression, message) => {
  const startedAt = process.cpuUsage();
  const outcome = compileJsonata(expression).evaluate(scopeOf());
  const { user, system } = process.cpuUsage(startedAt);
  expect(outcome).toEqual({ type: 'fault', message });
  expect((user + system) / 1000).toBeLessThan(CPU_MS_MAX);
});

/** Alone they take at most a second; two cores may be shared with other tests. */
const CPU_MS_MAX = 6000;

it('does not count on integers that do not grow by one', () => {
  const outcome = compileJsonata('[1e300..1e300]').evaluate(scopeOf());
  expect(outcome).toEqual({ type: 'value', value: [1e300] });
  const last = compileJsonata('[9007199254740990..9007199254740992]').evaluate(scopeOf());
  expect(last).toEqual({ type: 'value', value: [9007199254740990, 9007199254740991, 9007199254740992] });
});

it.each([
  ['$contains($pad("", 30000, "a"), /^(a+)+$/)', { type: 'value', value: true }],
  ['$contains($pad("", 30000, "a") & "!", /^(a+)+$/)', { type: 'value', value: false }],
  ['$contains($pad("", 30000, "a") & "!", /(a|a)*(a|aa)*$x/)', { type: 'value', value: false }],
  ['$count($split($pad("", 200000, "word, "), /\\s*,\\s*/))', { type: 'value', value: 33_334 }],
  ['$length($replace($pad("", 200000, "ab"), /a/, "xyz"))', { type: 'value', value: 400_000 }],
] satisfies [string, JsonataOutcome][])('matches in linear time: %s', (expression, outcome) => {
  const startedAt = process.cpuUsage();
  expect(compileJsonata(expression).evaluate(scopeOf())).toEqual(outcome);
  expect(process.cpuUsage(startedAt).user / 1000).toBeLessThan(CPU_MS_MAX);
});

it('has the same bound on every run', () => {
  const compiled = compileJsonata('$map([1..100000], function($x) { $x * $random() })');
  let calls = 0;
  const counting = { ...scopeOf(), random: () => calls++ };
  const loop = compileJsonata('($f := function($n) { $f($random()) }; $f(0))');
  expect(compiled.evaluate(scopeOf()).type).toBe('value');
  loop.evaluate(counting);
  const first = calls;
  calls = 0;
  loop.evaluate(counting);
  expect(calls).toBe(first);
  expect(first).toBeGreaterThan(300_000);
});

it('gives every evaluation work of its own, also one inside another', () => {
  const inner = compileJsonata('$sum([1..1000000])');
  const outer = compileJsonata('$sum([1..1000000]) + $v');
  const scope = {
    ...scopeOf(),
    variable: () => {
      const outcome = inner.evaluate(scopeOf());
      return outcome.type === 'value' ? outcome.value : undefined;
    },
  };
  expect(outer.evaluate(scope)).toEqual({ type: 'value', value: 1_000_001_000_000 });
});

it.each([
  ['('.repeat(100_000), 'Expected at most 500 expressions within each other'],
  [`${'1+'.repeat(100_000)}1`, 'Expected at most 500 expressions within each other'],
  [`${'['.repeat(100_000)}`, 'Expected at most 500 expressions within each other'],
  [`$states.input${'.a'.repeat(100_000)}`, 'Expected at most 500 expressions within each other'],
  [`${'-'.repeat(100_000)}1`, 'Expected at most 500 expressions within each other'],
  [`(λ($a)<(a](n+n+)+y[)> { 1 })(1)`, expect.stringMatching(/^S0402: /)],
])('a text nested too deeply is no expression', (text, message) => {
  expect(() => compileJsonata(text)).toThrow(JsonataSyntaxFault);
  expect(() => compileJsonata(text)).toThrow(expect.objectContaining({ message }));
});

/** Found by fuzzing: between two characters the search never came to its end. */
it.each([
  ['$reduce("0.5", /(a)|b/i, true)', 'nothing'],
  ['/b/("ab", 0.5)', '{"match":"b","start":1,"end":2,"groups":[]}'],
  ['/b/("ab", "1")', '{"match":"b","start":1,"end":2,"groups":[]}'],
  ['/b/("ab", -1)', '{"match":"b","start":1,"end":2,"groups":[]}'],
  ['/b/("ab", {})', '{"match":"b","start":1,"end":2,"groups":[]}'],
  ['/b/("ab", 7)', 'nothing'],
])('a regular expression that is called begins at a whole number: %s', (expression, expected) => {
  const call = expression.startsWith('/') ? `$sift(${expression}, function($v, $k) { $k != "next" })` : expression;
  const outcome = compileJsonata(`{% ${call} %}`).evaluate(scopeOf({}));
  expect(outcome.type === 'value' ? JSON.stringify(outcome.value) : outcome.type).toBe(expected);
});
