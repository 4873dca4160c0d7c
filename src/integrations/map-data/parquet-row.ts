import { writeJson } from '../../payload/index.js';

/** A row as the JSON text of an object. */
export const rowText = (row: Readonly<Record<string, unknown>>): string => objectText(row);

/** Parquet's values as JSON: 64-bit integers keep their digits, times are ISO 8601 text, bytes Base64, what JSON lacks is null. */
function valueText(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return writeJson(value);
    case 'bigint':
    case 'boolean':
      return String(value);
    case 'number':
      return Number.isFinite(value) ? String(value) : 'null';
    case 'object':
      return value === null ? 'null' : objectText(value);
    default:
      return 'null';
  }
}

function objectText(value: object): string {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'null' : `"${value.toISOString()}"`;
  if (value instanceof Uint8Array) return `"${Buffer.from(value).toString('base64')}"`;
  if (Array.isArray(value) || ArrayBuffer.isView(value)) {
    return `[${Array.from(value as ArrayLike<unknown>, valueText).join(',')}]`;
  }
  return `{${Object.entries(value)
    .map(([key, member]) => `${writeJson(key)}:${valueText(member)}`)
    .join(',')}}`;
}
