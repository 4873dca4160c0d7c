import type { Template } from '../definition.js';
import { type CompiledJsonata, compileJsonata, isJsonataExpression, JsonataSyntaxFault } from '../jsonata/index.js';
import { compileJsonataTemplate, type ExpressionSite, type JsonataType } from '../jsonata-template.js';
import { addReferences, type StateSource } from './context.js';
import type { Fields } from './fields.js';

/**
 * A field of a JSONata state, or of a rule or catcher in it: any JSON value, with expressions at any depth. Null when it is
 * not there or wrong (reported). `type` is what an expression that is the whole field must come to.
 */
export function jsonataTemplate(
  state: StateSource,
  fields: Fields,
  name: string,
  type: JsonataType | null = null,
): Template | null {
  const value = fields.value(name);
  if (value === undefined) return null;
  const { errorCount } = state.context.log;
  const field = fields.where(name).slice(state.fields.location.length + 1);
  const template = compileJsonataTemplate(value, field, (site) => compiledExpression(state, site), type);
  addReferences(state, template.variables, { location: fields.where(name), offset: value.offset });
  return state.context.log.errorCount > errorCount ? null : template;
}

/** Whether the field is one expression. */
export function holdsExpression(fields: Fields, name: string): boolean {
  const value = fields.value(name);
  return value?.kind === 'scalar' && typeof value.value === 'string' && isJsonataExpression(value.value);
}

function compiledExpression(state: StateSource, { text, field, source }: ExpressionSite): CompiledJsonata | null {
  const { log } = state.context;
  const place = { location: `${state.fields.location}/${field}`, offset: source.offset };
  try {
    const compiled = compileJsonata(text);
    const foreign = compiled.statesFields.find((name) => !hasStatesField(state, field, name));
    if (foreign === undefined) return compiled;
    const message = `Field '$states.${foreign}' does not exist.`;
    log.error({ code: 'UNSUPPORTED_JSONATA_EXPRESSION', message, ...place });
  } catch (fault) {
    if (!(fault instanceof JsonataSyntaxFault)) throw fault;
    log.error({ code: fault.code, message: fault.message.replace(ERROR_CODE, ''), ...place });
  }
  return null;
}

/** JSONata's own code, which AWS leaves out here. */
const ERROR_CODE = /^[A-Z]\d{4}: /;
const IN_CATCHER = /^Catch\[\d+\]\//;
const AT_END = /^(?:Output|Assign)(?:$|[/[])/;

/** `$states` has a result where a Task, Parallel or Map has succeeded, and an error in its catchers. */
function hasStatesField({ type }: StateSource, field: string, name: string): boolean {
  switch (name) {
    case 'input':
    case 'context':
      return true;
    case 'errorOutput':
      return IN_CATCHER.test(field);
    case 'result':
      return AT_END.test(field) && (type === 'Task' || type === 'Parallel' || type === 'Map');
    default:
      return false;
  }
}
