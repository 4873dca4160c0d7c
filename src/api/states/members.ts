import { ApiError } from '../port.js';

export const INCLUDED_DATA = { type: 'string', oneOf: ['ALL_DATA', 'METADATA_ONLY'] } as const;

/** Checks a request's members as AWS's front does, with its texts. */
export type MemberRule =
  | {
      readonly type: 'string';
      readonly required?: true;
      readonly min?: number;
      readonly max?: number;
      /** A regular expression, as AWS's message quotes it. */
      readonly pattern?: string;
      readonly oneOf?: readonly string[];
      /** AWS does not repeat these in messages: they are long, or not everybody's to read. */
      readonly isSensitive?: true;
    }
  | { readonly type: 'integer' | 'number'; readonly min?: number; readonly max?: number }
  | { readonly type: 'boolean' }
  | { readonly type: 'any'; readonly required?: true };

type ValueOf<Rule extends MemberRule> = Rule extends { type: 'string' }
  ? Rule extends { required: true }
    ? string
    : string | undefined
  : Rule extends { type: 'integer' | 'number' }
    ? number | undefined
    : Rule extends { type: 'boolean' }
      ? boolean | undefined
      : unknown;

export type Members<Rules extends Readonly<Record<string, MemberRule>>> = {
  readonly [Name in keyof Rules]: ValueOf<Rules[Name]>;
};

/**
 * Throws ValidationException naming every member that is wrong. Members that no rule names are left out. `within` is where the
 * input itself stands in the request, e.g. `mock`.
 */
export function readMembers<const Rules extends Readonly<Record<string, MemberRule>>>(
  input: unknown,
  rules: Rules,
  within = '',
): Members<Rules> {
  const source = (typeof input === 'object' && input !== null ? input : {}) as Readonly<Record<string, unknown>>;
  const faults: string[] = [];
  const members: Record<string, unknown> = {};
  for (const [name, rule] of Object.entries(rules)) {
    const value = Object.hasOwn(source, name) ? (source[name] ?? undefined) : undefined;
    const constraint = faultOf(value, rule);
    if (constraint !== null) {
      const shown = rule.type === 'string' && rule.isSensitive && value !== undefined ? '' : ` ${shownValue(value)}`;
      faults.push(
        `Value${shown} at '${within === '' ? name : `${within}.${name}`}' failed to satisfy constraint: ${constraint}`,
      );
    }
    members[name] = value;
  }
  if (faults.length === 0) return members as Members<Rules>; // every rule held
  const count = faults.length === 1 ? '1 validation error' : `${faults.length} validation errors`;
  throw new ApiError('ValidationException', `${count} detected: ${faults.join('; ')}`);
}

/** Structures have no short text (and deep ones would exhaust the stack), long texts help nobody. */
function shownValue(value: unknown): string {
  if (value === undefined) return 'null';
  if (typeof value === 'object') return Array.isArray(value) ? '[…]' : '{…}';
  const text = String(value);
  return text.length > SHOWN_CHARS_MAX ? `'${text.slice(0, SHOWN_CHARS_MAX)}…'` : `'${text}'`;
}

/** Of a wrong value in a message; AWS shows a page token of 3,097 characters whole (recorded). */
const SHOWN_CHARS_MAX = 4096;

function faultOf(value: unknown, rule: MemberRule): string | null {
  if (value === undefined) return 'required' in rule && rule.required ? 'Member must not be null' : null;
  switch (rule.type) {
    case 'string':
      return stringFault(value, rule);
    case 'integer':
    case 'number':
      return numberFault(value, rule);
    case 'boolean':
      return typeof value === 'boolean' ? null : 'Member must be a boolean';
    case 'any':
      return null;
    default:
      return rule satisfies never;
  }
}

function stringFault(value: unknown, rule: MemberRule & { type: 'string' }): string | null {
  if (typeof value !== 'string') return 'Member must be a string';
  if (rule.oneOf && !rule.oneOf.includes(value)) {
    return `Member must satisfy enum value set: [${rule.oneOf.join(', ')}]`;
  }
  if (rule.max !== undefined && value.length > rule.max) {
    return `Member must have length less than or equal to ${rule.max}`;
  }
  if (rule.min !== undefined && value.length < rule.min) {
    return `Member must have length greater than or equal to ${rule.min}`;
  }
  if (rule.pattern !== undefined && !new RegExp(rule.pattern).test(value)) {
    return `Member must satisfy regular expression pattern: ${rule.pattern}`;
  }
  return null;
}

function numberFault(value: unknown, rule: MemberRule & { type: 'integer' | 'number' }): string | null {
  if (rule.type === 'integer' && !Number.isInteger(value)) return 'Member must be an integer';
  if (typeof value !== 'number' || !Number.isFinite(value)) return 'Member must be a number';
  if (rule.max !== undefined && Number(value) > rule.max) {
    return `Member must have value less than or equal to ${rule.max}`;
  }
  if (rule.min !== undefined && Number(value) < rule.min) {
    return `Member must have value greater than or equal to ${rule.min}`;
  }
  return null;
}
