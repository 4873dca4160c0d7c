import fc from 'fast-check';

/** Data of distributed Maps for property tests and fuzzing. */

/** Cuts bytes into pieces anywhere, also within a character. */
export async function* piecesOf(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (let i = 0; at < bytes.length; i++) {
    const size = Math.max(1, sizes.length === 0 ? bytes.length : (sizes[i % sizes.length] ?? 1));
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

/** Sizes of the pieces in which a file arrives. */
export const pieceSizes: fc.Arbitrary<readonly number[]> = fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 6 });

/** Any JSON document, with white space in places where JSON allows it. */
export const jsonDocument = (value: fc.Arbitrary<unknown> = fc.jsonValue({ maxDepth: 4 })): fc.Arbitrary<string> =>
  fc
    .tuple(value, fc.constantFrom('', ' ', '\n\t', '\r\n  '))
    .map(([json, blank]) => blank + JSON.stringify(json, null, blank) + blank);

/** An array of any JSON as text. */
export const jsonArrayDocument: fc.Arbitrary<string> = jsonDocument(fc.array(fc.jsonValue({ maxDepth: 3 })));

/** A number as its author may write it, with digits that a double does not have. */
export const numberText: fc.Arbitrary<string> = fc.oneof(
  fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }).map(String),
  fc.tuple(fc.nat(), fc.stringMatching(/^\d{1,30}$/)).map(([whole, fraction]) => `${whole}.${fraction}`),
  fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: -300, max: 300 })).map(([m, e]) => `${m}E${e}`),
);

const csvCharacter = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('a', 'b', 'é', '漢', '😀', ' ', '0', '{', '\0') },
  { weight: 2, arbitrary: fc.constantFrom(',', '|', '"', '\\', '\n', '\r', '\r\n', ';', '\t') },
);

/** Text made of what delimited files are made of, well formed or not. */
export const csvText: fc.Arbitrary<string> = fc.array(csvCharacter, { maxLength: 60 }).map((parts) => parts.join(''));

/** Bytes of a delimited file: its characters, a byte order mark, packed formats' beginnings, or anything at all. */
export const csvBytes: fc.Arbitrary<Uint8Array> = fc.oneof(
  { weight: 4, arbitrary: csvText.map((text) => Buffer.from(text)) },
  { weight: 1, arbitrary: csvText.map((text) => Buffer.from(`\ufeff${text}`)) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 80 }) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom([0x1f, 0x8b, 8, 0], [0x28, 0xb5, 0x2f, 0xfd]), fc.uint8Array({ maxLength: 40 }))
      .map(([magic, rest]) => Buffer.from([...magic, ...rest])),
  },
);

export interface CsvTable {
  readonly headers: readonly string[];
  /** Each as long as the headers. */
  readonly rows: readonly (readonly string[])[];
  readonly delimiter: string;
  readonly lineEnd: string;
}

const cell = fc.string({ unit: csvCharacter, maxLength: 8 });

/** A table and its form; `csvOfTable` writes it. */
export const csvTable: fc.Arbitrary<CsvTable> = fc.uniqueArray(cell, { minLength: 1, maxLength: 5 }).chain((headers) =>
  fc.record({
    headers: fc.constant(headers),
    rows: fc.array(fc.array(cell, { minLength: headers.length, maxLength: headers.length }), { maxLength: 8 }),
    delimiter: fc.constantFrom(',', '|', ';', ' ', '\t'),
    lineEnd: fc.constantFrom('\n', '\r\n', '\r'),
  }),
);

/** The table as text: every cell in quotes, quotes and backslashes doubled. */
export function csvOfTable({ headers, rows, delimiter, lineEnd }: CsvTable): string {
  const line = (cells: readonly string[]): string =>
    cells.map((text) => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '""')}"`).join(delimiter) + lineEnd;
  return [headers, ...rows].map(line).join('');
}
