import { validationFault } from '../fault.js';
import { type AttributeValue, type Item, newSet, setOf } from '../values/attribute-value.js';
import { addDecimals, decimalOf, decimalText, negated, rangeFault } from '../values/decimal.js';
import { type Path, valueAt } from './path.js';
import type { UpdateAction, UpdateOperand } from './update.js';

/** The item after an update. All operands are values of the item before it. Throws TableFault. */
export function applyUpdate(actions: readonly UpdateAction[], item: Item): Item {
  const values = actions.map((action) => (action.type === 'set' ? evaluate(action.value, item) : null));
  const whole = draftOf(item);
  const lists = new Set<Draft[]>();
  for (const [index, action] of actions.entries()) {
    const place = placeOf(whole, action.path);
    const value = newValue(action, values[index] ?? null, valueAt(action.path, item));
    if (value !== KEEP) put(place, value, lists);
  }
  for (const list of lists) list.splice(0, list.length, ...list.filter((element) => element !== undefined));
  return sealed(whole);
}

/** A value of a copy, whose maps and lists can be written. Holes in lists are undefined. */
type Draft =
  | Exclude<AttributeValue, { readonly M: Item } | { readonly L: readonly AttributeValue[] }>
  | Container
  | undefined;
type Container = { M: Drafts } | { L: Draft[] };
type Drafts = Record<string, Draft>;

const KEEP = Symbol('keep');

function draftOf(item: Item): Drafts {
  const drafts: Drafts = Object.create(null);
  for (const [name, value] of Object.entries(item)) drafts[name] = draftValue(value);
  return drafts;
}

function draftValue(value: AttributeValue): Draft {
  if ('M' in value) return { M: draftOf(value.M) };
  return 'L' in value ? { L: value.L.map(draftValue) } : value;
}

interface Place {
  readonly parent: Drafts | Draft[];
  readonly part: string | number;
}

/** Goes through the maps and lists above a path. Throws TableFault where there are none. */
function placeOf(whole: Drafts, path: Path): Place {
  let parent: Drafts | Draft[] = whole;
  for (const [at, part] of path.entries()) {
    const next = path[at + 1];
    if (next === undefined) return { parent, part };
    parent = childrenOf(read(parent, part), next);
  }
  throw new Error('Broken invariant: a path has at least one part');
}

function childrenOf(value: Draft, next: string | number): Drafts | Draft[] {
  if (typeof next === 'number' && value !== undefined && 'L' in value) return value.L;
  if (typeof next === 'string' && value !== undefined && 'M' in value) return value.M;
  throw validationFault('The document path provided in the update expression is invalid for update');
}

const read = (parent: Drafts | Draft[], part: string | number): Draft => {
  if (Array.isArray(parent)) return parent[Number(part)];
  return Object.hasOwn(parent, part) ? parent[part] : undefined;
};

function put({ parent, part }: Place, value: AttributeValue | null, lists: Set<Draft[]>): void {
  if (Array.isArray(parent)) {
    lists.add(parent);
    const index = Number(part);
    if (value === null && index >= parent.length) return;
    parent[index] = value === null ? undefined : draftValue(value);
  } else if (value === null) delete parent[part];
  else parent[part] = draftValue(value);
}

/** Null takes the attribute away. */
function newValue(
  action: UpdateAction,
  set: AttributeValue | null,
  existing: AttributeValue | undefined,
): AttributeValue | null | typeof KEEP {
  switch (action.type) {
    case 'set':
      return set;
    case 'remove':
      return null;
    case 'add':
      return existing === undefined ? action.value : added(existing, action.value);
    case 'delete':
      return existing === undefined ? KEEP : without(existing, action.value);
    default:
      return action satisfies never;
  }
}

function added(existing: AttributeValue, value: AttributeValue): AttributeValue {
  if ('N' in existing && 'N' in value) return sum(existing.N, value.N, false);
  const set = setOf(existing);
  const more = setOf(value);
  if (set === null || more === null || set.type !== more.type) throw wrongType();
  return newSet(set.type, [...set.members, ...more.members.filter((member) => !set.members.includes(member))]);
}

function without(existing: AttributeValue, value: AttributeValue): AttributeValue | null {
  const set = setOf(existing);
  const less = setOf(value);
  if (set === null || less === null || set.type !== less.type) throw wrongType();
  const left = set.members.filter((member) => !less.members.includes(member));
  return left.length === 0 ? null : newSet(set.type, left);
}

const wrongType = (): Error => validationFault('An operand in the update expression has an incorrect data type');

export function sum(left: string, right: string, isDifference: boolean): AttributeValue {
  const second = decimalOf(right);
  const result = addDecimals(decimalOf(left), isDifference ? negated(second) : second);
  const fault = rangeFault(result);
  if (fault !== null) throw validationFault(fault);
  return { N: decimalText(result) };
}

function evaluate(operand: UpdateOperand, item: Item): AttributeValue {
  switch (operand.type) {
    case 'value':
      return operand.value;
    case 'path': {
      const value = valueAt(operand.path, item);
      if (value !== undefined) return value;
      throw validationFault('The provided expression refers to an attribute that does not exist in the item');
    }
    case 'ifNotExists':
      return valueAt(operand.path, item) ?? evaluate(operand.otherwise, item);
    case 'append': {
      const left = evaluate(operand.left, item);
      const right = evaluate(operand.right, item);
      if (!('L' in left && 'L' in right)) throw wrongType();
      return { L: [...left.L, ...right.L] };
    }
    case 'plus':
    case 'minus': {
      const left = evaluate(operand.left, item);
      const right = evaluate(operand.right, item);
      if (!('N' in left && 'N' in right)) throw wrongType();
      return sum(left.N, right.N, operand.type === 'minus');
    }
    case 'unusable':
      throw new Error('Broken invariant: an expression with such an operand was refused');
    default:
      return operand satisfies never;
  }
}

/** Every hole is closed by now. */
const sealed = (draft: Drafts): Item => draft as Item;
