import type { Expression } from './engine.generated.js';
import { notSupported, notSupportedAtTop } from './syntax-fault.js';

/** What an expression takes from outside. */
export interface References {
  /** Names of workflow variables, in order of their first reference. */
  readonly variables: readonly string[];
  /** Fields of $states that are named. */
  readonly statesFields: readonly string[];
  /** Whether $states is used other than by one of its fields, so that all of them matter. */
  readonly usesAllStates: boolean;
}

/**
 * Finds what an expression refers to, and refuses what has no meaning in Step Functions: there is no context item, so
 * that bare names and `$` mean nothing where no path has given one, and `$$` never does.
 */
export function referencesOf(expression: Expression, functions: ReadonlySet<string>): References {
  const finder = new ReferenceFinder(functions);
  finder.visit(expression, { hasContext: false, bound: new Set(), later: new Set() });
  return finder.references();
}

interface Surroundings {
  readonly hasContext: boolean;
  /** Names that are bound here already. Blocks and paths add to their own copy. */
  readonly bound: Set<string>;
  /** Names that a surrounding block binds somewhere: a function's body may run after that. */
  readonly later: ReadonlySet<string>;
}

class ReferenceFinder {
  readonly #variables = new Set<string>();
  readonly #fields = new Set<string>();
  #usesAllStates = false;

  constructor(private readonly functions: ReadonlySet<string>) {}

  references(): References {
    return {
      variables: [...this.#variables],
      statesFields: [...this.#fields],
      usesAllStates: this.#usesAllStates,
    };
  }

  visit(node: Expression, around: Surroundings): void {
    this.#node(node, around);
    this.#stages(node, around);
  }

  #node(node: Expression, around: Surroundings): void {
    switch (node.type) {
      case 'path':
        this.#path(expressionsOf(node.steps), around);
        break;
      case 'name':
        if (!around.hasContext) throw notSupportedAtTop(String(node.value));
        break;
      case 'variable':
        this.#variable(String(node.value), around);
        break;
      case 'parent':
        this.#usesAllStates = true; // it may lead to $states itself
        break;
      case 'block':
        this.#block(expressionsOf(node.expressions), around);
        break;
      case 'bind':
        this.visit(expressionOf(node.rhs), around);
        around.bound.add(String(expressionOf(node.lhs).value));
        break;
      case 'lambda':
        this.#lambda(node, around);
        break;
      case 'transform':
        for (const part of [node.pattern, node.update, node.delete])
          if (isExpression(part)) this.visit(part, withContext(around));
        break;
      case 'sort':
        for (const term of node.terms as readonly { readonly expression: Expression }[])
          this.visit(term.expression, withContext(around));
        break;
      default:
        for (const part of partsOf(node)) {
          // What is called and bound nowhere is an unknown function: no workflow variable holds one.
          if (part !== node.procedure || !isNamed(part)) this.visit(part, around);
        }
    }
  }

  /** Predicates and groups apply to what the expression gave: there is a context. */
  #stages(node: Expression, around: Surroundings): void {
    for (const stage of [...listOf(node.predicate), ...listOf(node.stages)] as readonly Stage[]) {
      if (stage.type === 'index') around.bound.add(String(stage.value));
      else if (stage.expr !== undefined) this.visit(stage.expr, withContext(around));
    }
    const group = node.group as { readonly lhs: readonly (readonly Expression[])[] } | undefined;
    for (const pair of group?.lhs ?? []) for (const part of pair) this.visit(part, withContext(around));
  }

  #path(steps: readonly Expression[], around: Surroundings): void {
    const inside = { ...around, bound: new Set(around.bound) };
    const [first, second] = steps;
    const isOfStates = first !== undefined && isStates(first) && !around.bound.has('states');
    const field = isOfStates && second?.type === 'name' ? String(second.value) : undefined;
    if (field !== undefined) this.#fields.add(field);
    // After `@` the next step looks at what this one looked at: at $states, after $states.input@$x.
    if (isOfStates && steps.some((step) => step.focus !== undefined)) this.#usesAllStates = true;
    steps.forEach((step, index) => {
      const isOneField = index === 0 && field !== undefined && isBare(step);
      if (!isOneField) this.#node(step, index === 0 ? inside : withContext(inside));
      for (const name of [step.focus, step.index]) if (typeof name === 'string') inside.bound.add(name);
      this.#stages(step, inside);
    });
  }

  #variable(name: string, around: Surroundings): void {
    if (name === '$') throw notSupported('$$');
    if (name === '') {
      if (!around.hasContext) throw notSupportedAtTop('$');
    } else if (!around.bound.has(name)) {
      if (name === 'states') this.#usesAllStates = true;
      else if (!this.functions.has(name)) this.#variables.add(name);
    }
  }

  #block(expressions: readonly Expression[], around: Surroundings): void {
    const later = new Set(around.later);
    for (const expression of expressions) if (expression.type === 'bind') later.add(boundName(expression));
    const inside = { ...around, bound: new Set(around.bound), later };
    for (const expression of expressions) this.visit(expression, inside);
  }

  #lambda(node: Expression, around: Surroundings): void {
    const parameters = expressionsOf(node.arguments).map(({ value }) => String(value));
    const bound = new Set([...around.bound, ...around.later, ...parameters]);
    this.visit(expressionOf(node.body), { ...around, bound });
  }
}

interface Stage {
  readonly type: string;
  readonly value?: unknown;
  readonly expr?: Expression;
}

const withContext = (around: Surroundings): Surroundings => ({ ...around, hasContext: true });
const isNamed = ({ type, value }: Expression): boolean => type === 'variable' && value !== '' && value !== '$';
const isStates = (node: Expression): boolean => node.type === 'variable' && node.value === 'states';
/** Without predicates, which would need more of $states than one field. */
const isBare = (node: Expression): boolean => node.predicate === undefined && node.stages === undefined;
const boundName = (bind: Expression): string => String(expressionOf(bind.lhs).value);

const isExpression = (part: unknown): part is Expression =>
  typeof part === 'object' && part !== null && 'type' in part && typeof part.type === 'string';

function expressionOf(part: unknown): Expression {
  if (!isExpression(part)) throw new Error('Expected a node of a parsed expression');
  return part;
}

const listOf = (part: unknown): readonly unknown[] => (Array.isArray(part) ? part : []);
const expressionsOf = (part: unknown): readonly Expression[] => listOf(part).filter(isExpression);

/** The expressions directly inside one: in order of evaluation. */
function partsOf(node: Expression): readonly Expression[] {
  const single = [node.procedure, node.lhs, node.rhs, node.condition, node.then, node.else, node.expression, node.body];
  const pairs = listOf(node.lhs).flatMap((pair) => listOf(pair));
  return [...single, ...pairs, ...listOf(node.arguments), ...listOf(node.expressions)].filter(isExpression);
}
