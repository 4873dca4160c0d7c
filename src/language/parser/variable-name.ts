import { NAME_CHARS_MAX } from '../../limits.js';
import type { QueryLanguage } from '../definition.js';
import type { Fields } from './fields.js';

const NAME = /^[\p{ID_Start}_][\p{ID_Continue}]*$/u;
const RESERVED = 'states';

/** Checks a key of `Assign` (JSONPath: its name without `.$`) and reports what is wrong. AWS: Unicode identifiers of at most 80 characters. */
export function checkVariableName(assigned: Fields, key: string, language: QueryLanguage): boolean {
  const name = language === 'JSONPath' && key.endsWith('.$') ? key.slice(0, -2) : key;
  const offset = assigned.source.members.get(key)?.keyOffset ?? assigned.source.offset;
  const refuse = (code: string, message: string): false => {
    assigned.log.error({ code, message, location: assigned.where(key), offset });
    return false;
  };
  if (name === RESERVED) return refuse('RESERVED_VARIABLE_NAME', "Cannot assign to reserved variable '$states'.");
  if (name.length > NAME_CHARS_MAX) {
    const fault = `the variable name exceeds the ${NAME_CHARS_MAX}-character limit.`;
    return refuse('INVALID_VARIABLE_NAME', `Invalid variable name '${name}': ${fault}`);
  }
  if (NAME.test(name)) return true;
  const fault = 'the variable name contains invalid characters.';
  return refuse('INVALID_VARIABLE_NAME', `Invalid variable name '${name}': ${fault}`);
}
