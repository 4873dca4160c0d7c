import { ASL_INTEGER_MAX, RETRY_DELAY_SECONDS_MAX } from '../../limits.js';
import type { Catcher, Retrier } from '../definition.js';
import { type StateSource, transition } from './context.js';
import { assign, output, resultPath } from './expressions.js';
import { CATCHER_FIELDS, checkFieldSet } from './field-matrix.js';
import type { Fields } from './fields.js';

const RETRIER_FIELDS: ReadonlySet<string> = new Set([
  'ErrorEquals',
  'IntervalSeconds',
  'MaxAttempts',
  'BackoffRate',
  'MaxDelaySeconds',
  'JitterStrategy',
  'Comment',
]);

export function retriers(state: StateSource): readonly Retrier[] {
  const list = state.fields.objects('Retry');
  return list.map((fields, index) => {
    fields.refuseOthers(RETRIER_FIELDS);
    fields.comment();
    return {
      errorEquals: errorEquals(fields, { isLast: index === list.length - 1 }),
      // AWS documents 1 as the least interval, and accepts 0 (measured).
      intervalSeconds: fields.integer('IntervalSeconds', { min: 0, max: ASL_INTEGER_MAX }) ?? 1,
      maxAttempts: fields.integer('MaxAttempts', { min: 0, max: ASL_INTEGER_MAX }) ?? 3,
      backoffRate: fields.number('BackoffRate', { min: 1, max: null }) ?? 2,
      maxDelaySeconds: fields.integer('MaxDelaySeconds', { min: 1, max: RETRY_DELAY_SECONDS_MAX }),
      jitter: fields.oneOf('JitterStrategy', ['NONE', 'FULL']) ?? 'NONE',
    };
  });
}

export function catchers(state: StateSource): readonly Catcher[] {
  const list = state.fields.objects('Catch');
  return list.map((fields, index) => {
    checkFieldSet(fields, CATCHER_FIELDS, state.language);
    fields.require(['ErrorEquals', 'Next']);
    fields.comment();
    return {
      errorEquals: errorEquals(fields, { isLast: index === list.length - 1, isRequired: false }),
      next: transition(state, fields, 'Next') ?? '',
      resultPath: resultPath(state, fields),
      assign: assign(state, fields),
      output: output(state, fields),
    };
  });
}

interface Position {
  readonly isLast: boolean;
  /** False where the caller has reported a missing list already. */
  readonly isRequired?: boolean;
}

function errorEquals(fields: Fields, { isLast, isRequired = true }: Position): readonly string[] {
  if (isRequired) fields.require(['ErrorEquals']);
  const list = fields.array('ErrorEquals');
  if (list === null) return [];
  if (list.items.length === 0) fields.refuseField('ErrorEquals', 'Value cannot be empty');
  const names: string[] = [];
  for (const [index, item] of list.items.entries()) {
    if (item.kind === 'scalar' && typeof item.value === 'string') names.push(item.value);
    else {
      const location = `${fields.where('ErrorEquals')}[${index}]`;
      fields.log.error({ message: 'Expected value of type String', location, offset: item.offset });
    }
  }
  if (names.includes('States.ALL') && (names.length > 1 || !isLast)) {
    fields.refuseField('ErrorEquals', 'States.ALL must appear alone and at end of list');
  }
  return names;
}
