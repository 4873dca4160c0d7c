import { TABLE_EXPRESSION_BYTES_MAX } from '../../../limits/services.js';

export interface Token {
  readonly type: 'word' | 'name' | 'value' | 'number' | 'symbol' | 'end';
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** What is wrong with an expression, in DynamoDB's words. */
export class ExpressionFault extends Error {
  override readonly name = 'ExpressionFault';
}

const TOKEN = /\s*(?:([a-zA-Z][a-zA-Z0-9_]*)|(#[a-zA-Z0-9_]+)|(:[a-zA-Z0-9_]+)|(\d+)|(<=|>=|<>|[\s\S]))/y;
const TYPES = ['word', 'name', 'value', 'number', 'symbol'] as const;

/** Reads an expression's tokens front to back. Throws ExpressionFault for a text that is none at all. */
export class Tokens {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(text: string) {
    if (text === '') throw new ExpressionFault('The expression can not be empty;');
    const bytes = Buffer.byteLength(text);
    if (bytes > TABLE_EXPRESSION_BYTES_MAX) {
      throw new ExpressionFault(`Expression size has exceeded the maximum allowed size; expression size: ${bytes}`);
    }
    this.#text = text;
    this.#tokens = tokensOf(text);
  }

  get next(): Token {
    return this.#tokens[this.#at] ?? this.#end;
  }

  /** The token behind the next one. */
  get afterNext(): Token {
    return this.#tokens[this.#at + 1] ?? this.#end;
  }

  take(): Token {
    const token = this.next;
    if (token.type === 'end') throw this.syntaxFault();
    this.#at += 1;
    return token;
  }

  /** Takes the next token if it is this symbol. */
  takes(symbol: string): boolean {
    const isIt = this.next.type === 'symbol' && this.next.text === symbol;
    if (isIt) this.#at += 1;
    return isIt;
  }

  /** Takes the next token if it is this word, in any letters. */
  takesWord(word: string): boolean {
    const isIt = this.isWord(word);
    if (isIt) this.#at += 1;
    return isIt;
  }

  isWord(word: string): boolean {
    return this.next.type === 'word' && this.next.text.toUpperCase() === word;
  }

  expect(symbol: string): void {
    if (!this.takes(symbol)) throw this.syntaxFault();
  }

  expectWord(word: string): void {
    if (!this.takesWord(word)) throw this.syntaxFault();
  }

  expectEnd(): void {
    if (this.next.type !== 'end') throw this.syntaxFault();
  }

  /** The next token is not what it should be. */
  syntaxFault(): ExpressionFault {
    const token = this.next;
    const before = this.#tokens[this.#at - 1] ?? token;
    const after = token.type === 'end' ? token : this.afterNext;
    const near = this.#text.slice(before.start, after.end);
    const shown = token.type === 'end' ? '<EOF>' : token.text;
    return new ExpressionFault(`Syntax error; token: "${shown}", near: "${near}"`);
  }

  get #end(): Token {
    const { length } = this.#text;
    return { type: 'end', text: '', start: length, end: length };
  }
}

function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  const trimmed = text.trimEnd();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < trimmed.length) {
    const match = TOKEN.exec(trimmed);
    if (match === null) break;
    const group = match.findIndex((part, index) => index > 0 && part !== undefined);
    const found = match[group] ?? '';
    const end = TOKEN.lastIndex;
    tokens.push({ type: TYPES[group - 1] ?? 'symbol', text: found, start: end - found.length, end });
  }
  return tokens;
}
