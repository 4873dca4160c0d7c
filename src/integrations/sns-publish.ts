import { type JsonObject, type JsonValue, keysOf, memberOf, writeJson } from '../payload/index.js';
import type { Clock } from '../services/ports.js';
import { SnsFault } from '../services/sns/fault.js';
import type { PublishRequest } from '../services/sns/publication.js';
import type { Published } from '../services/sns/sns.js';
import { attributesOf, messageFaults, textOf } from './message-attributes.js';
import type { Integration, TaskAnswer, TaskCall } from './port.js';
import { answered, foreignFields, requestIdOf, sdkFailure, sdkOutput, withParameters } from './sdk.js';

/** The topics service, as far as it is needed here. */
export interface Publisher {
  /** With the same key again: the first result, and nothing is published. */
  publish(request: PublishRequest, options: { readonly key: string }): Promise<Published>;
}

const TEXTS = [
  'TopicArn',
  'TargetArn',
  'PhoneNumber',
  'Subject',
  'MessageStructure',
  'MessageGroupId',
  'MessageDeduplicationId',
] as const;
const FIELDS: ReadonlySet<string> = new Set([...TEXTS, 'Message', 'MessageAttributes']);

/** `sns:publish`: an object as Message is sent as JSON text. Published once, however often it is performed. */
export const snsPublish = (publisher: Publisher, clock: Clock): Integration => ({
  resource: 'sns:publish',
  perform: (call) =>
    withParameters(call, faultsOf, async (parameters) => {
      try {
        const request = requestOf(parameters);
        return success(call, await publisher.publish(request, { key: call.key }), clock);
      } catch (fault) {
        if (fault instanceof SnsFault) return failure(call, fault);
        throw fault;
      }
    }),
});

const faultsOf = (parameters: JsonObject): readonly string[] => [
  ...foreignFields(keysOf(parameters), FIELDS),
  ...messageFaults(parameters, TEXTS),
];

/** Of checked parameters. Throws SnsFault. */
function requestOf(parameters: JsonObject): PublishRequest {
  const message = memberOf(parameters, 'Message') ?? null;
  if (message === null) {
    const rule = "Value null at 'message' failed to satisfy constraint: Member must not be null";
    throw new SnsFault('ValidationError', `1 validation error detected: ${rule}`);
  }
  if (textOf(parameters, 'PhoneNumber') !== undefined) {
    throw new SnsFault(
      'InvalidParameter',
      'Invalid parameter: PhoneNumber Reason: Treadle does not send text messages.',
    );
  }
  return {
    topicArn: textOf(parameters, 'TopicArn') ?? textOf(parameters, 'TargetArn') ?? '',
    message: typeof message === 'string' ? message : writeJson(message),
    subject: textOf(parameters, 'Subject'),
    messageStructure: textOf(parameters, 'MessageStructure'),
    attributes: attributesOf(parameters),
    groupId: textOf(parameters, 'MessageGroupId'),
    deduplicationId: textOf(parameters, 'MessageDeduplicationId'),
  };
}

function success(call: TaskCall, { messageId, sequenceNumber }: Published, clock: Clock): TaskAnswer {
  const members = new Map<string, JsonValue>([['MessageId', messageId]]);
  if (sequenceNumber !== undefined) members.set('SequenceNumber', sequenceNumber);
  const headers = { 'Content-Type': 'text/xml' };
  return answered(call, sdkOutput(members, { status: 200, requestId: requestIdOf(call), at: clock.now(), headers }));
}

/** Code on the wire → exception of the Java SDK. Every other code is the service's own exception. */
const EXCEPTIONS: ReadonlyMap<string, string> = new Map([
  ['AuthorizationError', 'AuthorizationErrorException'],
  ['InvalidParameter', 'InvalidParameterException'],
  ['NotFound', 'NotFoundException'],
  ['ParameterValueInvalid', 'InvalidParameterValueException'],
]);

const failure = (call: TaskCall, { code, message }: SnsFault): TaskAnswer =>
  sdkFailure({
    error: `SNS.${EXCEPTIONS.get(code) ?? 'AmazonSNSException'}`,
    message,
    service: 'AmazonSNS',
    status: code === 'NotFound' ? 404 : 400,
    code,
    requestId: requestIdOf(call),
  });
