import { TABLE_EXPRESSION_DEPTH_MAX } from '../../../limits/services.js';
import { type AttributeType, type AttributeValue, typeOf } from '../values/attribute-value.js';
import { ExpressionParser } from './expression-parser.js';
import { clashOf, clashText, type Path } from './path.js';
import type { Placeholders } from './placeholders.js';
import { ExpressionFault } from './tokenizer.js';
import type { Update, UpdateAction, UpdateOperand } from './update.js';

/** Parses an UpdateExpression. Throws ExpressionFault. */
export const parseUpdate = (text: string, placeholders: Placeholders): Update =>
  new UpdateParser(text, placeholders).parse();

type Kind = 'reserved' | 'unknown' | 'section' | 'name' | 'value' | 'overlap' | 'conflict' | 'operand' | 'function';

const KINDS: readonly Kind[] = [
  'reserved',
  'unknown',
  'section',
  'name',
  'value',
  'overlap',
  'conflict',
  'operand',
  'function',
];

const SECTIONS = ['SET', 'REMOVE', 'ADD', 'DELETE'] as const;
type Section = (typeof SECTIONS)[number];

const TYPE_NAMES: Readonly<Partial<Record<AttributeType, string>>> = {
  S: 'STRING',
  N: 'NUMBER',
  B: 'BINARY',
  NULL: 'NULL',
  BOOL: 'BOOLEAN',
  L: 'LIST',
  M: 'MAP',
};

class UpdateParser extends ExpressionParser<Kind> {
  readonly #paths: Path[] = [];
  readonly #nested = new Set<string>();
  #depth = 0;

  parse(): Update {
    const actions: UpdateAction[] = [];
    const seen = new Set<Section>();
    do {
      const section = SECTIONS.find((name) => this.tokens.takesWord(name));
      if (section === undefined) throw this.tokens.syntaxFault();
      do actions.push(this.#action(section));
      while (this.tokens.takes(','));
      if (seen.has(section)) {
        this.fault('section', `The "${section}" section can only be used once in an update expression;`);
      }
      seen.add(section);
    } while (this.tokens.next.type !== 'end');
    this.throwFaults(KINDS);
    return { actions, paths: this.#paths, nested: this.#nested };
  }

  #action(section: Section): UpdateAction {
    const path = this.#path();
    if (section === 'SET') {
      this.tokens.expect('=');
      const value = this.#sum();
      this.#target(path);
      return { type: 'set', path, value };
    }
    if (section === 'REMOVE') {
      this.#target(path);
      return { type: 'remove', path };
    }
    if (this.tokens.next.type !== 'value') throw this.tokens.syntaxFault();
    const value = this.value('value');
    this.#target(path);
    this.#checkOperand(section, value);
    return section === 'ADD' ? { type: 'add', path, value } : { type: 'delete', path, value };
  }

  #path(): Path {
    const path = this.path({ reserved: 'reserved', undefined: 'name' });
    if (path.length > 1) this.#nested.add(String(path[0]));
    return path;
  }

  /** Where something is written; two such paths must not meet. */
  #target(path: Path): void {
    for (const other of this.#paths) {
      const clash = clashOf(other, path);
      if (clash !== null) this.fault(clash.type, clashText(clash));
    }
    this.#paths.push(path);
  }

  /** ADD takes numbers and sets, DELETE sets. */
  #checkOperand(section: 'ADD' | 'DELETE', value: AttributeValue): void {
    const name = TYPE_NAMES[typeOf(value)];
    if (name === undefined || (section === 'ADD' && name === 'NUMBER')) return;
    this.fault(
      'operand',
      `Incorrect operand type for operator or function; operator: ${section}, operand type: ${name}`,
    );
  }

  #sum(): UpdateOperand {
    const left = this.#operand();
    const { type, text } = this.tokens.next;
    if (type !== 'symbol' || (text !== '+' && text !== '-')) return left;
    this.tokens.take();
    const right = this.#operand();
    this.#checkTypes(text, [left, right], 'N');
    return { type: text === '+' ? 'plus' : 'minus', left, right };
  }

  #operand(): UpdateOperand {
    const { next, afterNext } = this.tokens;
    if (next.type === 'value') return { type: 'value', value: this.value('value') };
    if (next.type === 'word' && afterNext.type === 'symbol' && afterNext.text === '(') return this.#call();
    if (!this.tokens.takes('(')) return { type: 'path', path: this.#path() };
    this.#depth += 1;
    if (this.#depth > TABLE_EXPRESSION_DEPTH_MAX) {
      throw new ExpressionFault('The expression contains too many operators; operator count: more than 300');
    }
    const inner = this.#sum();
    this.tokens.expect(')');
    this.#depth -= 1;
    return inner;
  }

  #call(): UpdateOperand {
    const name = this.tokens.take().text;
    this.tokens.expect('(');
    const args = [this.#sum()];
    while (this.tokens.takes(',')) args.push(this.#sum());
    this.tokens.expect(')');
    if (name !== 'if_not_exists' && name !== 'list_append') {
      this.fault('unknown', `Invalid function name; function: ${name}`);
      return { type: 'unusable' };
    }
    const [first, second] = args;
    if (first === undefined || second === undefined || args.length > 2) {
      this.fault(
        'function',
        'Incorrect number of operands for operator or function; ' +
          `operator or function: ${name}, number of operands: ${args.length}`,
      );
      return { type: 'unusable' };
    }
    if (name === 'list_append') {
      this.#checkTypes(name, args, 'L');
      return { type: 'append', left: first, right: second };
    }
    if (first.type === 'path') return { type: 'ifNotExists', path: first.path, otherwise: second };
    this.fault('function', `Operator or function requires a document path; operator or function: ${name}`);
    return { type: 'unusable' };
  }

  #checkTypes(name: string, operands: readonly UpdateOperand[], wanted: AttributeType): void {
    for (const operand of operands) {
      if (operand.type !== 'value' || typeOf(operand.value) === wanted) continue;
      this.fault(
        'function',
        'Incorrect operand type for operator or function; ' +
          `operator or function: ${name}, operand type: ${typeOf(operand.value)}`,
      );
    }
  }
}
