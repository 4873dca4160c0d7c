import { EXPRESSION_NESTING_MAX } from '../../limits.js';
import { ExpressionSyntaxError } from './syntax-error.js';

const QUOTED_TEXT_CHARS_MAX = 200;
const BLANKS = /[ \t\n\r]*/y;

/** Reads an expression from left to right. */
export class Cursor {
  at = 0;
  #depth = 0;

  constructor(readonly text: string) {}

  /** The character under the cursor; empty at the end. */
  get char(): string {
    return this.text[this.at] ?? '';
  }

  get isAtEnd(): boolean {
    return this.at >= this.text.length;
  }

  /** Passes `expected` if it stands here. */
  accept(expected: string): boolean {
    if (!this.text.startsWith(expected, this.at)) return false;
    this.at += expected.length;
    return true;
  }

  /** Passes `expected`, which must stand here. */
  expect(expected: string): void {
    if (!this.accept(expected)) throw this.fault(`'${expected}'`);
  }

  /** Passes what the sticky `pattern` matches here, or gives null. */
  match(pattern: RegExp): string | null {
    pattern.lastIndex = this.at;
    const matched = pattern.exec(this.text)?.[0] ?? null;
    if (matched !== null) this.at += matched.length;
    return matched;
  }

  skipBlanks(): void {
    this.match(BLANKS);
  }

  /** Reads something that may hold itself; the depth is bounded. */
  nested<Value>(read: () => Value): Value {
    this.#depth += 1;
    if (this.#depth > EXPRESSION_NESTING_MAX) {
      throw this.fault(`at most ${EXPRESSION_NESTING_MAX} levels of nesting`);
    }
    const value = read();
    this.#depth -= 1;
    return value;
  }

  /** The error to throw: what was expected at the cursor, and what stands there. */
  fault(expectation: string): ExpressionSyntaxError {
    const found = this.isAtEnd ? 'it ends there' : `found '${this.char}'`;
    const text = this.text.length > QUOTED_TEXT_CHARS_MAX ? `${this.text.slice(0, QUOTED_TEXT_CHARS_MAX)}…` : this.text;
    return new ExpressionSyntaxError(`Expected ${expectation} at character ${this.at + 1} of "${text}", but ${found}.`);
  }
}
