import { RE2JS } from 're2js';
import { charge } from './bounds.js';
import { EvaluationFault } from './evaluation-fault.js';

/** What the evaluator uses of a match. */
export type RegexMatch = (string | undefined)[] & { index: number };

/** A regular expression is one that this engine cannot match in linear time, or none at all. */
export class RegexFault extends EvaluationFault {}

const UNANCHORED = 0;
/** Starting one match. */
const MATCH_WORK = 200;
/** Reading one character; every instruction of the program may have to look at it. */
const CHARACTER_WORK = 12;

/** A regular expression in linear time, with as much of RegExp as the evaluator uses. Its work is counted. */
export class LinearRegex {
  lastIndex = 0;
  readonly source: string;
  readonly #program: RE2JS;
  readonly #isGlobal: boolean;

  constructor(pattern: string | LinearRegex, flags = '') {
    if (pattern instanceof LinearRegex) {
      this.source = pattern.source;
      this.#program = pattern.#program;
      this.#isGlobal = pattern.#isGlobal;
    } else {
      this.source = pattern;
      this.#program = compileProgram(pattern, flags);
      this.#isGlobal = flags.includes('g');
    }
  }

  /** The same expression from the start of a text, independent of others that match with it. */
  restarted(): LinearRegex {
    return new LinearRegex(this);
  }

  /** The next match from `lastIndex` on, as RegExp.exec. */
  exec(given: unknown): RegexMatch | null {
    const text = typeof given === 'string' ? given : String(given);
    const from = this.#isGlobal ? indexOf(this.lastIndex) : 0;
    const found = from > text.length ? null : this.#find(text, from);
    if (this.#isGlobal) this.lastIndex = found === null ? 0 : (found[1] ?? 0);
    if (found === null) return null;
    const groups = this.#program.groupCount() + 1;
    const match = Array.from({ length: groups }, (_, group) => {
      const start = found[2 * group] ?? -1;
      return start < 0 ? undefined : text.slice(start, found[2 * group + 1]);
    });
    return Object.assign(match, { index: found[0] ?? 0 });
  }

  #find(text: string, from: number): readonly number[] | null {
    const program = this.#program.re2();
    charge(MATCH_WORK);
    const input = new CountedText(text, CHARACTER_WORK + (this.#program.programSize() >> 1));
    return program.executeEngine(input, from, UNANCHORED, 2 * (this.#program.groupCount() + 1));
  }
}

/**
 * Where to begin, as RegExp takes it: an expression that is called as a function (`$reduce(texts, /a/, "0.5")`) gives any
 * value here, and between two characters a search would never come to the end.
 */
function indexOf(given: unknown): number {
  const index = typeof given === 'number' || typeof given === 'string' ? Math.trunc(Number(given)) : 0;
  return Math.max(0, index || 0);
}

function compileProgram(pattern: string, flags: string): RE2JS {
  let re2Flags = RE2JS.LOOKBEHINDS;
  if (flags.includes('i')) re2Flags |= RE2JS.CASE_INSENSITIVE;
  if (flags.includes('m')) re2Flags |= RE2JS.MULTILINE;
  try {
    return RE2JS.compile(RE2JS.translateRegExp(pattern), re2Flags);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new RegexFault(
      `Regular expression /${pattern}/ is not supported: ${reason}. Look-ahead and back-references are not available: they take unbounded time.`,
    );
  }
}

/**
 * A regular expression over the letters of a function's arguments. RegExp is fastest, but several repetitions one
 * after the other could make it try all ways to share the arguments out.
 */
export function signatureRegex(text: string): { exec(letters: string): (string | undefined)[] | null } {
  const repetitions = text.split('+').length - 1;
  if (repetitions > 1) return new LinearRegex(text);
  try {
    return new RegExp(text);
  } catch {
    throw { code: 'S0401', value: text };
  }
}

const EMPTY_LINE_START = 1;
const EMPTY_LINE_END = 2;
const EMPTY_TEXT_START = 4;
const EMPTY_TEXT_END = 8;
const EMPTY_WORD_BOUNDARY = 16;
const EMPTY_NO_WORD_BOUNDARY = 32;
const END_OF_TEXT = -8;
const NEW_LINE = 10;

/** The text as re2js reads it, character by character: each one that is read is counted as work. */
class CountedText {
  readonly start = 0;
  readonly end: number;

  constructor(
    private readonly text: string,
    private readonly work: number,
  ) {
    this.end = text.length;
  }

  canCheckPrefix(): boolean {
    return true;
  }

  endPos(): number {
    return this.end;
  }

  hasString(prefilter: { readonly str: string }, at: number): boolean {
    return this.#distance(prefilter.str, at) >= 0;
  }

  /** "Perhaps": how much of the text the answer takes could not be counted. */
  hasAnyString(): boolean {
    return true;
  }

  /** The character at `at`, shifted by three, and in the last bits how many units it has. */
  step(at: number): number {
    charge(this.work);
    if (at >= this.end) return END_OF_TEXT;
    const code = this.text.codePointAt(at) ?? 0;
    return (code << 3) | (code > 0xffff ? 2 : 1);
  }

  index(expression: { readonly prefix: string }, at: number): number {
    return this.#distance(expression.prefix, at);
  }

  /** How far the next occurrence of `part` is, or -1. */
  #distance(part: string, at: number): number {
    const found = this.text.indexOf(part, at);
    charge(1 + (((found < 0 ? this.end : found) - at) >> 4));
    return found < 0 ? -1 : found - at;
  }

  prefixLength(expression: { readonly prefix: string }): number {
    return expression.prefix.length;
  }

  /** Which empty matches (line ends, word boundaries) are possible between the characters around `at`. */
  context(at: number): number {
    const before = at > 0 ? this.text.charCodeAt(at - 1) : -1;
    const after = at < this.end ? this.text.charCodeAt(at) : -1;
    let found = isWordCode(before) === isWordCode(after) ? EMPTY_NO_WORD_BOUNDARY : EMPTY_WORD_BOUNDARY;
    if (before < 0) found |= EMPTY_TEXT_START | EMPTY_LINE_START;
    if (before === NEW_LINE) found |= EMPTY_LINE_START;
    if (after < 0) found |= EMPTY_TEXT_END | EMPTY_LINE_END;
    if (after === NEW_LINE) found |= EMPTY_LINE_END;
    return found;
  }
}

/** A–Z, a–z, 0–9 and _. */
const isWordCode = (code: number): boolean =>
  (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a) || (code >= 0x30 && code <= 0x39) || code === 0x5f;
