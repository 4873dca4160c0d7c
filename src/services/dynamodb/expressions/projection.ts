import { type AttributeValue, type Item, type ItemDraft, newItem } from '../values/attribute-value.js';
import { ExpressionParser } from './expression-parser.js';
import { clashOf, clashText, type Path, valueAt } from './path.js';
import type { Placeholders } from './placeholders.js';

export interface Projection {
  readonly paths: readonly Path[];
  /** Attributes that are looked into. */
  readonly nested: ReadonlySet<string>;
}

/** Parses a ProjectionExpression. Throws ExpressionFault. */
export const parseProjection = (text: string, placeholders: Placeholders): Projection =>
  new ProjectionParser(text, placeholders).parse();

/** Of attributes by their names. */
export const namedProjection = (names: readonly string[]): Projection => ({
  paths: names.map((name) => [name]),
  nested: new Set(),
});

type Kind = 'reserved' | 'undefined' | 'overlap' | 'conflict';

class ProjectionParser extends ExpressionParser<Kind> {
  parse(): Projection {
    const paths: Path[] = [];
    do {
      const path = this.path({ reserved: 'reserved', undefined: 'undefined' });
      for (const other of paths) {
        const clash = clashOf(other, path);
        if (clash !== null) this.fault(clash.type, clashText(clash));
      }
      paths.push(path);
    } while (this.tokens.takes(','));
    this.tokens.expectEnd();
    this.throwFaults(['reserved', 'undefined', 'overlap', 'conflict']);
    const nested = new Set(paths.flatMap(([head, ...rest]) => (rest.length > 0 ? [String(head)] : [])));
    return { paths, nested };
  }
}

/** What the paths lead to, in maps and lists as in the item; elements of lists keep their order and close up. */
export function project({ paths }: Pick<Projection, 'paths'>, item: Item): Item {
  const whole: Branch = { type: 'map', children: new Map() };
  for (const path of paths) {
    const value = valueAt(path, item);
    if (value !== undefined) place(whole, path, value);
  }
  return branchItem(whole);
}

type Branch =
  | { readonly type: 'map' | 'list'; readonly children: Map<string | number, Branch> }
  | { readonly type: 'leaf'; readonly value: AttributeValue };

function place(branch: Branch, path: Path, value: AttributeValue): void {
  const [part, next] = path;
  if (branch.type === 'leaf' || part === undefined) return;
  if (next === undefined) {
    branch.children.set(part, { type: 'leaf', value });
    return;
  }
  const child = branch.children.get(part) ?? { type: typeof next === 'number' ? 'list' : 'map', children: new Map() };
  branch.children.set(part, child);
  place(child, path.slice(1), value);
}

function branchValue(branch: Branch): AttributeValue {
  if (branch.type === 'leaf') return branch.value;
  if (branch.type === 'map') return { M: branchItem(branch) };
  const elements = [...branch.children].sort(([a], [b]) => Number(a) - Number(b));
  return { L: elements.map(([, child]) => branchValue(child)) };
}

function branchItem(branch: Branch): ItemDraft {
  const item = newItem();
  if (branch.type !== 'leaf') for (const [name, child] of branch.children) item[String(name)] = branchValue(child);
  return item;
}
