import { functionArn, parseArn, queueArn, topicArn } from '../arn.js';
import { ASYNC_AGE_SECONDS_MAX, ASYNC_AGE_SECONDS_MIN, ASYNC_RETRIES_MAX } from '../limits.js';
import { physicalName } from './physical-names.js';
import type { EventInvokeSettings, PlannedEventInvoke, PlannedQueue, PlannedTopic } from './plan.js';
import type { Planning } from './planning.js';
import { refuse } from './problem.js';
import { allowOnly, integer, member, requiredText, type Section, section, text, word } from './properties.js';

const MEMBERS = ['DestinationConfig', 'MaximumEventAgeInSeconds', 'MaximumRetryAttempts'];

/** What becomes of asynchronous calls, as a resource of its own. */
export function planEventInvoke(planning: Planning): readonly [PlannedEventInvoke] {
  const { own } = planning;
  const named = requiredText(own, 'FunctionName');
  const functionName = parseArn(named)?.resource.split(':')[1] ?? named;
  const qualifier = requiredText(own, 'Qualifier');
  const destinations = section(own, 'DestinationConfig');
  const read = (key: string): string | null => {
    const found = destinations === null ? null : section(destinations, key);
    if (found !== null) allowOnly(found, ['Destination']);
    return found === null ? null : requiredText(found, 'Destination');
  };
  if (destinations !== null) allowOnly(destinations, ['OnFailure', 'OnSuccess']);
  const ends = { onSuccess: read('OnSuccess'), onFailure: read('OnFailure') };
  return [planned(planning, { functionName, qualifier, ...limitsOf(own), ...ends })];
}

/** SAM's property of a function; a destination without an ARN is a queue or topic that SAM makes. */
export function planFunctionEventInvoke(
  planning: Planning,
  alias: string | null,
): readonly (PlannedEventInvoke | PlannedQueue | PlannedTopic)[] {
  const { own, name, common } = planning;
  const config = section(own, 'EventInvokeConfig');
  if (config === null) return [];
  allowOnly(config, MEMBERS);
  const destinations = section(config, 'DestinationConfig');
  if (destinations !== null) allowOnly(destinations, ['OnFailure', 'OnSuccess']);
  const read = (key: string) => (destinations === null ? NONE : readDestination(planning, destinations, key));
  const [onSuccess, onFailure] = [read('OnSuccess'), read('OnFailure')];
  const settings = {
    ...{ functionName: name, qualifier: alias ?? '$LATEST', ...limitsOf(config) },
    ...{ onSuccess: onSuccess.arn, onFailure: onFailure.arn },
  };
  const logicalId = `${common.logicalId}EventInvokeConfig`;
  const part = { ...planning, common: { ...common, logicalId, resourceType: 'AWS::Lambda::EventInvokeConfig' } };
  return [...onSuccess.made, ...onFailure.made, planned(part, settings)];
}

interface Destination {
  readonly arn: string | null;
  readonly made: readonly (PlannedQueue | PlannedTopic)[];
}

const NONE: Destination = { arn: null, made: [] };

function readDestination({ common, stack }: Planning, destinations: Section, key: string): Destination {
  const found = section(destinations, key);
  if (found === null) return NONE;
  allowOnly(found, ['Destination', 'Type']);
  const type = word(found, 'Type', ['EventBridge', 'Lambda', 'SNS', 'SQS', 'S3Bucket']);
  const arn = text(found, 'Destination');
  if (type === 'S3Bucket') {
    const at = member(found, 'Type')?.at ?? found.at;
    refuse(
      found.findings,
      at,
      'Expected no destination of Type S3Bucket, but this is one: outcomes are not written to buckets here yet.',
      'unsupported',
    );
    return NONE;
  }
  if (arn !== null || (type !== 'SQS' && type !== 'SNS'))
    return { arn: arn ?? requiredText(found, 'Destination'), made: [] };
  const logicalId = `${common.logicalId}EventInvokeConfig${key}${type === 'SQS' ? 'Queue' : 'Topic'}`;
  const name = physicalName(stack, logicalId, 80);
  if (type === 'SQS') {
    const queue = { ...common, logicalId, resourceType: 'AWS::SQS::Queue', arn: queueArn(stack.place, name) };
    return { arn: queue.arn, made: [{ ...queue, kind: 'queue', settings: { name, attributes: {} } }] };
  }
  const topic = { ...common, logicalId, resourceType: 'AWS::SNS::Topic', arn: topicArn(stack.place, name) };
  return { arn: topic.arn, made: [{ ...topic, kind: 'topic', settings: { name, displayName: '' } }] };
}

const limitsOf = (from: Section): Pick<EventInvokeSettings, 'retriesMax' | 'ageSecondsMax'> => ({
  retriesMax: integer(from, 'MaximumRetryAttempts', { min: 0, max: ASYNC_RETRIES_MAX }),
  ageSecondsMax: integer(from, 'MaximumEventAgeInSeconds', { min: ASYNC_AGE_SECONDS_MIN, max: ASYNC_AGE_SECONDS_MAX }),
});

function planned({ common, stack }: Planning, settings: Omit<EventInvokeSettings, 'name'>): PlannedEventInvoke {
  const name = `${settings.functionName}:${settings.qualifier}`;
  return { ...common, kind: 'eventInvoke', arn: functionArn(stack.place, name), settings: { ...settings, name } };
}
