import { entriesOf, isArray, isObject, JsonNumber, type JsonValue } from '../../payload/index.js';

/** How Java prints a value, which is how AWS shows it: `{a=1, b=[x, null]}`; strings without quotes. */
export function javaText(value: JsonValue): string {
  if (typeof value === 'string') return value;
  if (value instanceof JsonNumber) return value.text;
  if (isArray(value)) return `[${value.map(javaText).join(', ')}]`;
  if (isObject(value)) {
    return `{${entriesOf(value)
      .map(([key, member]) => `${key}=${javaText(member)}`)
      .join(', ')}}`;
  }
  return String(value);
}

const INT_MAX = 2_147_483_647;

/** The class that Jackson reads a value into. */
export function javaClass(value: JsonValue): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return 'java.lang.String';
  if (typeof value === 'boolean') return 'java.lang.Boolean';
  if (isArray(value)) return 'java.util.ArrayList';
  if (isObject(value)) return 'java.util.LinkedHashMap';
  return numberClass(value);
}

function numberClass(value: number | JsonNumber): string {
  const text = typeof value === 'number' ? String(value) : value.text;
  if (!/^-?\d+$/.test(text)) return 'java.lang.Double';
  const integer = BigInt(text);
  if (integer >= -INT_MAX - 1 && integer <= INT_MAX) return 'java.lang.Integer';
  return BigInt.asIntN(64, integer) === integer ? 'java.lang.Long' : 'java.math.BigInteger';
}
