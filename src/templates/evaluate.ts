import { intrinsicNames, isBuiltIntrinsic, refusedIntrinsicReason } from './intrinsic-names.js';
import { TemplateFault } from './problem.js';
import { suggestion } from './suggestion.js';
import {
  type CallValue,
  describeValue,
  type ListValue,
  memberOfMap,
  type Position,
  type ResolvedValue,
  stringScalar,
  type TemplateMap,
  type TemplateValue,
} from './template-value.js';

/** What intrinsic functions may look at. The methods throw TemplateFault. */
export interface Evaluation {
  readonly region: string;
  readonly mappings: TemplateMap | null;
  /** What `Ref` gives; undefined for AWS::NoValue. */
  reference(name: string, at: Position): ResolvedValue | undefined;
  /** What `Fn::GetAtt` gives. */
  attribute(logicalId: string, attribute: string, at: Position): ResolvedValue;
  /** The truth of a named condition. */
  condition(name: string, at: Position): boolean;
  /** What `Fn::ImportValue` gives. */
  importValue(exportName: string, at: Position): ResolvedValue;
  /** What `Fn::GetStackOutput` gives. */
  stackOutput(stackName: string, outputName: string, at: Position): ResolvedValue;
}

/** Evaluates every function inside of `value`. Undefined for AWS::NoValue: the property or item is left out. Throws TemplateFault. */
export function evaluate(value: TemplateValue, evaluation: Evaluation): ResolvedValue | undefined {
  switch (value.kind) {
    case 'scalar':
      return value;
    case 'list':
      return evaluateList(value, evaluation);
    case 'map': {
      const entries = value.entries.flatMap((entry) => {
        const member = evaluate(entry.value, evaluation);
        return member === undefined ? [] : [{ ...entry, value: member }];
      });
      return { kind: 'map', entries, at: value.at };
    }
    case 'call':
      return evaluateCall(value, evaluation);
    default:
      return value satisfies never;
  }
}

/** `evaluate`, for a place where a string is wanted. Numbers and booleans become their text. */
export function evaluateText(value: TemplateValue, evaluation: Evaluation): string {
  const resolved = evaluate(value, evaluation);
  if (resolved?.kind === 'scalar' && resolved.value !== null) return resolved.text;
  const found = resolved === undefined ? 'AWS::NoValue' : describeValue(resolved);
  throw new TemplateFault(value.at, `Expected a string, but found ${found}.`);
}

function evaluateList(list: ListValue<TemplateValue>, evaluation: Evaluation): ListValue<ResolvedValue> {
  const items = list.items.flatMap((item) => evaluate(item, evaluation) ?? []);
  return { kind: 'list', items, at: list.at };
}

function evaluateCall(call: CallValue, evaluation: Evaluation): ResolvedValue | undefined {
  const { name, argument, at } = call;
  if (!isBuiltIntrinsic(name)) throw unknownFunction(name, at);
  switch (name) {
    case 'Ref':
      return evaluation.reference(literalText(argument, 'Ref'), at);
    case 'Fn::GetAtt':
      return getAttribute(call, evaluation);
    case 'Fn::Sub':
      return substitute(call, evaluation);
    case 'Fn::Join':
      return join(call, evaluation);
    case 'Fn::Split':
      return split(call, evaluation);
    case 'Fn::Select':
      return select(call, evaluation);
    case 'Fn::FindInMap':
      return findInMap(call, evaluation);
    case 'Fn::If':
      return choose(call, evaluation);
    case 'Fn::Base64':
      return stringScalar(Buffer.from(evaluateText(argument, evaluation)).toString('base64'), at);
    case 'Fn::GetAZs':
      return zones(call, evaluation);
    case 'Fn::ImportValue':
      return evaluation.importValue(evaluateText(argument, evaluation), at);
    case 'Fn::GetStackOutput':
      return stackOutput(call, evaluation);
    case 'Condition':
    case 'Fn::And':
    case 'Fn::Equals':
    case 'Fn::Not':
    case 'Fn::Or':
      throw new TemplateFault(
        at,
        `Expected ${name} only under Conditions, but found it here. Name the condition there and choose with Fn::If.`,
      );
    default:
      return name satisfies never;
  }
}

function unknownFunction(name: string, at: Position): TemplateFault {
  const reason = refusedIntrinsicReason(name.startsWith('Fn::ForEach') ? 'Fn::ForEach' : name);
  if (reason !== null) {
    return new TemplateFault(at, `Expected a function that works here, but ${name} does not: ${reason}`, 'unsupported');
  }
  const hint = suggestion(name, intrinsicNames());
  return new TemplateFault(at, `Expected a function of CloudFormation, but there is no '${name}'.${hint}`);
}

