import { argumentsOf, type Evaluation, evaluateText, literalText } from './evaluate.js';
import { type Findings, refuse, TemplateFault } from './problem.js';
import { suggestion } from './suggestion.js';
import { describeValue, memberOfMap, type Position, type TemplateMap, type TemplateValue } from './template-value.js';

/** Looks a condition up by name. Throws TemplateFault: unknown, in a circle, or not a condition. */
export type Conditions = (name: string, at: Position) => boolean;

/** Conditions evaluate at first use, each once. `evaluation` is asked for late, since it needs the conditions itself. */
export function conditionsOf(section: TemplateMap | null, evaluation: () => Evaluation): Conditions {
  const known = new Map<string, boolean>();
  const open = new Set<string>();
  const conditions: Conditions = (name, at) => {
    const done = known.get(name);
    if (done !== undefined) return done;
    const value = section === null ? undefined : memberOfMap(section, name);
    if (value === undefined) {
      const hint = suggestion(name, section?.entries.map((entry) => entry.key) ?? []);
      throw new TemplateFault(at, `Expected '${name}' under Conditions, but there is no such condition.${hint}`);
    }
    if (open.has(name))
      throw new TemplateFault(at, `Expected conditions without circles, but '${name}' refers to itself.`);
    open.add(name);
    try {
      const isTrue = isTrueCondition(value, conditions, evaluation());
      known.set(name, isTrue);
      return isTrue;
    } finally {
      open.delete(name);
    }
  };
  return conditions;
}

/** Evaluates every condition, so that a fault in one is told even when nothing uses it. */
export function checkConditions(section: TemplateMap | null, conditions: Conditions, findings: Findings): void {
  const told = new Set<string>();
  for (const entry of section?.entries ?? []) {
    try {
      conditions(entry.key, entry.keyAt);
    } catch (error) {
      if (!(error instanceof TemplateFault)) throw error;
      const key = `${error.at.line}:${error.at.column}:${error.message}`;
      if (!told.has(key)) refuse(findings, error.at, error.message, error.kind);
      told.add(key);
    }
  }
}

function isTrueCondition(value: TemplateValue, conditions: Conditions, evaluation: Evaluation): boolean {
  const inner = (item: TemplateValue) => isTrueCondition(item, conditions, evaluation);
  const named = namedCondition(value);
  if (named !== null) return conditions(named, value.at);
  if (value.kind === 'call') {
    switch (value.name) {
      case 'Fn::Equals': {
        const [left, right] = argumentsOf(value, [2], '[value, value]').map((item) => evaluateText(item, evaluation));
        return left === right;
      }
      case 'Fn::Not':
        return !argumentsOf(value, [1], '[condition]').every(inner);
      case 'Fn::And':
        return argumentsOf(value, BETWEEN_2_AND_10, '2 to 10 conditions').map(inner).every(Boolean);
      case 'Fn::Or':
        return argumentsOf(value, BETWEEN_2_AND_10, '2 to 10 conditions').map(inner).some(Boolean);
    }
  }
  throw new TemplateFault(
    value.at,
    `Expected a condition (Fn::Equals, Fn::And, Fn::Or, Fn::Not, Condition), but found ${describeValue(value)}.`,
  );
}

const BETWEEN_2_AND_10 = [2, 3, 4, 5, 6, 7, 8, 9, 10];

/** `!Condition Name` or `{ Condition: Name }`; null for anything else. */
function namedCondition(value: TemplateValue): string | null {
  if (value.kind === 'call' && value.name === 'Condition') return literalText(value.argument, 'Condition');
  const [entry] = value.kind === 'map' && value.entries.length === 1 ? value.entries : [];
  return entry?.key === 'Condition' ? literalText(entry.value, 'Condition') : null;
}
