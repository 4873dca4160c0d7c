import { type AttributeValue, attributeOf, type Item, setOf } from './attribute-value.js';
import { decimalOf } from './decimal.js';

/** Bytes of an item as DynamoDB counts them: names and values; https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html. */
export function itemBytes(item: Item): number {
  let bytes = 0;
  for (const name of Object.keys(item)) {
    const value = attributeOf(item, name);
    if (value !== undefined) bytes += Buffer.byteLength(name) + valueBytes(value);
  }
  return bytes;
}

function valueBytes(value: AttributeValue): number {
  if ('S' in value) return Buffer.byteLength(value.S);
  if ('N' in value) return numberBytes(value.N);
  if ('B' in value) return Buffer.byteLength(value.B, 'base64');
  if ('M' in value) return LIST_BYTES + Object.keys(value.M).length + itemBytes(value.M);
  if ('L' in value) return value.L.reduce((sum, element) => sum + 1 + valueBytes(element), LIST_BYTES);
  const set = setOf(value);
  if (set === null) return 1; // a truth value, or nothing
  const { type, members } = set;
  return members.reduce((sum, member) => sum + memberBytes(type, member), 0);
}

/** Of a list or a map, whatever is in it. */
const LIST_BYTES = 3;

function memberBytes(type: 'SS' | 'NS' | 'BS', member: string): number {
  if (type === 'NS') return numberBytes(member);
  return Buffer.byteLength(member, type === 'BS' ? 'base64' : 'utf8');
}

/** Two digits a byte, from an even exponent on; one byte more, and another for a sign. */
function numberBytes(text: string): number {
  const { digits, exponent, isNegative } = decimalOf(text);
  if (digits === '') return 1;
  const isShifted = digits.length % 2 === 0 && exponent % 2 === 0;
  return 1 + Math.ceil(digits.length / 2) + (isShifted ? 1 : 0) + (isNegative ? 1 : 0);
}
