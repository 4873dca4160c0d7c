import { METRIC_EXPRESSION_NESTING_MAX } from '../../limits/services.js';
import { invalidValue } from './faults.js';

/** Plain arithmetic of metrics and numbers; all else that metric math knows is refused. */
export type Expression =
  | { readonly type: 'number'; readonly value: number }
  | { readonly type: 'metric'; readonly id: string }
  | { readonly type: '+' | '-' | '*' | '/'; readonly left: Expression; readonly right: Expression };

const TOKEN = /\s*(?:(\d+(?:\.\d+)?)|([a-zA-Z_][a-zA-Z0-9_]*)|([-+*/()])|(\S))/y;

/** `ids`: the queries that an expression may name. Throws with the query's id for what Treadle does not evaluate. */
export function parseExpression(text: string, queryId: string, ids: ReadonlySet<string>): Expression {
  return new Parser(text, queryId, ids).parse();
}

/** A period has a value where every metric of the expression has one; a division by zero has none. */
export function evaluate(
  expression: Expression,
  values: ReadonlyMap<string, ReadonlyMap<number, number>>,
): ReadonlyMap<number, number> {
  const ids = [...namesIn(expression)];
  const times = [...(values.get(ids[0] ?? '')?.keys() ?? [])];
  const results = times.flatMap((at) => {
    const value = valueAt(expression, (id) => values.get(id)?.get(at) ?? Number.NaN);
    return Number.isFinite(value) ? [[at, value] as const] : [];
  });
  return new Map(results);
}

function* namesIn(expression: Expression): Generator<string> {
  if (expression.type === 'metric') yield expression.id;
  else if (expression.type !== 'number') {
    yield* namesIn(expression.left);
    yield* namesIn(expression.right);
  }
}

function valueAt(expression: Expression, metric: (id: string) => number): number {
  switch (expression.type) {
    case 'number':
      return expression.value;
    case 'metric':
      return metric(expression.id);
    case '+':
      return valueAt(expression.left, metric) + valueAt(expression.right, metric);
    case '-':
      return valueAt(expression.left, metric) - valueAt(expression.right, metric);
    case '*':
      return valueAt(expression.left, metric) * valueAt(expression.right, metric);
    case '/':
      return valueAt(expression.left, metric) / valueAt(expression.right, metric);
    default:
      return expression satisfies never;
  }
}

class Parser {
  readonly #tokens: readonly string[];
  #next = 0;
  #depth = 0;

  constructor(
    private readonly text: string,
    private readonly queryId: string,
    private readonly ids: ReadonlySet<string>,
  ) {
    this.#tokens = [...text.matchAll(new RegExp(TOKEN.source, 'g'))].map(([token]) => token.trim());
    if (this.#tokens.length > METRIC_EXPRESSION_NESTING_MAX * 2) throw this.#refused('it is longer');
  }

  parse(): Expression {
    const expression = this.#sum();
    if (this.#next < this.#tokens.length) throw this.#refused(`it has '${this.#tokens[this.#next]}'`);
    if (namesIn(expression).next().done) throw this.#refused('it names no metric');
    return expression;
  }

  #sum(): Expression {
    let left = this.#product();
    for (;;) {
      const type = this.#take('+') ?? this.#take('-');
      if (type === null) return left;
      left = { type, left, right: this.#product() };
    }
  }

  #product(): Expression {
    let left = this.#operand();
    for (;;) {
      const type = this.#take('*') ?? this.#take('/');
      if (type === null) return left;
      left = { type, left, right: this.#operand() };
    }
  }

  #operand(): Expression {
    if (this.#take('(') !== null) {
      this.#depth += 1;
      if (this.#depth > METRIC_EXPRESSION_NESTING_MAX) throw this.#refused('its parentheses are deeper');
      const inner = this.#sum();
      this.#depth -= 1;
      if (this.#take(')') === null) throw this.#refused("a ')' is missing");
      return inner;
    }
    const token = this.#tokens[this.#next] ?? '';
    this.#next += 1;
    if (/^\d/.test(token)) return { type: 'number', value: Number(token) };
    if (this.ids.has(token)) return { type: 'metric', id: token };
    throw this.#refused(token === '' ? 'it ends too early' : `it has '${token}'`);
  }

  #take<Token extends string>(token: Token): Token | null {
    if (this.#tokens[this.#next] !== token) return null;
    this.#next += 1;
    return token;
  }

  #refused(why: string): Error {
    return invalidValue(
      `Expected the Expression of the query ${this.queryId} to be arithmetic (+ - * / and parentheses) of numbers and of ` +
        `the Ids of queries with a MetricStat, but ${why}: ${this.text.slice(0, 200)}. Treadle does not evaluate functions of metric math.`,
    );
  }
}
