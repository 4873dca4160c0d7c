/** The least text, by UTF-8 bytes, that is greater than every text with this prefix; null when there is none. */
export function prefixEnd(prefix: string): string | null {
  const points = Array.from(prefix, (character) => character.codePointAt(0) ?? 0);
  for (let last = points.pop(); last !== undefined; last = points.pop()) {
    if (last === CODE_POINT_MAX) continue;
    const next = last + 1 === SURROGATES_START ? SURROGATES_END : last + 1;
    return String.fromCodePoint(...points, next);
  }
  return null;
}

const CODE_POINT_MAX = 0x10ffff;
const SURROGATES_START = 0xd800;
const SURROGATES_END = 0xe000;
