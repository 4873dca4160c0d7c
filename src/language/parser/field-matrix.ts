import type { QueryLanguage, State } from '../definition.js';
import type { Fields } from './fields.js';

/** The fields of an object: for both query languages, for JSONPath only, for JSONata only. */
interface FieldSet {
  readonly both: readonly string[];
  readonly jsonPath: readonly string[];
  readonly jsonata: readonly string[];
}

/** Every state type, in the order in which AWS names them. */
export const STATE_TYPES = ['Task', 'Wait', 'Pass', 'Succeed', 'Fail', 'Choice', 'Parallel', 'Map'] as const;

const COMMON = ['Type', 'Comment', 'QueryLanguage'];
const PATHS = ['InputPath', 'OutputPath'];
const SELECTION = ['Parameters', 'ResultSelector', 'ResultPath'];
const NEXT = ['Next', 'End', 'Assign'];
const RECOVERY = ['Retry', 'Catch'];

/** AWS's field matrix: the Developer Guide's, measured on the service for each state type. */
const STATE_FIELDS: Readonly<Record<State['type'], FieldSet>> = {
  Task: {
    both: [...COMMON, ...NEXT, ...RECOVERY, 'Resource', 'Credentials', 'TimeoutSeconds', 'HeartbeatSeconds'],
    jsonPath: [...PATHS, ...SELECTION, 'TimeoutSecondsPath', 'HeartbeatSecondsPath'],
    jsonata: ['Arguments', 'Output'],
  },
  Wait: {
    both: [...COMMON, ...NEXT, 'Seconds', 'Timestamp'],
    jsonPath: [...PATHS, 'SecondsPath', 'TimestampPath'],
    jsonata: ['Output'],
  },
  Pass: {
    both: [...COMMON, ...NEXT],
    jsonPath: [...PATHS, 'Parameters', 'ResultPath', 'Result'],
    jsonata: ['Output'],
  },
  Succeed: { both: COMMON, jsonPath: PATHS, jsonata: ['Output'] },
  Fail: { both: [...COMMON, 'Error', 'Cause'], jsonPath: ['ErrorPath', 'CausePath'], jsonata: [] },
  Choice: { both: [...COMMON, 'Choices', 'Default', 'Assign'], jsonPath: PATHS, jsonata: ['Output'] },
  Parallel: {
    both: [...COMMON, ...NEXT, ...RECOVERY, 'Branches'],
    jsonPath: [...PATHS, ...SELECTION],
    jsonata: ['Arguments', 'Output'],
  },
  Map: {
    both: [
      ...COMMON,
      ...NEXT,
      ...RECOVERY,
      ...['ItemProcessor', 'Iterator', 'ItemSelector', 'ItemReader', 'ItemBatcher', 'ResultWriter', 'Label'],
      ...['MaxConcurrency', 'ToleratedFailureCount', 'ToleratedFailurePercentage'],
    ],
    jsonPath: [
      ...PATHS,
      ...SELECTION,
      ...['ItemsPath', 'MaxConcurrencyPath', 'ToleratedFailureCountPath', 'ToleratedFailurePercentagePath'],
    ],
    jsonata: ['Items', 'Output'],
  },
};

export const CATCHER_FIELDS: FieldSet = {
  both: ['ErrorEquals', 'Next', 'Assign', 'Comment'],
  jsonPath: ['ResultPath'],
  jsonata: ['Output'],
};

/** What a state of this type may have, whatever its query language (for suggestions). */
export function stateFieldNames(type: string): readonly string[] {
  const set = STATE_TYPES.some((known) => known === type) ? STATE_FIELDS[type as State['type']] : null;
  return set === null ? COMMON : [...set.both, ...set.jsonPath, ...set.jsonata];
}

export const checkStateFields = (fields: Fields, type: State['type'], language: QueryLanguage): void =>
  checkFieldSet(fields, STATE_FIELDS[type], language);

/** Reports the fields that do not belong here, and those of the other query language. */
export function checkFieldSet(fields: Fields, set: FieldSet, language: QueryLanguage): void {
  const foreign = language === 'JSONPath' ? set.jsonata : set.jsonPath;
  const own = language === 'JSONPath' ? set.jsonPath : set.jsonata;
  for (const name of fields.names()) {
    if (set.both.includes(name) || own.includes(name)) continue;
    if (foreign.includes(name)) refuseForeignField(fields, name, language);
    else fields.refuse(`Field '${name}' is not supported`, name);
  }
}

export function refuseForeignField(fields: Fields, name: string, language: QueryLanguage): void {
  const other = language === 'JSONPath' ? 'JSONata' : 'JSONPath';
  fields.refuse(
    `The QueryLanguage is set to '${language}', but field '${name}' is only supported for the '${other}' QueryLanguage`,
    name,
  );
}
