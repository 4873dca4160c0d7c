import { existsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { functionArn } from '../arn.js';
import { FUNCTION_MEMORY_MB_MAX, FUNCTION_TIMEOUT_SECONDS_MAX } from '../limits.js';
import { planBucketEvent } from './bucket-resource.js';
import { planFunctionEventInvoke } from './event-invoke-resource.js';
import { EVENT_SOURCE_MEMBERS, STREAM_MEMBERS } from './event-source-members.js';
import { eventSourceSettings } from './event-source-resource.js';
import { planHttpEvent } from './http-events.js';
import type {
  CodeLocation,
  FunctionCode,
  FunctionSettings,
  PlannedBucketPart,
  PlannedEventSource,
  PlannedFront,
  PlannedFunction,
  PlannedResource,
  PlannedSubscription,
} from './plan.js';
import type { Planning } from './planning.js';
import { refuse } from './problem.js';
import {
  allowOnly,
  integer,
  items,
  member,
  requiredText,
  type Section,
  section,
  sectionOf,
  text,
  texts,
  word,
} from './properties.js';
import { PUBLISHED } from './published.js';
import { planStartEvents, type StartEvent } from './start-events.js';
import { type LocationMembers, MEMBERS, readLocation, S3_MEMBERS } from './stored-location.js';
import { describeValue, memberOfMap, type Position } from './template-value.js';
import { subscriptionAttributes } from './topic-resources.js';
import { plannedAlias } from './version-resources.js';

/** A function, and what starts it: subscriptions, rules and schedules. */
export function planFunction(planning: Planning): readonly [PlannedFunction, ...PlannedResource[]] | null {
  const { own, common, name, stack } = planning;
  if (text(own, 'PackageType') === 'Image') return refuseImage(planning);
  const runtime = requiredText(own, 'Runtime');
  word(own, 'PackageType', ['Zip']);
  const settings: FunctionSettings = {
    name,
    runtime,
    handler: requiredText(own, 'Handler'),
    description: text(own, 'Description') ?? '',
    timeoutSeconds: integer(own, 'Timeout', { min: 1, max: FUNCTION_TIMEOUT_SECONDS_MAX }) ?? 3,
    memoryMb: integer(own, 'MemorySize', { min: 128, max: FUNCTION_MEMORY_MB_MAX }) ?? 128,
    environment: readEnvironment(own),
    roleArn: text(own, 'Role') ?? planning.impliedRoleArn,
    layers: items(own, 'Layers').flatMap((item) => (item.kind === 'scalar' ? [item.text] : [])),
    reservedConcurrency: integer(own, 'ReservedConcurrentExecutions', { min: 0, max: Number.MAX_SAFE_INTEGER }),
    deadLetterArn: readDeadLetter(own),
  };
  const code = readCode(planning, runtime);
  const arn = functionArn(stack.place, name);
  const alias = text(own, 'AutoPublishAlias');
  const aliases =
    alias === null
      ? []
      : [plannedAlias(planning, { functionName: name, alias, version: PUBLISHED, description: '', routing: {} })];
  // With an alias, events go to it.
  const called = aliases[0]?.arn ?? arn;
  const events = planStartEvents<PlannedSubscription | PlannedEventSource | PlannedFront | PlannedBucketPart>(
    planning,
    called,
    (type, event) => {
      if (type === 'SNS') return readTopicEvent(planning, event, called);
      if (type === 'S3') return planBucketEvent(planning, event, called);
      if (type === 'SQS' || type === 'DynamoDB') return readSourceEvent(planning, { ...event, type }, called);
      return planHttpEvent(planning, type, event, { kind: 'function', arn: called });
    },
  );
  if (code === null || own.findings.problems.some((problem) => problem.kind === 'invalid')) return null;
  const outcomes = planFunctionEventInvoke(planning, alias);
  return [{ ...common, kind: 'function', arn, settings, code }, ...aliases, ...outcomes, ...events];
}

/** CloudFormation's DeadLetterConfig, or SAM's DeadLetterQueue. */
function readDeadLetter(own: Section): string | null {
  const config = section(own, 'DeadLetterConfig');
  const queue = section(own, 'DeadLetterQueue');
  if (config !== null) allowOnly(config, ['TargetArn']);
  if (queue !== null) {
    allowOnly(queue, ['TargetArn', 'Type']);
    if (word(queue, 'Type', ['SNS', 'SQS']) === null) requiredText(queue, 'Type');
    return requiredText(queue, 'TargetArn');
  }
  return config === null ? null : text(config, 'TargetArn');
}

function refuseImage({ own, assets }: Planning): null {
  const code = member(own, 'Code') === null ? null : section(own, 'Code');
  const uri = (code === null ? text(own, 'ImageUri') : text(code, 'ImageUri')) ?? '';
  const image = assets.images.find(({ tag }) => uri.endsWith(`:${tag}`));
  const what = image === undefined ? 'a container image' : `the container image '${image.name}'`;
  const at = member(own, 'PackageType')?.at ?? own.at;
  const message = `Expected the code in a folder or .zip file, but it is ${what}: container images are not run here. Use PackageType Zip.`;
  refuse(own.findings, at, message, 'unsupported');
  return null;
}

/** Lambda's own variables, which it refuses to have set. */
const RESERVED = new Set([
  '_HANDLER',
  '_X_AMZN_TRACE_ID',
  'AWS_ACCESS_KEY',
  'AWS_ACCESS_KEY_ID',
  'AWS_DEFAULT_REGION',
  'AWS_EXECUTION_ENV',
  'AWS_LAMBDA_FUNCTION_MEMORY_SIZE',
  'AWS_LAMBDA_FUNCTION_NAME',
  'AWS_LAMBDA_FUNCTION_VERSION',
  'AWS_LAMBDA_INITIALIZATION_TYPE',
  'AWS_LAMBDA_LOG_GROUP_NAME',
  'AWS_LAMBDA_LOG_STREAM_NAME',
  'AWS_LAMBDA_RUNTIME_API',
  'AWS_REGION',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'LAMBDA_RUNTIME_DIR',
  'LAMBDA_TASK_ROOT',
]);

function readEnvironment(own: Section): Readonly<Record<string, string>> {
  const environment = section(own, 'Environment');
  if (environment === null) return {};
  allowOnly(environment, ['Variables']);
  const variables = section(environment, 'Variables');
  if (variables === null) return {};
  for (const { key, keyAt } of variables.map.entries) {
    if (RESERVED.has(key))
      refuse(own.findings, keyAt, `Expected a variable that may be set, but ${key} is set by Lambda itself.`);
    else if (!/^[A-Za-z][A-Za-z0-9_]+$/.test(key)) {
      refuse(
        own.findings,
        keyAt,
        `Expected a variable's name of letters, digits and '_' that begins with a letter, but found '${key}'.`,
      );
    }
  }
  return texts(variables);
}

function readCode(planning: Planning, runtime: string): FunctionCode | null {
  const { own, resource } = planning;
  if (resource.type === 'AWS::Lambda::Function') return readLambdaCode(planning, runtime);
  const inline = text(own, 'InlineCode');
  const uri = member(own, 'CodeUri');
  if (inline !== null && uri === null)
    return inlineCode(own, { text: inline, runtime, at: member(own, 'InlineCode')?.at ?? own.at });
  if (uri === null) {
    if (memberOfMap(resource.properties, 'CodeUri') === undefined) {
      refuse(own.findings, own.at, 'Expected CodeUri (a folder) or InlineCode, but there is neither.');
    }
    return null;
  }
  if (inline !== null) refuse(own.findings, uri.at, 'Expected CodeUri or InlineCode, but there are both.');
  return locatedCode(planning, 'CodeUri', MEMBERS);
}

function readLambdaCode(planning: Planning, runtime: string): FunctionCode | null {
  const { own, resource } = planning;
  const code = member(own, 'Code');
  if (code === null) {
    if (memberOfMap(resource.properties, 'Code') === undefined)
      refuse(own.findings, own.at, 'Expected Code, but it is missing.');
    return null;
  }
  const parts = code.kind === 'scalar' ? null : sectionOf(code, 'Code', own.findings);
  const zipFile = parts === null ? null : member(parts, 'ZipFile');
  if (parts === null || zipFile === null) return locatedCode(planning, 'Code', S3_MEMBERS);
  allowOnly(parts, ['ImageUri', 'S3Bucket', 'S3Key', 'S3ObjectVersion', 'SourceKMSKeyArn', 'ZipFile']);
  return inlineCode(own, { text: text(parts, 'ZipFile') ?? '', runtime, at: zipFile.at });
}

/** A folder or .zip file beside the template, or a zip in S3. */
export function locatedCode(planning: Planning, property: string, members: LocationMembers): CodeLocation | null {
  const { own } = planning;
  const before = own.findings.problems.length;
  const location = readLocation(planning, property, members);
  if (location?.type === 'stored') return { type: 'stored', object: location.object };
  if (location !== null) return localCode(planning, location.path, location.at);
  if (own.findings.problems.length > before) return null;
  const message = `Expected ${property} to be a folder or .zip file, or ${members.bucket} and ${members.key} of a zip in S3, but it is neither.`;
  refuse(own.findings, member(own, property)?.at ?? own.at, message);
  return null;
}

function localCode({ own, file }: Planning, path: string, at: Position): CodeLocation | null {
  if (/^https?:\/\//.test(path)) {
    refuse(own.findings, at, `Expected a folder, a .zip file or s3://bucket/key, but it is '${path}'.`, 'unsupported');
    return null;
  }
  const whole = resolve(dirname(file), path);
  const found = existsSync(whole) ? statSync(whole) : null;
  if (found?.isDirectory() || (found?.isFile() && whole.endsWith('.zip'))) return { type: 'path', path: whole };
  const what = found === null ? 'there is none' : 'this is a file';
  refuse(own.findings, at, `Expected a folder or a .zip file at '${path}' (from the template's folder), but ${what}.`);
  return null;
}

/** Lambda puts the text into a file `index` and calls `index.<handler>`. */
function inlineCode(own: Section, code: { text: string; runtime: string; at: Position }): FunctionCode | null {
  const fileName = code.runtime.startsWith('nodejs')
    ? 'index.js'
    : code.runtime.startsWith('python')
      ? 'index.py'
      : null;
  if (fileName !== null) return { type: 'inline', fileName, text: code.text };
  refuse(
    own.findings,
    code.at,
    `Expected a nodejs or python Runtime for code in the template, but it is '${code.runtime}'.`,
  );
  return null;
}

function readSourceEvent(
  { common, own }: Planning,
  { key, keyAt, event, type }: StartEvent & { readonly type: 'SQS' | 'DynamoDB' },
  called: string,
): readonly PlannedEventSource[] {
  const source = type === 'SQS' ? 'Queue' : 'Stream';
  const properties = section(event, 'Properties');
  if (properties === null) {
    const found = describeValue(event.map);
    refuse(own.findings, keyAt, `Expected Events.${key}.Properties with a ${source}, but found ${found} without.`);
    return [];
  }
  allowOnly(properties, [source, ...EVENT_SOURCE_MEMBERS, ...(type === 'SQS' ? [] : STREAM_MEMBERS)]);
  const settings = eventSourceSettings(properties, requiredText(properties, source), called);
  if (settings === null) return [];
  const resourceType = 'AWS::Lambda::EventSourceMapping';
  const logicalId = `${common.logicalId}.${key}`;
  return [{ ...common, kind: 'eventSource', arn: settings.name, logicalId, at: keyAt, resourceType, settings }];
}

function readTopicEvent(
  { common, own }: Planning,
  { key, keyAt, event }: StartEvent,
  called: string,
): readonly PlannedSubscription[] {
  const properties = section(event, 'Properties');
  if (properties === null) {
    refuse(
      own.findings,
      keyAt,
      `Expected Events.${key}.Properties with a Topic, but found ${describeValue(event.map)} without.`,
    );
    return [];
  }
  const { findings } = own;
  allowOnly(properties, ['FilterPolicy', 'FilterPolicyScope', 'RedrivePolicy', 'Region', 'SqsSubscription', 'Topic']);
  for (const later of ['RedrivePolicy', 'SqsSubscription']) {
    const value = member(properties, later);
    if (value !== null && !(value.kind === 'scalar' && value.text === 'false')) {
      refuse(
        findings,
        value.at,
        `Expected no ${later}, but there is one: topics do not send to queues here yet.`,
        'unsupported',
      );
    }
  }
  const settings = {
    topicArn: requiredText(properties, 'Topic'),
    protocol: 'lambda',
    endpoint: called,
    attributes: subscriptionAttributes(properties),
  };
  return [
    {
      ...common,
      kind: 'subscription',
      logicalId: `${common.logicalId}.${key}`,
      at: keyAt,
      resourceType: 'AWS::SNS::Subscription',
      settings,
    },
  ];
}
