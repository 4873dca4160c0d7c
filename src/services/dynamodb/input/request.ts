import { validationFault } from '../fault.js';
import { checkMembers, readMembers } from './composite-shapes.js';
import { FaultList, type Members, type Shape, type StructureOf, text } from './shape.js';

/**
 * Reads the members of a request: types first, then what is required, then the constraints of all members. Throws TableFault.
 * A member that the operation does not have here is refused by name: nothing is taken and forgotten.
 */
export function readRequest<M extends Members>(operation: string, members: M, input: object): StructureOf<M> {
  for (const name of Object.keys(input)) {
    const value: unknown = Reflect.get(input, name);
    if (value === null || value === undefined || Object.hasOwn(members, name)) continue;
    throw validationFault(`Treadle's tables do not do '${name}' in ${operation}. Leave it out.`);
  }
  const request = readMembers(input, Object.keys(members), members);
  checkWanted(members, request);
  const faults = new FaultList();
  checkMembers(request, members, '', faults);
  const { texts } = faults;
  if (texts.length === 0) return request;
  throw validationFault(`${texts.length} validation error${texts.length > 1 ? 's' : ''} detected: ${texts.join('; ')}`);
}

/** A name whose absence and length AWS tells before all else. */
export interface NamedShape extends Shape<string> {
  readonly isRequired: true;
  readonly isTold: true;
}

/** The table of an operation on tables. */
export const toldTableName: NamedShape = {
  ...text({
    holds: (value) => /^[a-zA-Z0-9_.-]+$/.test(value),
    text: 'Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+',
  }),
  isRequired: true,
  isTold: true,
};

function checkWanted(members: Members, request: object): void {
  for (const [name, shape] of Object.entries(members)) {
    if (!('isTold' in shape)) continue;
    const value: unknown = Reflect.get(request, name);
    if (typeof value !== 'string') {
      throw validationFault(`The parameter '${name}' is required but was not present in the request`);
    }
    if (value.length < NAME_CHARS_MIN || value.length > NAME_CHARS_MAX) {
      throw validationFault(`${name} must be at least 3 characters long and at most 255 characters long`);
    }
  }
}

const NAME_CHARS_MIN = 3;
const NAME_CHARS_MAX = 255;
