import type { AttributeValue } from '../values/attribute-value.js';
import type { Path } from './path.js';
import type { Placeholders } from './placeholders.js';
import { isReserved } from './reserved-words.js';
import { ExpressionFault, Tokens } from './tokenizer.js';

/**
 * What expressions of all kinds share: paths, placeholders, and a list of what is wrong. AWS reads an expression to its end before
 * it says what is wrong, and says the kinds of faults in an order of its own; of each kind it says the first.
 */
export class ExpressionParser<Kind extends string> {
  protected readonly tokens: Tokens;
  protected readonly faults = new Map<Kind, string>();

  constructor(
    text: string,
    protected readonly placeholders: Placeholders,
  ) {
    this.tokens = new Tokens(text);
  }

  protected fault(kind: Kind, text: string): void {
    if (!this.faults.has(kind)) this.faults.set(kind, text);
  }

  /** Throws the first fault in the order of `kinds`. */
  protected throwFaults(kinds: readonly Kind[]): void {
    for (const kind of kinds) {
      const text = this.faults.get(kind);
      if (text !== undefined) throw new ExpressionFault(text);
    }
  }

  protected path(kinds: { readonly reserved: Kind; readonly undefined: Kind }): Path {
    const parts: (string | number)[] = [this.#part(kinds)];
    for (;;) {
      if (this.tokens.takes('.')) parts.push(this.#part(kinds));
      else if (this.tokens.takes('[')) {
        if (this.tokens.next.type !== 'number') throw this.tokens.syntaxFault();
        const index = Number(this.tokens.take().text);
        if (index >= INDEX_MAX)
          throw new ExpressionFault(`List index is not within the allowable range; index: [${index}]`);
        parts.push(index);
        this.tokens.expect(']');
      } else return parts;
    }
  }

  #part(kinds: { readonly reserved: Kind; readonly undefined: Kind }): string {
    const { type, text } = this.tokens.next;
    if (type !== 'word' && type !== 'name') throw this.tokens.syntaxFault();
    this.tokens.take();
    if (type === 'word') {
      if (isReserved(text)) {
        this.fault(kinds.reserved, `Attribute name is a reserved keyword; reserved keyword: ${text}`);
      }
      return text;
    }
    const name = this.placeholders.name(text);
    if (name === undefined) {
      const message = 'An expression attribute name used in the document path is not defined; attribute name: ';
      this.fault(kinds.undefined, message + text);
    }
    return name ?? text;
  }

  /** The value of the placeholder that comes next. */
  protected value(kind: Kind): AttributeValue {
    const { text } = this.tokens.take();
    const value = this.placeholders.value(text);
    if (value === undefined) {
      const message = 'An expression attribute value used in expression is not defined; attribute value: ';
      this.fault(kind, message + text);
    }
    return value ?? UNKNOWN;
  }
}

/** Stands for a value that is not defined; the expression is refused before anybody looks at it. */
export const UNKNOWN: AttributeValue = Object.freeze({ NULL: true });

/** Far more elements than an item of 400 KB can have. */
const INDEX_MAX = 1_000_000;
