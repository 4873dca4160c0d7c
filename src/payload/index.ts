export {
  entriesOf,
  equalJson,
  isArray,
  isJsonText,
  isNumber,
  isObject,
  type JsonArray,
  JsonNumber,
  type JsonObject,
  JsonSyntaxError,
  type JsonValue,
  keysOf,
  memberOf,
  numberOf,
  objectOf,
  parseJson,
  withMember,
} from './json.js';
export { EMPTY_OBJECT, Payload, parsePayload } from './payload.js';
export { TextWriter } from './text-writer.js';
export { writeJson } from './write-json.js';
