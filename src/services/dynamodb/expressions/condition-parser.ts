import { TABLE_EXPRESSION_DEPTH_MAX } from '../../../limits/services.js';
import type { Comparator, Condition, FunctionCall, Operand, ParsedCondition } from './condition.js';
import { type ConditionFaultKind, checkBetween, checkDistinct, checkFunction, KINDS } from './condition-checks.js';
import { ExpressionParser } from './expression-parser.js';
import type { Placeholders } from './placeholders.js';
import { ExpressionFault } from './tokenizer.js';

/** Parses a ConditionExpression, FilterExpression or KeyConditionExpression. Throws ExpressionFault. */
export function parseCondition(text: string, placeholders: Placeholders): ParsedCondition {
  return new ConditionParser(text, placeholders).parse();
}

/** A part of a condition while it is read: what is in parentheses may turn out to be an operand. */
type Part =
  | { readonly type: 'condition'; readonly condition: Condition; readonly isInParentheses?: boolean }
  | { readonly type: 'operand'; readonly operand: Operand; readonly isInParentheses?: boolean };

const COMPARATORS: readonly string[] = ['=', '<>', '<', '<=', '>', '>='];
const isComparator = (text: string): text is Comparator => COMPARATORS.includes(text);

class ConditionParser extends ExpressionParser<ConditionFaultKind> {
  readonly #heads = new Set<string>();
  readonly #nested = new Set<string>();
  #depth = 0;

  parse(): ParsedCondition {
    const condition = this.#condition(this.#or());
    this.tokens.expectEnd();
    this.throwFaults(KINDS);
    return { condition, heads: this.#heads, nested: this.#nested };
  }

  #or(): Part {
    let left = this.#and();
    while (this.tokens.takesWord('OR')) left = this.#joined('or', left, this.#and());
    return left;
  }

  #and(): Part {
    let left = this.#not();
    while (this.tokens.takesWord('AND')) left = this.#joined('and', left, this.#not());
    return left;
  }

  #joined(type: 'and' | 'or', left: Part, right: Part): Part {
    return {
      type: 'condition',
      condition: { type, left: this.#condition(left), right: this.#condition(right) },
    };
  }

  #not(): Part {
    if (!this.tokens.isWord('NOT') || this.tokens.afterNext.text === '=') return this.#primary();
    this.tokens.take();
    this.#deeper();
    const of = this.#condition(this.#not());
    this.#depth -= 1;
    return { type: 'condition', condition: { type: 'not', of } };
  }

  #deeper(): void {
    this.#depth += 1;
    if (this.#depth <= TABLE_EXPRESSION_DEPTH_MAX) return;
    throw new ExpressionFault('The expression contains too many operators; operator count: more than 300');
  }

  #primary(): Part {
    const part = this.#unary();
    if (part.type === 'condition') return part;
    const { type, text } = this.tokens.next;
    if (type === 'symbol' && isComparator(text)) {
      this.tokens.take();
      return this.#ended(this.#comparison(part.operand, text));
    }
    if (this.tokens.takesWord('BETWEEN')) return this.#ended(this.#between(part.operand));
    if (this.tokens.takesWord('IN')) return this.#ended(this.#in(part.operand));
    if (part.operand.type === 'function' && part.isInParentheses !== true) this.#closeFaults();
    return part;
  }

  #ended(condition: Condition): Part {
    this.#closeFaults();
    return { type: 'condition', condition };
  }

  /** The first fault of the first condition that has one is told. */
  #closeFaults(): void {
    if (this.faults.has('condition')) return;
    for (const kind of ['undefined', 'operand', 'distinct', 'function'] as const) {
      const text = this.faults.get(kind);
      if (text !== undefined) return this.fault('condition', text);
    }
  }

  /** An operand, or something in parentheses. */
  #unary(): Part {
    if (!this.tokens.takes('(')) return { type: 'operand', operand: this.#plainOperand() };
    this.#deeper();
    const part = this.#or();
    this.tokens.expect(')');
    this.#depth -= 1;
    if (part.isInParentheses === true) this.fault('parentheses', 'The expression has redundant parentheses;');
    return { ...part, isInParentheses: true };
  }

  #operand(): Operand {
    const part = this.#unary();
    if (part.type === 'condition') throw this.tokens.syntaxFault();
    return part.operand;
  }

  #plainOperand(): Operand {
    const { next, afterNext } = this.tokens;
    if (next.type === 'value') return { type: 'value', value: this.value('undefined') };
    if (next.type === 'word' && afterNext.type === 'symbol' && afterNext.text === '(') return this.#call();
    const path = this.path({ reserved: 'reserved', undefined: 'undefined' });
    const head = String(path[0]);
    this.#heads.add(head);
    if (path.length > 1) this.#nested.add(head);
    return { type: 'path', path };
  }

  #call(): FunctionCall {
    const name = this.tokens.take().text;
    this.tokens.expect('(');
    const args = [this.#operand()];
    while (this.tokens.takes(',')) args.push(this.#operand());
    this.tokens.expect(')');
    this.#refuseCalls(args);
    const call: FunctionCall = { type: 'function', name, args };
    checkFunction(call, (kind, text) => this.fault(kind, text));
    return call;
  }

  #comparison(left: Operand, operator: Comparator): Condition {
    const right = this.#operand();
    this.#refuseCalls([left, right]);
    checkDistinct(operator, [left, right], (kind, text) => this.fault(kind, text));
    return { type: 'compare', operator, left, right };
  }

  #between(value: Operand): Condition {
    const low = this.#operand();
    this.tokens.expectWord('AND');
    const high = this.#operand();
    this.#refuseCalls([value, low, high]);
    checkBetween(low, high, (kind, text) => this.fault(kind, text));
    return { type: 'between', value, low, high };
  }

  #in(value: Operand): Condition {
    this.tokens.expect('(');
    const options = [this.#operand()];
    while (this.tokens.takes(',')) options.push(this.#operand());
    this.tokens.expect(')');
    this.#refuseCalls([value, ...options]);
    return { type: 'in', value, options };
  }

  #refuseCalls(operands: readonly Operand[]): void {
    for (const operand of operands) {
      if (operand.type === 'function' && operand.name !== 'size') this.#misused(operand.name);
    }
  }

  #misused(name: string): void {
    this.fault('misused', `The function is not allowed to be used this way in an expression; function: ${name}`);
  }

  /** A part where a condition must be: `size` gives a number, and a path or a value alone says nothing. */
  #condition(part: Part): Condition {
    if (part.type === 'condition') return part.condition;
    const { operand } = part;
    if (operand.type !== 'function') throw this.tokens.syntaxFault();
    if (operand.name === 'size') this.#misused(operand.name);
    return operand;
  }
}
