import { isNumber, isObject } from '../../payload/index.js';
import type { ChoiceRule, ChoiceState } from '../definition.js';
import { type ChoiceTest, compileChoiceRule, compileCondition, compilePath, isReferencePath } from '../expressions.js';
import { jsonOf, type SourceScalar } from '../json-document.js';
import { addReferences, type StateSource, transition } from './context.js';
import { assign, attempt, notReferencePath, output } from './expressions.js';
import { refuseForeignField } from './field-matrix.js';
import type { Fields } from './fields.js';
import { holdsExpression, jsonataTemplate } from './jsonata.js';
import { inputOutput, stateCommon } from './state-parts.js';
import { parseTimestamp } from './timestamp.js';

export function choiceState(state: StateSource): ChoiceState {
  const { fields } = state;
  fields.require(['Choices']);
  if (fields.array('Choices')?.items.length === 0) fields.refuseField('Choices', 'Value cannot be empty');
  return {
    type: 'Choice',
    ...stateCommon(state),
    ...inputOutput(state),
    choices: fields.objects('Choices').flatMap((rule) => choiceRule(state, rule) ?? []),
    default: transition(state, fields, 'Default'),
    assign: assign(state, fields),
  };
}

const ORDERS = ['Equals', 'LessThan', 'GreaterThan', 'LessThanEquals', 'GreaterThanEquals'];
const OPERATORS: readonly string[] = [
  ...['String', 'Numeric', 'Timestamp'].flatMap((kind) =>
    ORDERS.flatMap((order) => [`${kind}${order}`, `${kind}${order}Path`]),
  ),
  ...['BooleanEquals', 'BooleanEqualsPath', 'StringMatches'],
  ...['IsNull', 'IsPresent', 'IsNumeric', 'IsString', 'IsBoolean', 'IsTimestamp'],
];
const FORMS = ['And', 'Or', 'Not', 'Variable', 'Condition'];
const COMPARISON_FIELDS: ReadonlySet<string> = new Set([...OPERATORS, ...FORMS, 'Comment']);
const RULE_FIELDS: ReadonlySet<string> = new Set([...COMPARISON_FIELDS, 'Next', 'Assign', 'Output']);

function choiceRule(state: StateSource, rule: Fields): ChoiceRule | null {
  const errorsBefore = state.context.log.errorCount;
  rule.refuseOthers(RULE_FIELDS);
  rule.require(['Next']);
  const next = transition(state, rule, 'Next');
  checkComparison(state, rule);
  const test = state.language === 'JSONata' ? condition(state, rule) : comparison(state, rule, errorsBefore);
  const rest = { assign: assign(state, rule), output: output(state, rule) };
  return next === null || test === null ? null : { ...test, next, ...rest };
}

function comparison(state: StateSource, rule: Fields, errorsBefore: number): ChoiceTest | null {
  if (state.context.log.errorCount > errorsBefore) return null;
  const json = jsonOf(rule.source);
  const compiled = isObject(json) ? attempt(() => compileChoiceRule(json)) : null;
  if (compiled === null) {
    rule.refuse('The Choice Rule cannot be evaluated'); // a guard: what the checks above let through compiles
    return null;
  }
  addReferences(state, compiled.variables, { location: rule.location, offset: rule.source.offset });
  return compiled;
}

/** JSONata's `Condition`: an expression, or a constant. */
function condition(state: StateSource, rule: Fields): ChoiceTest | null {
  if (!rule.has('Condition')) return null;
  if (!holdsExpression(rule, 'Condition') && rule.boolean('Condition') === null) return null;
  const template = jsonataTemplate(state, rule, 'Condition', 'boolean');
  const source = rule.value('Condition');
  const text = source?.kind === 'scalar' ? String(source.value) : '';
  return template && compileCondition(text, template);
}

/** Checks a rule, or a rule within And, Or, Not: exactly one form, and for `Variable` exactly one operator. */
function checkComparison(state: StateSource, rule: Fields): void {
  rule.comment();
  for (const name of ['Output', 'Condition']) {
    if (state.language === 'JSONPath' && rule.has(name)) return refuseForeignField(rule, name, 'JSONPath');
  }
  const operators = OPERATORS.filter((name) => rule.has(name));
  if (state.language === 'JSONata') {
    const foreign = ['Variable', 'And', 'Or', 'Not', ...operators].find((name) => rule.has(name));
    return foreign === undefined ? void rule.require(['Condition']) : refuseForeignField(rule, foreign, 'JSONata');
  }
  if (FORMS.filter((name) => rule.has(name)).length !== 1) {
    return rule.refuse(`The object must have only one of the following fields, [${FORMS.join(', ')}]`);
  }
  if (rule.has('Variable')) return checkVariable(rule, operators);
  for (const name of operators) rule.refuse(`Field '${name}' is not supported`, name);
  checkNested(state, rule);
}

function checkNested(state: StateSource, rule: Fields): void {
  const nested = rule.has('Not') ? [rule.object('Not')] : nestedList(rule, rule.has('And') ? 'And' : 'Or');
  for (const inner of nested) {
    if (inner === null) continue;
    inner.refuseOthers(COMPARISON_FIELDS);
    checkComparison(state, inner);
  }
}

function nestedList(rule: Fields, name: string): readonly Fields[] {
  if (rule.array(name)?.items.length === 0) rule.refuseField(name, 'Value cannot be empty');
  return rule.objects(name);
}

function checkVariable(rule: Fields, operators: readonly string[]): void {
  checkReferencePath(rule, 'Variable');
  const [operator] = operators;
  if (operator === undefined) {
    return rule.refuse(`This object should have only one of the following fields: [${OPERATORS.join(', ')}]`);
  }
  if (!rule.atMostOne(OPERATORS)) return;
  if (operator.endsWith('Path')) return checkReferencePath(rule, operator);
  const value = rule.value(operator);
  if (value === undefined) return;
  const fault =
    value.kind === 'scalar' ? operandFault(operator, value.value) : `Expected value of type ${operandType(operator)}`;
  if (fault !== null) rule.refuseField(operator, fault);
}

function checkReferencePath(rule: Fields, name: string): void {
  const text = rule.string(name);
  if (text === null) return;
  const isPath = attempt(() => compilePath(text)) !== null;
  if (!isPath || !isReferencePath(text)) rule.refuseField(name, notReferencePath(text));
}

function operandFault(operator: string, value: SourceScalar['value']): string | null {
  const type = operandType(operator);
  const isRight =
    type === 'Number' ? isNumber(value) : type === 'Boolean' ? typeof value === 'boolean' : typeof value === 'string';
  if (!isRight) return `Expected value of type ${type}`;
  if (!operator.startsWith('Timestamp') || parseTimestamp(String(value)) !== null) return null;
  return 'String does not match RFC3339 timestamp';
}

function operandType(operator: string): 'Number' | 'Boolean' | 'String' {
  if (operator.startsWith('Numeric')) return 'Number';
  return operator.startsWith('Boolean') || operator.startsWith('Is') ? 'Boolean' : 'String';
}
