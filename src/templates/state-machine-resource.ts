import { dirname, relative, resolve } from 'node:path';
import { DEFAULT_LOGGING, type LoggingConfiguration } from '../api/states/logging-configuration.js';
import { stateMachineArn } from '../arn.js';
import { definitionJson } from './definition-json.js';
import { fillArns, foreignArns } from './foreign-arns.js';
import { planHttpEvent } from './http-events.js';
import { publishedParts } from './machine-parts.js';
import type { DefinitionSource, PlannedResource, PlannedStateMachine } from './plan.js';
import type { Planning } from './planning.js';
import { refuse, remark, TemplateError, TemplateFault } from './problem.js';
import {
  allowOnly,
  flag,
  member,
  requiredText,
  type Section,
  section,
  sections,
  text,
  texts,
  word,
} from './properties.js';
import { readTextFile } from './read-template.js';
import { readYaml } from './read-yaml.js';
import { mapMember } from './resources.js';
import { planStartEvents } from './start-events.js';
import { MEMBERS, readLocation, type StoredObject } from './stored-location.js';
import { suggestion } from './suggestion.js';
import { readTags } from './tags.js';
import { memberOfMap, type Position, type ResolvedValue } from './template-value.js';
import { planWebhooks } from './webhook-resource.js';

/** A definition before its substitutions. */
interface Written {
  readonly text: string;
  readonly source: DefinitionSource;
}

/** A machine, and what starts it: rules and schedules. */
export async function planStateMachine(
  planning: Planning,
): Promise<readonly [PlannedStateMachine, ...PlannedResource[]] | null> {
  const { own, common, name, resource, stack } = planning;
  const isServerless = resource.type === 'AWS::Serverless::StateMachine';
  const roleArn = text(own, isServerless ? 'Role' : 'RoleArn') ?? planning.impliedRoleArn;
  if (!isServerless && member(own, 'RoleArn') === null && !own.faulty?.has('RoleArn')) {
    refuse(own.findings, own.at, 'Expected RoleArn, but it is missing. AWS needs a role; any ARN of one does here.');
  }
  const type = word(own, isServerless ? 'Type' : 'StateMachineType', ['STANDARD', 'EXPRESS']) ?? 'STANDARD';
  const given = section(own, 'DefinitionSubstitutions');
  const substitutions = given === null ? {} : texts(given);
  const written = await readDefinition(planning);
  if (written === null) return null;
  const definition = finish(written, { planning, given, substitutions });
  const settings = {
    ...{ name, definition, type, roleArn, remote: readRemote(planning, definition) },
    logging: readLogging(own, isServerless ? 'Logging' : 'LoggingConfiguration'),
    isTraced: readTracing(own, isServerless ? 'Tracing' : 'TracingConfiguration'),
    tags: isServerless ? { ...SAM_TAG, ...readTags(own) } : readTags(own),
  };
  const arn = stateMachineArn(stack.place, name);
  const alias = text(own, 'AutoPublishAlias');
  const published = alias === null ? [] : publishedParts(common, { machineArn: arn, alias });
  const started = startedArn(own, arn, alias);
  const events = planStartEvents(planning, started, (eventType, event) =>
    planHttpEvent(planning, eventType, event, { kind: 'machine', arn: started }),
  );
  const webhooks = planWebhooks(planning, { arn, type, definition });
  const machine = { ...common, kind: 'stateMachine', arn, settings, source: written.source } as const;
  return [machine, ...published, ...events, ...webhooks];
}

/** SAM puts this on every machine that it makes. */
const SAM_TAG = { 'stateMachine:createdBy': 'SAM' } as const;

/** What events start: the machine, or with UseAliasAsEventTarget its alias. */
function startedArn(own: Section, arn: string, alias: string | null): string {
  if (flag(own, 'UseAliasAsEventTarget') !== true) return arn;
  if (alias !== null) return `${arn}:${alias}`;
  const at = member(own, 'UseAliasAsEventTarget')?.at ?? own.at;
  refuse(own.findings, at, 'Expected AutoPublishAlias beside UseAliasAsEventTarget, but it is missing.');
  return arn;
}

function readLogging(own: Section, key: string): LoggingConfiguration {
  const logging = section(own, key);
  if (logging === null) return DEFAULT_LOGGING;
  allowOnly(logging, ['Destinations', 'IncludeExecutionData', 'Level']);
  const destinations = sections(logging, 'Destinations').map((destination) => {
    allowOnly(destination, ['CloudWatchLogsLogGroup']);
    const group = section(destination, 'CloudWatchLogsLogGroup');
    if (group !== null) allowOnly(group, ['LogGroupArn']);
    return { cloudWatchLogsLogGroup: { logGroupArn: group === null ? '' : requiredText(group, 'LogGroupArn') } };
  });
  return {
    level: word(logging, 'Level', ['ALL', 'ERROR', 'FATAL', 'OFF']) ?? 'OFF',
    includeExecutionData: flag(logging, 'IncludeExecutionData') ?? false,
    ...(destinations.length > 0 && { destinations }),
  };
}

