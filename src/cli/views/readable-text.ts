/** A run of `\uXXXX` with equally many backslashes: one in JSON, two in JSON that stands as a string in JSON, and so on. */
const ESCAPES = /(?<!\\)(\\{1,2}|\\{4})(u[0-9a-fA-F]{4}(?:\1u[0-9a-fA-F]{4})*)/g;

/** What stays escaped: whatever is not seen (controls, half pairs, marks of direction) and everything before U+00A0. */
const UNSEEN = /[\p{C}\p{Z}]/u;
const FIRST_READABLE = 0xa0;

/**
 * JSON text for people: letters that a program has escaped are shown, also in JSON that stands as a string in it. Python's
 * `json.dumps` escapes every letter beyond ASCII. The text stays JSON, and the value it stands for is the same once it is read.
 */
export function readableText(json: string): string {
  return json.replaceAll(ESCAPES, (_, prefix: string, run: string) => {
    const codes = run.split(prefix).map((unit) => Number.parseInt(unit.slice(1), 16));
    return [...String.fromCharCode(...codes)]
      .map((letter) => (isReadable(letter) ? letter : escaped(letter, prefix)))
      .join('');
  });
}

const isReadable = (letter: string): boolean => (letter.codePointAt(0) ?? 0) >= FIRST_READABLE && !UNSEEN.test(letter);

const escaped = (letter: string, prefix: string): string =>
  Array.from(
    { length: letter.length },
    (_, index) => `${prefix}u${letter.charCodeAt(index).toString(16).padStart(4, '0')}`,
  ).join('');
