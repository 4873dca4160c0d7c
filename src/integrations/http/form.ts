import { entriesOf, isArray, isObject, type JsonValue, writeJson } from '../../payload/index.js';

/** How a list is written in a form. */
export type ArrayFormat = 'INDICES' | 'REPEAT' | 'COMMAS' | 'BRACKETS';

/** An object's members as a form, `a=1&b[0]=x&c[d]=y`; what is within an object has its name in brackets. */
export function encodeForm(value: JsonValue, format: ArrayFormat): string {
  const pairs: string[] = [];
  if (isObject(value)) for (const [name, item] of entriesOf(value)) encode(name, item, format, pairs);
  return pairs.join('&');
}

function encode(name: string, value: JsonValue, format: ArrayFormat, pairs: string[]): void {
  if (isObject(value)) {
    for (const [key, item] of entriesOf(value)) encode(`${name}[${key}]`, item, format, pairs);
  } else if (isArray(value)) encodeList(name, value, format, pairs);
  else pairs.push(`${encodePart(name)}=${encodePart(textOf(value))}`);
}

function encodeList(name: string, items: readonly JsonValue[], format: ArrayFormat, pairs: string[]): void {
  switch (format) {
    case 'INDICES':
      for (const [index, item] of items.entries()) encode(`${name}[${index}]`, item, format, pairs);
      return;
    case 'REPEAT':
      for (const item of items) encode(name, item, format, pairs);
      return;
    case 'BRACKETS':
      for (const item of items) encode(`${name}[]`, item, format, pairs);
      return;
    case 'COMMAS':
      pairs.push(`${encodePart(name)}=${items.map((item) => encodePart(textOf(item))).join(',')}`);
      return;
    default:
      format satisfies never;
  }
}

const textOf = (value: JsonValue): string =>
  value === null ? '' : typeof value === 'string' ? value : writeJson(value);

const encodePart = (text: string): string => encodeURIComponent(text).replace(/%20/g, '+');
