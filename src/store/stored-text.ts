/**
 * Throws RangeError for text that SQLite would give back altered: it ends texts at a NUL character and replaces lone surrogates.
 * JSON text never has a NUL; every store refuses both, so that what was acknowledged is what is read.
 */
export function assertStorable(text: string): void {
  if (text.includes('\0')) {
    throw new RangeError(`Expected text without NUL characters, but there is one at offset ${text.indexOf('\0')}.`);
  }
  if (LONE_SURROGATE.test(text)) {
    throw new RangeError(
      `Expected well-formed Unicode text, but there is a lone surrogate at offset ${text.search(LONE_SURROGATE)}.`,
    );
  }
}

const LONE_SURROGATE = /\p{Surrogate}/u;
