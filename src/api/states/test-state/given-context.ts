import type { Resource, State } from '../../../language/index.js';
import {
  entriesOf,
  isNumber,
  isObject,
  type JsonObject,
  JsonSyntaxError,
  type JsonValue,
  parseJson,
} from '../../../payload/index.js';
import { invalid } from './request.js';

type FieldType = 'a string' | 'a number' | 'anything';

/** The parts of a context object that a caller may give, and the types of their fields. */
const PARTS: ReadonlyMap<string, Readonly<Record<string, FieldType>>> = new Map([
  [
    'Execution',
    {
      Id: 'a string',
      Input: 'anything',
      Name: 'a string',
      RoleArn: 'a string',
      StartTime: 'a string',
      RedriveCount: 'a number',
      RedriveTime: 'a string',
    },
  ],
  ['State', { EnteredTime: 'a string', Name: 'a string', RetryCount: 'a number' }],
  ['StateMachine', { Id: 'a string', Name: 'a string' }],
  ['Task', { Token: 'a string' }],
]);

/** The context object that the caller gives. Throws ValidationException. */
export function readContext(text: string, state: State): JsonObject {
  const context = readObject(text);
  for (const [name, part] of entriesOf(context)) {
    const fields = PARTS.get(name);
    if (name === 'Map') throw refuse("'Map' field is not supported when mocking a Context object");
    if (fields === undefined) throw refuse(`Field '${name}' is not allowed`);
    if (name === 'Task' && !(state.type === 'Task' && hasToken(state.resource))) {
      throw refuse(
        "Context object contains 'Task' when state is not a Task state with a '.sync' or '.waitForTaskToken' service integration pattern",
      );
    }
    if (!isObject(part)) throw refuse(`${name} must be an object`);
    for (const [field, value] of entriesOf(part)) checkField(`${name}.${field}`, fields[field], value);
  }
  return context;
}

function readObject(text: string): JsonObject {
  try {
    const context = parseJson(text);
    if (isObject(context)) return context;
  } catch (fault) {
    if (!(fault instanceof JsonSyntaxError)) throw fault;
  }
  throw refuse('Context object must be a valid JSON object');
}

function checkField(path: string, type: FieldType | undefined, value: JsonValue): void {
  if (type === undefined) throw refuse(`Field '${path}' is not allowed`);
  const isRight =
    type === 'anything' ||
    (type === 'a string' && typeof value === 'string') ||
    (type === 'a number' && isNumber(value));
  if (!isRight) throw refuse(`${path} must be ${type}`);
}

const hasToken = (resource: Resource): boolean =>
  resource.type === 'integration' && resource.pattern !== 'requestResponse';

const refuse = (why: string) => invalid(`Invalid Context object provided: ${why}`);
