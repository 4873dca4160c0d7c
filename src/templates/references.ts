import {
  activityArn,
  alarmArn,
  bucketArn,
  functionArn,
  layerArn,
  logGroupArn,
  queueArn,
  stateMachineArn,
  tableArn,
  topicArn,
} from '../arn.js';
import { BUCKET_NAME_CHARS_MAX, LOG_NAME_CHARS_MAX } from '../limits/services.js';
import {
  FUNCTION_NAME_CHARS_MAX,
  LAYER_NAME_CHARS_MAX,
  NAME_CHARS_MAX,
  QUEUE_NAME_CHARS_MAX,
  TABLE_NAME_CHARS_MAX,
  TOPIC_NAME_CHARS_MAX,
} from '../limits.js';
import { busArn, busNameOf, DEFAULT_BUS, ruleArn } from '../services/events/rule.js';
import { DEFAULT_GROUP, scheduleArn } from '../services/scheduler/schedule.js';
import { type Evaluation, evaluate, evaluateText } from './evaluate.js';
import { frontAttributes, frontReference } from './http-names.js';
import { KEPT_TYPES, type KeptType } from './kept-types.js';
import { machineOfAlias } from './machine-parts.js';
import {
  fillPlaceholder,
  physicalName,
  queueUrl,
  roleArn,
  type Stack,
  secretArnOf,
  steadyId,
} from './physical-names.js';
import { TemplateFault } from './problem.js';
import { PUBLISHED, publishedArn } from './published.js';
import { BUILT_TYPES, type BuiltType } from './resource-types.js';
import type { Resource } from './resources.js';
import { memberOfMap, type Position } from './template-value.js';

/** What `Ref` and `Fn::GetAtt` of a resource give, and its physical name. All are known before anything is built. Throw TemplateFault. */
export interface ResourceNames {
  nameOf(resource: Resource): string;
  reference(resource: Resource, at: Position): string;
  attribute(resource: Resource, attribute: string, at: Position): string;
}

export function resourceNames(stack: Stack, evaluation: () => Evaluation): ResourceNames {
  const known = new Map<string, string>();
  const open = new Set<string>();
  const nameOf = (resource: Resource): string => {
    const done = known.get(resource.logicalId);
    if (done !== undefined) return done;
    if (open.has(resource.logicalId)) {
      throw new TemplateFault(
        resource.at,
        `Expected a name that does not refer to itself, but that of '${resource.logicalId}' does.`,
      );
    }
    open.add(resource.logicalId);
    try {
      const name = readName(resource, stack, evaluation());
      known.set(resource.logicalId, name);
      return name;
    } finally {
      open.delete(resource.logicalId);
    }
  };
  const propertyOf =
    ({ properties }: Resource) =>
    (name: string): string | null => {
      const value = memberOfMap(properties, name);
      return value === undefined ? null : evaluateText(value, evaluation());
    };
  const subjectOf = (resource: Resource, at: Position): Subject => ({
    ...{ resource, at, stack, nameOf, propertyOf: propertyOf(resource) },
    machineOfAlias: () => machineOfAlias(resource, evaluation()),
  });
  return {
    nameOf,
    reference: (resource, at) => referenceTo(subjectOf(resource, at)),
    attribute: (resource, attribute, at) => attributeOf(attribute, subjectOf(resource, at)),
  };
}

interface NameRule {
  readonly property: string | null;
  readonly charsMax: number;
  readonly pattern: RegExp;
  readonly words: string;
}

