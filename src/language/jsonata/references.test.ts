import { expect, it } from 'vitest';
import { compileJsonata } from './index.js';

it.each([
  ['1', [], []],
  ['$a + $b - $a', ['a', 'b'], []],
  ['$states.input.a & $states.context.b', [], ['input', 'context']],
  ['$states', [], []],
  ['$states.*', [], []],
  ['$states[0].input', [], ['input']],
  ['$sum($list)', ['list'], []],
  ['$unknown(1) + $partition($x, 2)', ['x'], []],
  ['$f ~> $g', ['f', 'g'], []],
  ['$x := 5', [], []],
  ['$x := $x + 1', ['x'], []],
  ['($x := 1; $x + $y)', ['y'], []],
  ['($x; $x := 1; $x)', ['x'], []],
  ['(($x := 1); $x)', ['x'], []],
  ['[($x := 1; $x), $x]', ['x'], []],
  ['function($p) { $p + $q }', ['q'], []],
  ['($f := function($n) { $n = 0 ? 1 : $f($n - 1) }; $f(3))', [], []],
  ['($f := function() { $g() + $h }; $g := function() { 1 }; $h := 2; $f())', [], []],
  ['$map($items, function($v, $i) { $v + $i + $offset })', ['items', 'offset'], []],
  ['$list@$l.$other@$o[$l.id = $o.id].{"l": $l}', ['list', 'other'], []],
  ['$list#$i[$i > 0].{"i": $i}', ['list'], []],
  ['$list[0].x^(>$key, $other).{"a": $value}', ['list', 'key', 'other', 'value'], []],
  ['$list{name: $v}', ['list', 'v'], []],
  ['$obj ~> |$.a|{"b": $c}, $d|', ['obj', 'c', 'd'], []],
  ['$list[$states.result.i].(a; b)', ['list'], ['result']],
  ['$a ? $b : $c', ['a', 'b', 'c'], []],
  ['$f(?, $a)(1)', ['a'], []],
  ['-$a', ['a'], []],
  ['{$a: $b}', ['a', 'b'], []],
  ['$states.errorOutput.Error = "x" ? $states.errorOutput.Cause', [], ['errorOutput']],
  ['($states := 1; $states)', [], []],
])('%s takes variables %j and fields %j', (expression, variables, statesFields) => {
  const compiled = compileJsonata(expression);
  expect(compiled.variables).toEqual(variables);
  expect(compiled.statesFields).toEqual(statesFields);
});

it.each([
  ['phone', "Reference to 'phone' at the top level is not supported."],
  ['phone.number', "Reference to 'phone' at the top level is not supported."],
  ['states.input', "Reference to 'states' at the top level is not supported."],
  ['`a b`', "Reference to 'a b' at the top level is not supported."],
  ['1 + price', "Reference to 'price' at the top level is not supported."],
  ['$sum(items.price)', "Reference to 'items' at the top level is not supported."],
  ['{"a": name}', "Reference to 'name' at the top level is not supported."],
  ['[name]', "Reference to 'name' at the top level is not supported."],
  ['(name)', "Reference to 'name' at the top level is not supported."],
  ['sum([1])', "Reference to 'sum' at the top level is not supported."],
  ['function($x) { name }', "Reference to 'name' at the top level is not supported."],
  ['name{"a": 1}', "Reference to 'name' at the top level is not supported."],
  ['$', "Reference to '$' at the top level is not supported."],
  ['$.name', "Reference to '$' at the top level is not supported."],
  ['$ ~> $string', "Reference to '$' at the top level is not supported."],
  ['$$', "Reference to '$$' is not supported."],
  ['$$.name', "Reference to '$$' is not supported."],
  ['$states.input[$$.a = 1]', "Reference to '$$' is not supported."],
])('%s is refused', (expression, message) => {
  expect(() => compileJsonata(expression)).toThrow(
    expect.objectContaining({ code: 'UNSUPPORTED_JSONATA_EXPRESSION', message }),
  );
});

it.each([
  '$states.input.phone.number',
  '$states.input.phone[number = 1 and $.type = "x"]',
  '$states.input^(name)',
  '$states.input{name: $.price}',
  '$states.input.{"a": name}',
  '$states.input.[name, $]',
  '$states.input.(name; $)',
  '$states.input.$sum(price)',
  '$states.input.function($x) { name }(1)',
  '{"a": 1}.a',
  '[1, 2].$',
  '$states.input ~> |name|{"a": b}|',
])('%s is accepted', (expression) => {
  expect(compileJsonata(expression).text).toBe(expression);
});