function readTracing(own: Section, key: string): boolean {
  const tracing = section(own, key);
  if (tracing === null) return false;
  allowOnly(tracing, ['Enabled']);
  return flag(tracing, 'Enabled') ?? false;
}

/** `Metadata: Treadle: Remote`: where the calls of single states go. */
function readRemote({ own, resource }: Planning, definition: string): Readonly<Record<string, string>> {
  const ours = resource.metadata === null ? null : mapMember(resource.metadata, 'Treadle', own.findings);
  for (const { key, keyAt } of ours?.entries ?? []) {
    if (key !== 'Remote' && key !== 'Webhooks') {
      refuse(own.findings, keyAt, `Expected Remote or Webhooks under Metadata 'Treadle', but there is '${key}'.`);
    }
  }
  const remote: Record<string, string> = {};
  const states = ours === null ? null : mapMember(ours, 'Remote', own.findings);
  for (const { key, keyAt, value } of states?.entries ?? []) {
    const where = value.kind === 'scalar' ? value.text : '';
    if (!definition.includes(JSON.stringify(key))) {
      refuse(own.findings, keyAt, `Expected a state of this machine under Remote, but there is no '${key}'.`);
    } else if (where !== 'aws' && !(/^https?:\/\//.test(where) && URL.canParse(where))) {
      refuse(
        own.findings,
        value.at,
        `Expected 'aws' or the URL of an endpoint that speaks AWS's protocols for '${key}'.`,
      );
    } else remote[key] = where;
  }
  return remote;
}

async function readDefinition(planning: Planning): Promise<Written | null> {
  const { own, resource, file } = planning;
  const forms = ['Definition', 'DefinitionString', 'DefinitionUri', 'DefinitionS3Location'];
  const present = forms.filter((form) => memberOfMap(resource.properties, form) !== undefined);
  const found = present.flatMap((form) => {
    const value = member(own, form);
    return value === null ? [] : [{ form, value }];
  });
  const [only, second] = found;
  if (only === undefined || second !== undefined) {
    const places =
      resource.type === 'AWS::Serverless::StateMachine'
        ? 'DefinitionUri or Definition'
        : 'DefinitionString or Definition';
    const faulty = present.length > 0 && only === undefined && own.findings.problems.length > 0;
    const what = second === undefined ? 'there is none' : `there are ${found.map(({ form }) => form).join(' and ')}`;
    if (!faulty) refuse(own.findings, second?.value.at ?? own.at, `Expected one definition (${places}), but ${what}.`);
    return null;
  }
  const { form, value } = only;
  if (form === 'DefinitionString') return readString(own, value, file);
  if (form === 'Definition') return readInline(own, value, file);
  return readElsewhere(planning, form, value);
}

/** A file beside the template, an asset of its assembly, or an object of S3. */
async function readElsewhere(planning: Planning, form: string, { at }: ResolvedValue): Promise<Written | null> {
  const { own } = planning;
  const before = own.findings.problems.length;
  const location = readLocation(planning, form, MEMBERS);
  if (location?.type === 'stored') return readStored(planning, location.object, location.at);
  if (location !== null && !/^https?:\/\//.test(location.path)) {
    return readDefinitionFile(planning, location.path, location.at);
  }
  if (own.findings.problems.length === before) {
    const message = `Expected ${form} to be a file beside the template, or Bucket and Key of one in S3, but it is neither.`;
    refuse(own.findings, at, message);
  }
  return null;
}

async function readStored(planning: Planning, object: StoredObject, at: Position): Promise<Written | null> {
  const { own, readObject } = planning;
  const shown = `s3://${object.bucket}/${object.key}`;
  if (readObject === null) {
    const message = `Expected a definition that can be read here, but it is in S3 (${shown}): only a server that it is deployed to reads it.`;
    refuse(own.findings, at, message, 'unsupported');
    return null;
  }
  const content = await readObject(object);
  if (content === null) {
    refuse(own.findings, at, `Expected a definition at ${shown}, but there is no such object in this server's S3.`);
    return null;
  }
  try {
    return writtenOf(content, object.key, shown);
  } catch (error) {
    if (!(error instanceof TemplateFault)) throw error;
    refuse({ ...own.findings, file: shown }, error.at, error.message, error.kind);
    return null;
  }
}

/** JSON keeps its text, blank by blank; YAML becomes JSON. Throws TemplateFault. */
function writtenOf(content: string, name: string, shown: string): Written {
  const start = { line: 1, column: 1 };
  if (!/\.ya?ml$/.test(name)) {
    const plain = content.replace(/^\ufeff/, '');
    return { text: plain, source: { file: shown, form: 'text', places: new Map(), at: start } };
  }
  const { text: definition, places } = definitionJson(readYaml(content, 'plain'));
  return { text: definition, source: { file: shown, form: 'values', places, at: start } };
}

function readString(own: Section, value: ResolvedValue, file: string): Written | null {
  const definition = text(own, 'DefinitionString');
  if (definition === null) return null;
  return { text: definition, source: { file, form: 'property', places: new Map(), at: value.at } };
}

function readInline(own: Section, value: ResolvedValue, file: string): Written | null {
  if (value.kind !== 'map') {
    refuse(
      own.findings,
      value.at,
      'Expected Definition to be a map of Amazon States Language, but it is none. Use DefinitionString for text.',
    );
    return null;
  }
  const { text: definition, places } = definitionJson(value);
  return { text: definition, source: { file, form: 'values', places, at: value.at } };
}

/** Faults of the file are told with its own lines. */
async function readDefinitionFile(planning: Planning, path: string, at: Position): Promise<Written | null> {
  const { own, file } = planning;
  const whole = resolve(dirname(file), path);
  // As the author would write it: beside the template, from where they stand.
  const shown = file === resolve(file) ? whole : relative('', whole);
  try {
    return writtenOf(await readTextFile(whole), path, shown);
  } catch (error) {
    if (error instanceof TemplateFault) refuse({ ...own.findings, file: shown }, error.at, error.message, error.kind);
    else if (error instanceof TemplateError) {
      const [problem] = error.problems;
      refuse(
        own.findings,
        at,
        `${problem?.message.replace(/, but/, ` at '${path}' (from the template's folder), but`)}`,
      );
    } else throw error;
    return null;
  }
}

interface Finishing {
  readonly planning: Planning;
  readonly given: Section | null;
  readonly substitutions: Readonly<Record<string, string>>;
}

const NAME = /\$\{([A-Za-z0-9_.:-]+)\}/g;

/** Puts the substitutions in, as text into text, and deals with ARNs of other places. */
function finish(written: Written, finishing: Finishing): string {
  const { planning, given, substitutions } = finishing;
  const substitute = (part: string): string =>
    part.replace(NAME, (whole, name: string) =>
      Object.hasOwn(substitutions, name) ? (substitutions[name] ?? '') : whole,
    );
  tellForeignArns(written, planning, substitute);
  tellUnknownNames(written, planning, substitutions);
  for (const entry of given?.map.entries ?? []) {
    if (entry.value.kind !== 'scalar') continue;
    const source: DefinitionSource = { file: planning.file, form: 'property', places: new Map(), at: entry.value.at };
    tellForeignArns({ text: entry.value.text, source }, planning, (part) => part);
  }
  const { place } = planning.stack;
  if (!planning.fillsArns) return substitute(written.text);
  return fillArns(substitute(fillArns(written.text, place, substitute)), place, (part) => part);
}

function tellForeignArns(written: Written, planning: Planning, known: (part: string) => string): void {
  if (planning.fillsArns) return;
  const { place } = planning.stack;
  for (const arn of foreignArns(written.text, place, known)) {
    const found = arn.isPlaceholder ? `the placeholder '${arn.text}'` : `'${arn.text}'`;
    const cure = arn.isPlaceholder
      ? 'Write ours with DefinitionSubstitutions'
      : 'It is looked up by its name here; write it with DefinitionSubstitutions';
    const message = `Expected ARNs of region ${place.region} and account ${place.account}, but found ${found}. ${cure}, or deploy with --fill.`;
    tell(written, arn.index, message, planning);
  }
}

function tellUnknownNames(written: Written, planning: Planning, substitutions: Readonly<Record<string, string>>): void {
  for (const match of written.text.matchAll(NAME)) {
    const name = match[1] ?? '';
    if (Object.hasOwn(substitutions, name)) continue;
    if (planning.fillsArns && name.startsWith('AWS::')) continue;
    const hint = suggestion(name, Object.keys(substitutions));
    tell(
      written,
      match.index,
      `Expected '${name}' in DefinitionSubstitutions, but it is not there: '${match[0]}' stays as it is.${hint}`,
      planning,
    );
  }
}

function tell(written: Written, index: number, message: string, planning: Planning): void {
  const { source } = written;
  remark({ ...planning.own.findings, file: source.file }, positionAt(written, index), message, 'warning');
}

/** Where a place in the definition's text stands in the author's file. */
function positionAt({ text: definition, source }: Written, index: number): Position {
  switch (source.form) {
    case 'property':
      return source.at;
    case 'text': {
      const before = definition.slice(0, index).split('\n');
      return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
    }
    case 'values': {
      // The written JSON has one member a line, in the order of `places`.
      const line = definition.slice(0, index).split('\n').length;
      return linePlaces(definition, source)[line - 1] ?? source.at;
    }
    default:
      return source.form satisfies never;
  }
}

/** The author's place of each line of the JSON written from values: a line opens a member or item, or closes what stands above. */
function linePlaces(definition: string, source: DefinitionSource): readonly Position[] {
  const places = [...source.places.values()];
  let next = 0;
  let last = source.at;
  return definition.split('\n').map((line) => {
    if (!/^\s*[}\]],?$/.test(line)) last = places[next++] ?? last;
    return last;
  });
}