/** A name that must stand there as it is: CloudFormation allows no function inside of Ref. */
export function literalText(value: TemplateValue, name: string): string {
  if (value.kind === 'scalar' && value.value !== null) return value.text;
  throw new TemplateFault(value.at, `Expected ${name} to have a name, but found ${describeValue(value)}.`);
}

/** The items of a list that the function `name` takes: as many as `counts` says. */
export function argumentsOf(call: CallValue, counts: readonly number[], form: string): readonly TemplateValue[] {
  const { argument, name } = call;
  if (argument.kind !== 'list') {
    throw new TemplateFault(
      argument.at,
      `Expected ${name} to have a list ${form}, but found ${describeValue(argument)}.`,
    );
  }
  if (!counts.includes(argument.items.length)) {
    throw new TemplateFault(argument.at, `Expected ${name} to have ${form}, but found ${argument.items.length} items.`);
  }
  return argument.items;
}

function itemAt(items: readonly TemplateValue[], index: number): TemplateValue {
  const item = items[index];
  if (item === undefined) throw new RangeError(`no argument ${index}`); // argumentsOf has counted them
  return item;
}

/** The resource and attribute that a GetAtt names: `A.B`, or `[A, B]` whose second item may be a function. */
export function attributeNames(argument: TemplateValue): { logicalId: string; attribute: TemplateValue } {
  if (argument.kind === 'scalar') {
    const dot = argument.text.indexOf('.');
    if (dot > 0 && dot < argument.text.length - 1) {
      const attribute = stringScalar(argument.text.slice(dot + 1), argument.at);
      return { logicalId: argument.text.slice(0, dot), attribute };
    }
  } else if (argument.kind === 'list' && argument.items.length === 2) {
    const [id, attribute] = argument.items;
    if (id?.kind === 'scalar' && attribute !== undefined) return { logicalId: id.text, attribute };
  }
  throw new TemplateFault(
    argument.at,
    `Expected Fn::GetAtt to have 'Resource.Attribute' or [Resource, Attribute], but found ${describeValue(argument)}.`,
  );
}

function getAttribute(call: CallValue, evaluation: Evaluation): ResolvedValue {
  const { logicalId, attribute } = attributeNames(call.argument);
  return evaluation.attribute(logicalId, evaluateText(attribute, evaluation), call.at);
}

/** `${Name}` of Fn::Sub; `${!Name}` stays as `${Name}`. */
const SUB_VARIABLE = /\$\{([^}]*)\}/g;

/** The names inside of a Fn::Sub text, `!literals` left out. */
export const subNames = (text: string): readonly string[] =>
  [...text.matchAll(SUB_VARIABLE)].map((match) => match[1] ?? '').filter((name) => !name.startsWith('!'));

function substitute(call: CallValue, evaluation: Evaluation): ResolvedValue {
  const { argument, at } = call;
  const items = argument.kind === 'list' ? argumentsOf(call, [2], '[text, { Name: value }]') : [argument];
  const text = literalText(itemAt(items, 0), 'Fn::Sub');
  const own = items[1];
  if (own !== undefined && own.kind !== 'map') {
    throw new TemplateFault(
      own.at,
      `Expected the second item of Fn::Sub to be a map, but found ${describeValue(own)}.`,
    );
  }
  const filled = text.replace(SUB_VARIABLE, (_, name: string) => {
    if (name.startsWith('!')) return `\${${name.slice(1)}}`;
    return subVariable(name, own, { evaluation, at });
  });
  return stringScalar(filled, at);
}

function subVariable(
  name: string,
  own: TemplateMap | undefined,
  { evaluation, at }: { evaluation: Evaluation; at: Position },
): string {
  const value = own && memberOfMap(own, name);
  if (value !== undefined) return evaluateText(value, evaluation);
  if (!/^[A-Za-z0-9_.:]+$/.test(name)) {
    throw new TemplateFault(
      at,
      `Expected a name of letters, digits, '_', '.' and ':' in Fn::Sub, but found '\${${name}}'. Write '\${!${name}}' for the text itself.`,
    );
  }
  const dot = name.indexOf('.');
  const found =
    dot < 0 ? evaluation.reference(name, at) : evaluation.attribute(name.slice(0, dot), name.slice(dot + 1), at);
  if (found?.kind === 'scalar' && found.value !== null) return found.text;
  throw new TemplateFault(
    at,
    `Expected '\${${name}}' to be a string, but it is ${found ? describeValue(found) : 'AWS::NoValue'}.`,
  );
}

