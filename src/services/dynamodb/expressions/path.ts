import { type AttributeValue, attributeOf, type Item } from '../values/attribute-value.js';

/** Where an attribute lies: its name, then keys of maps and indexes of lists. */
export type Path = readonly (string | number)[];

export const pathText = (path: Path): string =>
  `[${path.map((part) => (typeof part === 'number' ? `[${part}]` : part)).join(', ')}]`;

export function valueAt(path: Path, item: Item): AttributeValue | undefined {
  const [name, ...rest] = path;
  let value = typeof name === 'string' ? attributeOf(item, name) : undefined;
  for (const part of rest) {
    if (value === undefined) return undefined;
    value = childOf(value, part);
  }
  return value;
}

function childOf(value: AttributeValue, part: string | number): AttributeValue | undefined {
  if (typeof part === 'number') return 'L' in value ? value.L[part] : undefined;
  return 'M' in value ? attributeOf(value.M, part) : undefined;
}

export type PathClash = { readonly type: 'overlap' | 'conflict'; readonly first: Path; readonly second: Path };

/** Whether one path leads through the other (`overlap`), or they disagree about what is a list (`conflict`). */
export function clashOf(first: Path, second: Path): PathClash | null {
  for (let at = 0; at < first.length && at < second.length; at++) {
    if (typeof first[at] !== typeof second[at]) return { type: 'conflict', first, second };
    if (first[at] !== second[at]) return null;
  }
  return { type: 'overlap', first, second };
}

export const clashText = ({ type, first, second }: PathClash): string =>
  `Two document paths ${type} with each other; must remove or rewrite one of these paths; ` +
  `path one: ${pathText(first)}, path two: ${pathText(second)}`;
