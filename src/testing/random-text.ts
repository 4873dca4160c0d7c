import fc from 'fast-check';

/** Strings of JSON objects that programs mistake for something else, and numbers at the edges. */
const ODD_NAMES = [
  '__proto__',
  'constructor',
  'length',
  'toString',
  '',
  ' ',
  '0',
  '-1',
  'a.b',
  "it's",
  '"',
  '\\',
  'ß',
  '😀',
];
const ODD_NUMBERS = [
  '0',
  '-0',
  '1e400',
  '-1E-400',
  '1.50',
  '12345678901234567890',
  '9007199254740993',
  '0.1',
  '2147483648',
  '1e2',
];
const ODD_TEXTS = [
  '',
  'true',
  '1',
  '1.0',
  '[1]',
  '{"a":1}',
  '2026-01-01T00:00:00Z',
  'a'.repeat(300),
  '\u0000',
  '\ud800',
  'États',
];

export const oddName: fc.Arbitrary<string> = fc.oneof(
  { arbitrary: fc.constantFrom('a', 'b', 'c', 'name', 'items'), weight: 5 },
  { arbitrary: fc.constantFrom(...ODD_NAMES), weight: 2 },
  { arbitrary: fc.string({ maxLength: 8 }), weight: 1 },
);

/** Any JSON text, with white space, repeated members and numbers that no float can hold. */
export const jsonText: fc.Arbitrary<string> = fc.letrec<{ value: string }>((tie) => {
  const blank = fc.constantFrom('', '', '', ' ', '\n\t');
  const scalar = fc.oneof(
    fc.constantFrom('null', 'true', 'false', ...ODD_NUMBERS),
    fc
      .oneof(fc.constantFrom(...ODD_TEXTS), fc.string({ unit: 'binary', maxLength: 12 }))
      .map((text) => JSON.stringify(text)),
    fc.integer().map(String),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => JSON.stringify(number)),
  );
  const list = fc
    .tuple(fc.array(tie('value'), { maxLength: 5 }), blank)
    .map(([items, gap]) => `[${items.join(`,${gap}`)}${gap}]`);
  const object = fc
    .tuple(fc.array(fc.tuple(oddName, tie('value')), { maxLength: 5 }), blank)
    .map(
      ([members, gap]) =>
        `{${members.map(([name, value]) => `${gap}${JSON.stringify(name)}${gap}:${value}`).join(',')}${gap}}`,
    );
  return { value: fc.oneof({ maxDepth: 5, depthSize: 'small' }, { arbitrary: scalar, weight: 3 }, list, object) };
}).value;

type Edit = readonly [kind: number, at: number, length: number, piece: string];

/** The text with up to four places cut, doubled, moved, or filled with one of `pieces` or any letters. */
export function mutated(text: fc.Arbitrary<string>, pieces: readonly string[]): fc.Arbitrary<string> {
  const piece = fc.oneof(
    { arbitrary: fc.constantFrom(...pieces), weight: 4 },
    fc.string({ unit: 'binary', maxLength: 4 }),
  );
  const edit = fc.tuple(fc.nat({ max: 3 }), fc.nat({ max: 1_000_000 }), fc.nat({ max: 12 }), piece);
  return fc.tuple(text, fc.array(edit, { maxLength: 4 })).map(([before, edits]) => edits.reduce(edited, before));
}

function edited(text: string, [kind, place, length, piece]: Edit): string {
  const at = place % (text.length + 1);
  const head = text.slice(0, at);
  switch (kind) {
    case 0:
      return head + piece + text.slice(at);
    case 1:
      return head + text.slice(at + length);
    case 2:
      return head + text.slice(at, at + length) + text.slice(at);
    default:
      return head + piece + text.slice(at + length);
  }
}
