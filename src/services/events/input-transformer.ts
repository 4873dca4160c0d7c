import {
  entriesOf,
  isJsonText,
  isObject,
  type JsonValue,
  objectOf,
  parseJson,
  writeJson,
} from '../../payload/index.js';
import { invalidEvents } from './fault.js';
import { parseJsonPath } from './json-path.js';
import type { InputTransformer } from './target.js';

/** What the variables that EventBridge defines itself are taken from. */
export interface TransformContext {
  readonly event: JsonValue;
  readonly ruleArn: string;
  readonly ruleName: string;
  /** When the event came in: ISO text. */
  readonly ingestionTime: string;
}

/** `<name>`, `<aws.events.rule-arn>`. */
const VARIABLE = /<([A-Za-z0-9_.-]+)>/g;
const RESERVED = /^aws\./i;
const PREDEFINED = new Set([
  'aws.events.rule-arn',
  'aws.events.rule-name',
  'aws.events.event',
  'aws.events.event.json',
  'aws.events.event.ingestion-time',
]);

/** Throws EventsFault for a transformer that could never work. */
export function checkTransformer(targetId: string, { inputPathsMap, inputTemplate }: InputTransformer): void {
  for (const [name, path] of Object.entries(inputPathsMap)) {
    if (RESERVED.test(name) || !/^[A-Za-z0-9_-]+$/.test(name)) {
      throw invalidEvents(`InputTransformer for target ${targetId} contains the key ${name}, which is not allowed.`);
    }
    if (parseJsonPath(path) === null) {
      throw invalidEvents(`InputTransformer for target ${targetId} contains invalid JSON path ${path}.`);
    }
  }
  for (const [, name = ''] of inputTemplate.matchAll(VARIABLE)) {
    if (PREDEFINED.has(name) || Object.hasOwn(inputPathsMap, name)) continue;
    throw invalidEvents(`InputTemplate for target ${targetId} contains placeholder ${name} that is not defined.`);
  }
  const sample = fill(inputTemplate, () => '');
  if (!isJsonText(sample)) throw invalidEvents(`Invalid InputTemplate for target ${targetId} : it is not JSON.`);
}

/** The text for the target: JSON, but for a variable that holds none where a value belongs. */
export function transformInput({ inputPathsMap, inputTemplate }: InputTransformer, context: TransformContext): string {
  const text = fill(inputTemplate, (name) => {
    if (PREDEFINED.has(name)) return predefined(name, context);
    const path = Object.hasOwn(inputPathsMap, name) ? inputPathsMap[name] : undefined;
    // A place that the event does not have is an empty text.
    return (path === undefined ? undefined : parseJsonPath(path)?.read(context.event)) ?? '';
  });
  return isJsonText(text) ? writeJson(parseJson(text)) : text;
}

function predefined(name: string, { event, ruleArn, ruleName, ingestionTime }: TransformContext): JsonValue {
  switch (name) {
    case 'aws.events.rule-arn':
      return ruleArn;
    case 'aws.events.rule-name':
      return ruleName;
    case 'aws.events.event.ingestion-time':
      return ingestionTime;
    case 'aws.events.event':
      return isObject(event) ? objectOf(entriesOf(event).filter(([key]) => key !== 'detail')) : event;
    default:
      return event;
  }
}

/** A variable between quotes becomes text within that string; elsewhere it is a JSON value. */
function fill(template: string, valueFor: (name: string) => JsonValue): string {
  let filled = '';
  let position = 0;
  let isQuoted = false;
  for (const found of template.matchAll(VARIABLE)) {
    const before = template.slice(position, found.index);
    isQuoted = isQuotedAfter(before, isQuoted);
    const value = valueFor(found[1] ?? '');
    filled += before + (isQuoted ? quotedText(value) : writeJson(value));
    position = found.index + found[0].length;
  }
  return filled + template.slice(position);
}

function isQuotedAfter(text: string, isQuotedBefore: boolean): boolean {
  let isQuoted = isQuotedBefore;
  for (let index = 0; index < text.length; index++) {
    const character = text.charAt(index);
    if (character === '\\' && isQuoted) index++;
    else if (character === '"') isQuoted = !isQuoted;
  }
  return isQuoted;
}

/** A text as it stands; anything else as JSON without its quotes, as AWS has it. */
function quotedText(value: JsonValue): string {
  if (typeof value === 'string') return writeJson(value).slice(1, -1);
  return writeJson(value).replaceAll(/\\?"/g, '');
}
