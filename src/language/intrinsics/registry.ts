import type { JsonValue } from '../../payload/index.js';
import type { Arguments } from './arguments.js';
import { array, arrayContains, arrayGetItem, arrayLength, arrayPartition, arrayRange, arrayUnique } from './arrays.js';
import { base64Decode, base64Encode, hash } from './encodings.js';
import { mathAdd, mathRandom, uuid } from './numbers.js';
import { format, jsonMerge, jsonToString, stringSplit, stringToJson } from './texts.js';

export interface IntrinsicFunction {
  readonly argumentsMin: number;
  readonly argumentsMax: number;
  readonly call: (given: Arguments) => JsonValue;
}

const taking = (
  [argumentsMin, argumentsMax]: readonly [number, number],
  call: (given: Arguments) => JsonValue,
): IntrinsicFunction => ({ argumentsMin, argumentsMax, call });

/** AWS's functions. It adds no more: JSONata replaces them. */
export const INTRINSIC_FUNCTIONS: ReadonlyMap<string, IntrinsicFunction> = new Map([
  ['States.Array', taking([0, Number.POSITIVE_INFINITY], array)],
  ['States.ArrayPartition', taking([2, 2], arrayPartition)],
  ['States.ArrayContains', taking([2, 2], arrayContains)],
  ['States.ArrayRange', taking([3, 3], arrayRange)],
  ['States.ArrayGetItem', taking([2, 2], arrayGetItem)],
  ['States.ArrayLength', taking([1, 1], arrayLength)],
  ['States.ArrayUnique', taking([1, 1], arrayUnique)],
  ['States.Base64Encode', taking([1, 1], base64Encode)],
  ['States.Base64Decode', taking([1, 1], base64Decode)],
  ['States.Format', taking([1, Number.POSITIVE_INFINITY], format)],
  ['States.Hash', taking([2, 2], hash)],
  ['States.JsonMerge', taking([3, 3], jsonMerge)],
  ['States.JsonToString', taking([1, 1], jsonToString)],
  ['States.MathAdd', taking([2, 2], mathAdd)],
  ['States.MathRandom', taking([2, 3], mathRandom)],
  ['States.StringSplit', taking([2, 2], stringSplit)],
  ['States.StringToJson', taking([1, 1], stringToJson)],
  ['States.UUID', taking([0, 0], uuid)],
]);
