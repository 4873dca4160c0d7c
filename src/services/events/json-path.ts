import { isArray, isObject, type JsonValue, keysOf, memberOf } from '../../payload/index.js';

/** EventBridge's own small JSONPath: names, indices and wildcards, such as `$.detail.items[0].id` and `$.resources[*]`. */
export interface JsonPath {
  /** Undefined where the event has no such place; a path with a wildcard gives a list. */
  read(event: JsonValue): JsonValue | undefined;
}

type Part = { readonly type: 'name'; readonly name: string } | { readonly type: 'index'; readonly index: number } | '*';

const PART = /\.([A-Za-z0-9_\-/@:$]+)|\.(\*)|\[(\*)\]|\[(\d{1,9})\]|\['([^']+)'\]/y;

/** Null for a text that is no such path. */
export function parseJsonPath(text: string): JsonPath | null {
  if (!text.startsWith('$')) return null;
  const parts: Part[] = [];
  for (let position = 1; position < text.length; position = PART.lastIndex) {
    PART.lastIndex = position;
    const found = PART.exec(text);
    if (found === null) return null;
    const [, dotted, star, bracketStar, index, quoted] = found;
    const name = dotted ?? quoted;
    if (name !== undefined) parts.push({ type: 'name', name });
    else if (index !== undefined) parts.push({ type: 'index', index: Number(index) });
    else if (star !== undefined || bracketStar !== undefined) parts.push('*');
  }
  const isMany = parts.includes('*');
  return {
    read: (event) => {
      const found = parts.reduce<readonly JsonValue[]>((values, part) => values.flatMap(stepInto(part)), [event]);
      if (isMany) return found.length > 0 ? found : undefined;
      return found[0];
    },
  };
}

const stepInto =
  (part: Part) =>
  (value: JsonValue): readonly JsonValue[] => {
    if (part === '*') {
      if (isArray(value)) return value;
      return isObject(value) ? keysOf(value).map((key) => memberOf(value, key) ?? null) : [];
    }
    switch (part.type) {
      case 'name': {
        const member = isObject(value) ? memberOf(value, part.name) : undefined;
        return member === undefined ? [] : [member];
      }
      case 'index': {
        const element = isArray(value) ? value[part.index] : undefined;
        return element === undefined ? [] : [element];
      }
      default:
        return part satisfies never;
    }
  };