const FUNCTION_RULE = {
  charsMax: FUNCTION_NAME_CHARS_MAX,
  pattern: /^[A-Za-z0-9_-]+$/,
  words: "letters, digits, '-' and '_'",
} as const;
const LAYER_RULE = { ...FUNCTION_RULE, charsMax: LAYER_NAME_CHARS_MAX } as const;
const MACHINE_RULE = {
  charsMax: NAME_CHARS_MAX,
  pattern: /^[^\s<>{}[\]?*"#%\\^|~`$&,;:/\p{Cc}]+$/u,
  words: 'no blanks, brackets, wildcards or special characters',
} as const;
const TABLE_RULE = {
  charsMax: TABLE_NAME_CHARS_MAX,
  pattern: /^[A-Za-z0-9_.-]{3,}$/,
  words: "three or more letters, digits, '-', '_' and '.'",
} as const;
const TOPIC_RULE = {
  charsMax: TOPIC_NAME_CHARS_MAX,
  pattern: /^[A-Za-z0-9_-]+(?:\.fifo)?$/,
  words: "letters, digits, '-' and '_'",
} as const;

const BUCKET_RULE = {
  charsMax: BUCKET_NAME_CHARS_MAX,
  pattern: /^[a-z0-9][a-z0-9.-]+[a-z0-9]$/,
  words: "three or more lower-case letters, digits, '-' and '.'",
} as const;
const QUEUE_RULE = {
  charsMax: QUEUE_NAME_CHARS_MAX,
  pattern: /^[A-Za-z0-9_-]+(?:\.fifo)?$/,
  words: "letters, digits, '-' and '_'",
} as const;
const SECRET_RULE = {
  charsMax: 512,
  pattern: /^[A-Za-z0-9/_+=.@!-]+$/,
  words: 'letters, digits and any of /_+=.@!-',
} as const;
const ALIAS_RULE = {
  charsMax: NAME_CHARS_MAX,
  pattern: /^(?=.*[A-Za-z_.-])[A-Za-z0-9_.-]+$/,
  words: "letters, digits, '-', '_' and '.', and not digits alone",
} as const;
const LOG_RULE = {
  charsMax: LOG_NAME_CHARS_MAX,
  pattern: /^[.\-_/#A-Za-z0-9]+$/,
  words: "letters, digits, '.', '-', '_', '/' and '#'",
} as const;
/** Of buses, rules and schedules. */
const EVENT_RULE = { pattern: /^[.\-_A-Za-z0-9]+$/, words: "letters, digits, '.', '-' and '_'" } as const;
/** People's names of APIs and keys. */
const FRONT_RULE = { charsMax: 1024, pattern: /^/, words: 'anything' } as const;
const FRONT_TITLES = new Set([
  'AWS::Serverless::HttpApi',
  'AWS::Serverless::Api',
  'AWS::ApiGatewayV2::Api',
  'AWS::ApiGateway::ApiKey',
]);
const ALARM_RULE = { charsMax: 255, pattern: /^[\x20-\x7e]+$/, words: 'printable ASCII characters' } as const;
const BUS_NAME_CHARS_MAX = 256;
const RULE_NAME_CHARS_MAX = 64;

function nameRule(resource: Resource): NameRule {
  const builds = BUILT_TYPES[resource.type]?.builds;
  switch (builds) {
    case 'function':
      return { ...FUNCTION_RULE, property: 'FunctionName' };
    case 'stateMachine':
      return { ...MACHINE_RULE, property: resource.type.includes('Serverless') ? 'Name' : 'StateMachineName' };
    case 'table':
      return { ...TABLE_RULE, property: 'TableName' };
    case 'topic':
      return { ...TOPIC_RULE, property: 'TopicName' };
    case 'bucket':
      return { ...BUCKET_RULE, property: 'BucketName' };
    case 'secret':
      return { ...SECRET_RULE, property: 'Name' };
    case 'queue':
      return { ...QUEUE_RULE, property: 'QueueName' };
    case 'bus':
      return { ...EVENT_RULE, charsMax: BUS_NAME_CHARS_MAX, property: 'Name' };
    case 'rule':
    case 'schedule':
      return { ...EVENT_RULE, charsMax: RULE_NAME_CHARS_MAX, property: 'Name' };
    case 'machineAlias':
      return { ...ALIAS_RULE, property: 'Name' };
    case 'activity':
      return { ...MACHINE_RULE, property: 'Name' };
    case 'logGroup':
      return { ...LOG_RULE, property: 'LogGroupName' };
    case 'front':
      return { ...FRONT_RULE, property: FRONT_TITLES.has(resource.type) ? 'Name' : null };
    case 'alarm':
      return { ...ALARM_RULE, property: 'AlarmName' };
    case 'layer':
      return { ...LAYER_RULE, property: 'LayerName' };
    case 'subscription':
    case 'version':
    case 'alias':
    case 'eventSource':
    case 'machineVersion':
    case 'eventInvoke':
    case 'bucketPart':
    case undefined:
      return {
        property: KEPT_TYPES[resource.type]?.nameProperty ?? null,
        charsMax: 512,
        pattern: /^/,
        words: 'anything',
      };
    default:
      return builds satisfies never;
  }
}

function readName(resource: Resource, stack: Stack, evaluation: Evaluation): string {
  const rule = nameRule(resource);
  const value = rule.property === null ? undefined : memberOfMap(resource.properties, rule.property);

  if (value === undefined || evaluate(value, evaluation) === undefined) {
    const suffix = isFifoQueue(resource, evaluation) ? '.fifo' : '';
    const name = physicalName(stack, resource.logicalId, rule.charsMax - suffix.length) + suffix;
    // Only buckets have to be in lower case; AWS does the same to their generated names.
    return BUILT_TYPES[resource.type]?.builds === 'bucket' ? name.toLowerCase() : name;
  }
  const name = evaluateText(value, evaluation);
  if (name.length > rule.charsMax) {
    throw new TemplateFault(
      value.at,
      `Expected ${rule.property} to have at most ${rule.charsMax} characters, but '${name}' has ${name.length}.`,
    );
  }
  if (!rule.pattern.test(name)) {
    throw new TemplateFault(value.at, `Expected ${rule.property} to have ${rule.words}, but it is '${name}'.`);
  }
  return name;
}

function isFifoQueue(resource: Resource, evaluation: Evaluation): boolean {
  const fifo = resource.type === 'AWS::SQS::Queue' ? memberOfMap(resource.properties, 'FifoQueue') : undefined;
  return fifo !== undefined && evaluateText(fifo, evaluation) === 'true';
}

interface Subject {
  readonly propertyOf: (name: string) => string | null;
  /** The machine's ARN; of a state machine's alias only. */
  readonly machineOfAlias: () => string;
  readonly resource: Resource;
  readonly at: Position;
  readonly stack: Stack;
  readonly nameOf: (resource: Resource) => string;
}

function referenceTo(subject: Subject): string {
  const { resource, at, stack, nameOf, propertyOf } = subject;
  const built = BUILT_TYPES[resource.type];
  if (built !== undefined) {
    switch (built.builds) {
      case 'function':
      case 'table':
      case 'bucket':
      case 'bus':
      case 'schedule':
      case 'logGroup':
      case 'alarm':
        return nameOf(resource);
      case 'machineVersion':
        return publishedArn(propertyOf('StateMachineArn') ?? '', resource.logicalId);
      case 'machineAlias':
        return `${subject.machineOfAlias()}:${nameOf(resource)}`;
      case 'activity':
        return activityArn(stack.place, nameOf(resource));
      case 'front':
        return frontReference({ type: resource.type, logicalId: resource.logicalId, stack, propertyOf });
      case 'secret':
        return secretArnOf(stack, nameOf(resource));
      case 'queue':
        return queueUrl(stack, nameOf(resource));
      case 'rule': {
        const bus = busNameOf(propertyOf('EventBusName') ?? undefined);
        return bus === DEFAULT_BUS ? nameOf(resource) : `${bus}|${nameOf(resource)}`;
      }
      case 'stateMachine':
        return stateMachineArn(stack.place, nameOf(resource));
      case 'topic':
        return topicArn(stack.place, nameOf(resource));
      case 'layer':
        return `${layerArn(stack.place, nameOf(resource))}:${PUBLISHED}`;
      case 'alias':
        return aliasArn(stack, propertyOf);
      case 'bucketPart':
        return `${resource.logicalId}`;
      case 'subscription':
      case 'version':
      case 'eventSource':
      case 'eventInvoke':
        throw laterFault(resource, at);
      default:
        return built.builds satisfies never;
    }
  }
  const type = KEPT_TYPES[resource.type];
  return type === undefined ? nameOf(resource) : fillPlaceholder(type.reference, { stack, name: nameOf(resource) });
}

const aliasArn = (stack: Stack, propertyOf: Subject['propertyOf']): string => {
  const called = propertyOf('FunctionName') ?? '';
  return `${called.startsWith('arn:') ? called : functionArn(stack.place, called)}:${propertyOf('Name') ?? ''}`;
};

const laterFault = (resource: Resource, at: Position): TemplateFault =>
  new TemplateFault(
    at,
    `Expected a reference to something that is known beforehand, but the ARN of ${resource.type} '${resource.logicalId}' is not.`,
    'unsupported',
  );

function attributeOf(attribute: string, subject: Subject): string {
  const { resource, at, nameOf } = subject;
  const built = BUILT_TYPES[resource.type];
  if (built === undefined) return keptAttribute(attribute, KEPT_TYPES[resource.type], subject);
  const { builds } = built;
  if (builds === 'subscription' || builds === 'eventSource' || builds === 'eventInvoke') throw laterFault(resource, at);
  const attributes = builtAttributes(builds, nameOf(resource), subject);
  const value = Object.hasOwn(attributes, attribute) ? attributes[attribute] : undefined;
  if (value !== undefined) return value;
  const isLater = ['StreamArn', 'Version', 'SnapStartResponse'].some((word) => attribute.startsWith(word));
  throw noAttribute({ attribute, subject, names: Object.keys(attributes), isLater });
}

function builtAttributes(
  builds: Exclude<BuiltType['builds'], 'subscription' | 'eventSource' | 'eventInvoke'>,
  name: string,
  subject: Subject,
): Readonly<Record<string, string>> {
  const { stack, propertyOf, resource } = subject;
  switch (builds) {
    case 'function': {
      const alias = propertyOf('AutoPublishAlias');
      return {
        Arn: functionArn(stack.place, name),
        ...(alias !== null && { Alias: functionArn(stack.place, `${name}:${alias}`) }),
      };
    }
    case 'front':
      return frontAttributes({ type: resource.type, logicalId: resource.logicalId, stack, propertyOf });
    case 'bucketPart':
      return {};
    case 'version':
      return { Version: PUBLISHED };
    case 'layer':
      return { LayerVersionArn: `${layerArn(stack.place, name)}:${PUBLISHED}` };
    case 'alias':
      return { AliasArn: aliasArn(stack, propertyOf) };
    case 'stateMachine':
      return { Arn: stateMachineArn(stack.place, name), Name: name, StateMachineRevisionId: steadyId(name) };
    case 'machineVersion':
    case 'machineAlias':
    case 'activity':
      return { Arn: referenceTo(subject), ...(builds === 'activity' && { Name: name }) };
    case 'logGroup':
      return { Arn: `${logGroupArn(stack.place, name)}:*` };
    case 'table':
      // The label of a stream is the time when it begins; `latest` means the one of now.
      return { Arn: tableArn(stack.place, name), StreamArn: `${tableArn(stack.place, name)}/stream/latest` };
    case 'topic':
      return { TopicArn: topicArn(stack.place, name), TopicName: name };
    case 'bucket':
      return {
        Arn: bucketArn(name),
        DomainName: `${name}.s3.amazonaws.com`,
        DualStackDomainName: `${name}.s3.dualstack.${stack.place.region}.amazonaws.com`,
        RegionalDomainName: `${name}.s3.${stack.place.region}.amazonaws.com`,
      };
    case 'secret':
      return { Id: secretArnOf(stack, name) };
    case 'queue':
      return { Arn: queueArn(stack.place, name), QueueName: name, QueueUrl: queueUrl(stack, name) };
    case 'bus':
      return { Arn: busArn(stack.place, name), Name: name };
    case 'rule':
      return { Arn: ruleArn(stack.place, busNameOf(propertyOf('EventBusName') ?? undefined), name) };
    case 'alarm':
      return { Arn: alarmArn(stack.place, name) };
    case 'schedule':
      return { Arn: scheduleArn(stack.place, propertyOf('GroupName') ?? DEFAULT_GROUP, name) };
    default:
      return builds satisfies never;
  }
}

function keptAttribute(attribute: string, type: KeptType | undefined, subject: Subject): string {
  const { resource, stack, nameOf } = subject;
  const name = nameOf(resource);
  if (type === undefined) {
    // Only reached where unsupported resources are allowed: something of the right form, so that the rest can be built.
    const service = resource.type.split('::')[1]?.toLowerCase() ?? 'unknown';
    const { region, account } = stack.place;
    return attribute.endsWith('Arn') ? `arn:aws:${service}:${region}:${account}:${name}` : `${name}-${attribute}`;
  }
  const pattern = Object.hasOwn(type.attributes, attribute) ? type.attributes[attribute] : undefined;
  if (pattern !== undefined) return fillPlaceholder(pattern, { stack, name });
  throw noAttribute({ attribute, subject, names: Object.keys(type.attributes), isLater: false });
}

function noAttribute(fault: {
  attribute: string;
  subject: Subject;
  names: readonly string[];
  isLater: boolean;
}): TemplateFault {
  const { attribute, subject, names, isLater } = fault;
  const known = names.length === 0 ? 'it has none' : `it has ${names.join(', ')}`;
  return new TemplateFault(
    subject.at,
    `Expected an attribute of '${subject.resource.logicalId}' (${subject.resource.type}), but '${attribute}' is not known here: ${known}.`,
    isLater || names.length === 0 ? 'unsupported' : 'invalid',
  );
}

/** SAM makes a role for each function and machine that names none; templates may refer to it as `<LogicalId>Role`. */
export function impliedRole(
  logicalId: string,
  resources: ReadonlyMap<string, Resource>,
  stack: Stack,
): { readonly name: string; readonly arn: string } | null {
  const owner = logicalId.endsWith('Role') ? resources.get(logicalId.slice(0, -'Role'.length)) : undefined;
  const isMade =
    owner !== undefined &&
    ['AWS::Serverless::Function', 'AWS::Serverless::StateMachine'].includes(owner.type) &&
    memberOfMap(owner.properties, 'Role') === undefined;
  if (!isMade) return null;
  const name = physicalName(stack, logicalId, 64);
  return { name, arn: roleArn(stack, name) };
}