/** A list, written or given by a function. */
function evaluateItems(value: TemplateValue, name: string, evaluation: Evaluation): readonly ResolvedValue[] {
  const resolved = evaluate(value, evaluation);
  if (resolved?.kind === 'list') return resolved.items;
  const found = resolved === undefined ? 'AWS::NoValue' : describeValue(resolved);
  throw new TemplateFault(value.at, `Expected ${name} to have a list, but found ${found}.`);
}

function join(call: CallValue, evaluation: Evaluation): ResolvedValue {
  const items = argumentsOf(call, [2], '[delimiter, [values]]');
  const delimiter = evaluateText(itemAt(items, 0), evaluation);
  const texts = evaluateItems(itemAt(items, 1), call.name, evaluation).map((item) => evaluateText(item, evaluation));
  return stringScalar(texts.join(delimiter), call.at);
}

function split(call: CallValue, evaluation: Evaluation): ResolvedValue {
  const items = argumentsOf(call, [2], '[delimiter, text]');
  const delimiter = evaluateText(itemAt(items, 0), evaluation);
  const parts = evaluateText(itemAt(items, 1), evaluation).split(delimiter);
  return { kind: 'list', items: parts.map((part) => stringScalar(part, call.at)), at: call.at };
}

function select(call: CallValue, evaluation: Evaluation): ResolvedValue {
  const items = argumentsOf(call, [2], '[index, [values]]');
  const indexText = evaluateText(itemAt(items, 0), evaluation);
  const values = evaluateItems(itemAt(items, 1), call.name, evaluation);
  const value = /^\d+$/.test(indexText) ? values[Number(indexText)] : undefined;
  if (value !== undefined) return value;
  throw new TemplateFault(
    call.at,
    `Expected the index of Fn::Select to be from 0 to ${values.length - 1}, but it is ${indexText}.`,
  );
}

function findInMap(call: CallValue, evaluation: Evaluation): ResolvedValue {
  const items = argumentsOf(call, [3], '[map, first key, second key]');
  let found: TemplateValue | undefined = evaluation.mappings ?? undefined;
  let path = 'Mappings';
  for (const item of items) {
    const key = evaluateText(item, evaluation);
    const map: TemplateMap | null = found?.kind === 'map' ? found : null;
    found = map === null ? undefined : memberOfMap(map, key);
    if (found === undefined) {
      const hint = suggestion(key, map?.entries.map((entry) => entry.key) ?? []);
      throw new TemplateFault(item.at, `Expected '${key}' in ${path}, but it is not there.${hint}`);
    }
    path += `.${key}`;
  }
  const value = found && evaluate(found, evaluation);
  if (value === undefined || value.kind === 'map') {
    throw new TemplateFault(call.at, `Expected ${path} to be a string or a list, but it is a map.`);
  }
  return value;
}

function choose(call: CallValue, evaluation: Evaluation): ResolvedValue | undefined {
  const items = argumentsOf(call, [3], '[condition, value if true, value if false]');
  const first = itemAt(items, 0);
  const isTrue = evaluation.condition(literalText(first, 'Fn::If'), first.at);
  return evaluate(itemAt(items, isTrue ? 1 : 2), evaluation);
}

function zones(call: CallValue, evaluation: Evaluation): ResolvedValue {
  const given = evaluate(call.argument, evaluation);
  const region = given?.kind === 'scalar' && given.text !== '' ? given.text : evaluation.region;
  const items = ['a', 'b', 'c'].map((letter) => stringScalar(`${region}${letter}`, call.at));
  return { kind: 'list', items, at: call.at };
}

function stackOutput({ argument, at }: CallValue, evaluation: Evaluation): ResolvedValue {
  if (argument.kind !== 'map') {
    const found = describeValue(argument);
    throw new TemplateFault(at, `Expected Fn::GetStackOutput to have { StackName, OutputName }, but found ${found}.`);
  }
  const read = (key: string): string | null => {
    const value = memberOfMap(argument, key);
    return value === undefined ? null : evaluateText(value, evaluation);
  };
  const [stackName, outputName, region] = [read('StackName'), read('OutputName'), read('Region')];
  if (stackName === null || outputName === null) {
    throw new TemplateFault(at, 'Expected Fn::GetStackOutput to have StackName and OutputName, but one is missing.');
  }
  if (region !== null && region !== evaluation.region) {
    const message = `Expected an output of a stack in region ${evaluation.region}, but it is in ${region}. Give the value as a parameter.`;
    throw new TemplateFault(at, message, 'unsupported');
  }
  return evaluation.stackOutput(stackName, outputName, at);
}
