import { type Findings, refuse, remark, TemplateFault } from './problem.js';
import { suggestion } from './suggestion.js';
import {
  describeValue,
  memberOfMap,
  type Position,
  type ResolvedValue,
  stringScalar,
  type TemplateMap,
  type TemplateValue,
} from './template-value.js';

/** A parameter's value at its use. Throws TemplateFault where none is known here (SSM). */
export interface Parameter {
  value(at: Position): ResolvedValue;
}

/**
 * The template's Parameters with the values given for them, or their defaults. Notes missing, unknown and refused values in `findings`;
 * a parameter with a fault has an empty text, since nothing is deployed then anyway.
 */
export function readParameters(
  section: TemplateMap | null,
  given: Readonly<Record<string, string>>,
  findings: Findings,
): ReadonlyMap<string, Parameter> {
  const parameters = new Map<string, Parameter>();
  for (const { key, keyAt, value } of section?.entries ?? []) {
    if (value.kind === 'map') parameters.set(key, readParameter({ name: key, keyAt, map: value }, given, findings));
    else
      refuse(
        findings,
        keyAt,
        `Expected parameter '${key}' to be a map with a Type, but found ${describeValue(value)}.`,
      );
  }
  for (const name of Object.keys(given)) {
    if (parameters.has(name)) continue;
    const hint = suggestion(name, parameters.keys());
    refuse(
      findings,
      section?.at ?? { line: 1, column: 1 },
      `Expected a parameter of the template, but it has no '${name}'.${hint}`,
    );
  }
  return parameters;
}

const ATTRIBUTES = [
  'AllowedPattern',
  'AllowedValues',
  'ConstraintDescription',
  'Default',
  'Description',
  'MaxLength',
  'MaxValue',
  'MinLength',
  'MinValue',
  'NoEcho',
  'Type',
];

interface Declared {
  readonly name: string;
  readonly keyAt: Position;
  readonly map: TemplateMap;
}

function readParameter(declared: Declared, given: Readonly<Record<string, string>>, findings: Findings): Parameter {
  const { name, keyAt, map } = declared;
  for (const entry of map.entries) {
    if (ATTRIBUTES.includes(entry.key)) continue;
    const hint = suggestion(entry.key, ATTRIBUTES);
    refuse(findings, entry.keyAt, `Expected an attribute of a parameter, but there is no '${entry.key}'.${hint}`);
  }
  const type = textMember(map, 'Type');
  const isSecret = textMember(map, 'NoEcho') === 'true';
  if (type === null || !isKnownType(type)) {
    const found = type === null ? 'it has none' : `it is '${type}'`;
    refuse(
      findings,
      keyAt,
      `Expected the Type of parameter '${name}' to be String, Number, a list of these or an AWS type, but ${found}.`,
    );
    return { value: (at) => stringScalar('', at) };
  }
  if (type.startsWith(STORED)) return storedParameter({ name, type, map }, given);
  const text = Object.hasOwn(given, name) ? (given[name] ?? '') : textMember(map, 'Default');
  if (text === null) {
    refuse(findings, keyAt, `Expected a value for parameter '${name}', but none is given and it has no Default.`);
    return { value: (at) => (isListType(type) ? listOf('', at) : stringScalar('', at)) };
  }
  const pattern = memberOfMap(map, 'AllowedPattern');
  if (pattern?.kind === 'scalar' && !isReadablePattern(pattern.text)) {
    remark(
      findings,
      pattern.at,
      `The AllowedPattern of '${name}' is one of Java's that cannot be checked here.`,
      'warning',
    );
  }
  const fault = faultOfValue({ text, type, map });
  if (fault !== null)
    refuse(
      findings,
      keyAt,
      `Expected parameter '${name}' to be ${fault}, but it is ${isSecret ? 'not' : `'${text}'`}.`,
    );
  return { value: (at) => (isListType(type) ? listOf(text, at) : stringScalar(text, at)) };
}

const STORED = 'AWS::SSM::Parameter::Value<';
/** The CDK's own parameter: the version of what `cdk bootstrap` has made. Any from 6 on will do; nothing of it is used here. */
const BOOTSTRAP_VERSION = { key: /^\/cdk-bootstrap\/[^/]+\/version$/, value: '30' };

