import { type Findings, refuse, remark } from './problem.js';
import type { BuiltType } from './resource-types.js';
import { suggestion } from './suggestion.js';
import {
  describeValue,
  type MapValue,
  memberOfMap,
  type Position,
  type ResolvedValue,
  type TemplateMap,
} from './template-value.js';

/** A map of evaluated properties, read by name. What is wrong is noted in `findings`, and the reader gives its default. */
export interface Section {
  /** For messages: `Environment.Variables`; an empty text for the resource's own properties. */
  readonly path: string;
  readonly map: MapValue<ResolvedValue>;
  /** Where the section stands, for what is missing in it. */
  readonly at: Position;
  readonly findings: Findings;
  /** Members that could not be evaluated, which was noted already: they do not count as missing. */
  readonly faulty?: ReadonlySet<string>;
}

/** Names the properties of a resource that are kept, unsupported or unknown, and returns those with effect. */
export function sortProperties(properties: TemplateMap, type: BuiltType, findings: Findings): TemplateMap {
  const kept = { ...type.kept };
  const names = [...type.properties, ...Object.keys(type.kept), ...Object.keys(type.unsupported)];
  const entries = properties.entries.filter(({ key, keyAt }) => {
    if (type.properties.includes(key)) return true;
    if (Object.hasOwn(kept, key)) remark(findings, keyAt, `${key} has no effect here: ${kept[key]}.`, 'kept');
    else if (Object.hasOwn(type.unsupported, key)) {
      refuse(findings, keyAt, `Expected no ${key}, but there is one: ${type.unsupported[key]}.`, 'unsupported');
    } else {
      refuse(findings, keyAt, `Expected a property of this type, but there is no '${key}'.${suggestion(key, names)}`);
    }
    return false;
  });
  return { ...properties, entries };
}

/** Refuses members that are not in `names`. */
export function allowOnly(section: Section, names: readonly string[]): void {
  for (const { key, keyAt } of section.map.entries) {
    if (names.includes(key)) continue;
    const place = section.path === '' ? 'this type' : section.path;
    refuse(
      section.findings,
      keyAt,
      `Expected a property of ${place}, but there is no '${key}'.${suggestion(key, names)}`,
    );
  }
}

const pathOf = (section: Section, key: string): string => (section.path === '' ? key : `${section.path}.${key}`);

/** A member's value; null where it is missing or written as nothing. */
export function member(section: Section, key: string): ResolvedValue | null {
  const value = memberOfMap(section.map, key);
  return value === undefined || (value.kind === 'scalar' && value.value === null) ? null : value;
}

/** A string; numbers and booleans count as their text. */
export function text(section: Section, key: string): string | null {
  const value = member(section, key);
  if (value === null) return null;
  if (value.kind === 'scalar') return value.text;
  refuse(
    section.findings,
    value.at,
    `Expected ${pathOf(section, key)} to be a string, but found ${describeValue(value)}.`,
  );
  return null;
}

/** `text`, noting when it is missing; then an empty text. */
export function requiredText(section: Section, key: string): string {
  const value = text(section, key);
  if (value === null && member(section, key) === null && !section.faulty?.has(key)) {
    refuse(section.findings, section.at, `Expected ${pathOf(section, key)}, but it is missing.`);
  }
  return value ?? '';
}

/** One of `words`, or null where it is missing. */
export function word<Word extends string>(section: Section, key: string, words: readonly Word[]): Word | null {
  const found = text(section, key);
  if (found === null) return null;
  const match = words.find((candidate) => candidate === found);
  if (match !== undefined) return match;
  const expected = words.map((candidate) => `'${candidate}'`).join(' or ');
  const at = member(section, key)?.at ?? section.at;
  refuse(
    section.findings,
    at,
    `Expected ${pathOf(section, key)} to be ${expected}, but it is '${found}'.${suggestion(found, words)}`,
  );
  return null;
}

/** An integer within bounds, also as digits in a string; null where it is missing. */
export function integer(section: Section, key: string, bounds: { min: number; max: number }): number | null {
  const found = text(section, key);
  if (found === null) return null;
  const number = /^-?\d+$/.test(found) ? Number(found) : Number.NaN;
  if (number >= bounds.min && number <= bounds.max) return number;
  const at = member(section, key)?.at ?? section.at;
  const most =
    bounds.max === Number.MAX_SAFE_INTEGER ? `at least ${bounds.min}` : `from ${bounds.min} to ${bounds.max}`;
  refuse(section.findings, at, `Expected ${pathOf(section, key)} to be an integer ${most}, but it is '${found}'.`);
  return null;
}

/** True or false, also as a string; null where it is missing. */
export function flag(section: Section, key: string): boolean | null {
  const found = word(section, key, ['true', 'false']);
  return found === null ? null : found === 'true';
}

/** A map; null where it is missing. */
export function section(parent: Section, key: string): Section | null {
  const value = member(parent, key);
  return value === null ? null : sectionOf(value, pathOf(parent, key), parent.findings);
}

/** A list of maps; empty where it is missing. */
export function sections(parent: Section, key: string): readonly Section[] {
  return items(parent, key).flatMap(
    (item, index) => sectionOf(item, `${pathOf(parent, key)}[${index}]`, parent.findings) ?? [],
  );
}

/** A list; empty where it is missing. */
export function items(parent: Section, key: string): readonly ResolvedValue[] {
  const value = member(parent, key);
  if (value === null) return [];
  if (value.kind === 'list') return value.items;
  refuse(parent.findings, value.at, `Expected ${pathOf(parent, key)} to be a list, but found ${describeValue(value)}.`);
  return [];
}

export function sectionOf(value: ResolvedValue, path: string, findings: Findings): Section | null {
  if (value.kind === 'map') return { path, map: value, at: value.at, findings };
  refuse(findings, value.at, `Expected ${path} to be a map, but found ${describeValue(value)}.`);
  return null;
}

/** A map whose values are all scalars, as strings. */
export function texts(section: Section): Readonly<Record<string, string>> {
  const found = section.map.entries.flatMap(({ key, value }): [string, string][] => {
    if (value.kind === 'scalar' && value.value !== null) return [[key, value.text]];
    refuse(
      section.findings,
      value.at,
      `Expected ${pathOf(section, key)} to be a string, but found ${describeValue(value)}.`,
    );
    return [];
  });
  return Object.fromEntries(found);
}