/** Its text is the name of a value in SSM, which is not here: what is given for it counts as the value itself. */
function storedParameter(
  { name, type, map }: { name: string; type: string; map: TemplateMap },
  given: Readonly<Record<string, string>>,
): Parameter {
  const isBootstrap = BOOTSTRAP_VERSION.key.test(textMember(map, 'Default') ?? '');
  const text = Object.hasOwn(given, name) ? given[name] : isBootstrap ? BOOTSTRAP_VERSION.value : undefined;
  return {
    value(at) {
      if (text !== undefined) return isListType(type.slice(STORED.length)) ? listOf(text, at) : stringScalar(text, at);
      throw new TemplateFault(
        at,
        `Expected a value in the template, but parameter '${name}' is stored in SSM, which is not here. Give what it holds with --parameter ${name}=….`,
        'unsupported',
      );
    },
  };
}

/** A Default may be written as a list of values only by mistake; numbers and booleans become text. */
function textMember(map: TemplateMap, key: string): string | null {
  const value = memberOfMap(map, key);
  return value?.kind === 'scalar' ? value.text : null;
}

const isKnownType = (type: string): boolean =>
  ['String', 'Number', 'List<Number>', 'List<String>', 'CommaDelimitedList'].includes(type) ||
  /^(?:List<)?AWS::[A-Za-z0-9]+::[A-Za-z0-9:]+(?:<.+>)?>?$/.test(type);

const isListType = (type: string): boolean => type.startsWith('CommaDelimitedList') || type.startsWith('List<');

const listOf = (text: string, at: Position): ResolvedValue => ({
  kind: 'list',
  items: text === '' ? [] : text.split(',').map((item) => stringScalar(item.trim(), at)),
  at,
});

/** What the value should have been ("one of 'a', 'b'"), or null. The template's own ConstraintDescription wins. */
function faultOfValue({ text, type, map }: { text: string; type: string; map: TemplateMap }): string | null {
  const values = isListType(type) ? text.split(',').map((item) => item.trim()) : [text];
  for (const value of values) {
    const fault = typeFault(value, type) ?? constraintFault(value, map);
    if (fault !== null) return textMember(map, 'ConstraintDescription') ?? fault;
  }
  return null;
}

function typeFault(text: string, type: string): string | null {
  if (type !== 'Number' && type !== 'List<Number>') return null;
  return text.trim() !== '' && Number.isFinite(Number(text)) ? null : 'a number';
}

function constraintFault(text: string, map: TemplateMap): string | null {
  const allowed = memberOfMap(map, 'AllowedValues');
  if (allowed?.kind === 'list') {
    const words = allowed.items.map(scalarText);
    if (!words.includes(text)) return `one of ${words.map((word) => `'${word}'`).join(', ')}`;
  }
  const pattern = textMember(map, 'AllowedPattern');
  if (pattern !== null && !matches(text, pattern)) return `a match of ${pattern}`;
  const bound = (key: string): number | null => {
    const value = textMember(map, key);
    return value === null ? null : Number(value);
  };
  const [lengthMin, lengthMax, min, max] = ['MinLength', 'MaxLength', 'MinValue', 'MaxValue'].map(bound);
  if (lengthMin != null && text.length < lengthMin) return `at least ${lengthMin} characters long`;
  if (lengthMax != null && text.length > lengthMax) return `at most ${lengthMax} characters long`;
  if (min != null && Number(text) < min) return `at least ${min}`;
  if (max != null && Number(text) > max) return `at most ${max}`;
  return null;
}

const scalarText = (value: TemplateValue): string => (value.kind === 'scalar' ? value.text : '');

/** CloudFormation's patterns are Java's and match the whole text; one that JavaScript cannot read is remarked, not checked. */
const matches = (text: string, pattern: string): boolean =>
  !isReadablePattern(pattern) || new RegExp(`^(?:${pattern})$`).test(text);

function isReadablePattern(pattern: string): boolean {
  try {
    new RegExp(pattern);
    return true;
  } catch {
    return false;
  }
}
