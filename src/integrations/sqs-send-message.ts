import { queueArn } from '../arn.js';
import { isNumber, type JsonObject, type JsonValue, keysOf, memberOf, numberOf, writeJson } from '../payload/index.js';
import type { Clock } from '../services/ports.js';
import { SqsFault } from '../services/sqs/fault.js';
import { md5Of, md5OfAttributes } from '../services/sqs/message.js';
import type { SendRequest, SentMessage } from '../services/sqs/sqs.js';
import { attributesOf, messageFaults, textOf } from './message-attributes.js';
import type { Integration, TaskAnswer, TaskCall } from './port.js';
import { answered, foreignFields, requestIdOf, sdkFailure, sdkOutput, withParameters } from './sdk.js';

/** The queue service, as far as it is needed here. */
export interface MessageSender {
  /** With the same key again: the first result, and nothing is sent. Throws SqsFault. */
  send(arn: string, request: SendRequest, options: { readonly key: string }): Promise<SentMessage>;
}

const TEXTS = ['QueueUrl', 'MessageGroupId', 'MessageDeduplicationId'] as const;
const FIELDS: ReadonlySet<string> = new Set([...TEXTS, 'MessageBody', 'DelaySeconds', 'MessageAttributes']);

/** `sqs:sendMessage`: an object as MessageBody is sent as JSON text. Sent once, however often it is performed. */
export const sqsSendMessage = (sender: MessageSender, clock: Clock): Integration => ({
  resource: 'sqs:sendMessage',
  perform: (call) =>
    withParameters(call, faultsOf, async (parameters) => {
      const queue = queueOf(call, textOf(parameters, 'QueueUrl') ?? '');
      if (queue.type === 'nowhere') return unreachable(queue.host);
      const request = requestOf(parameters);
      try {
        return success(call, request, await sender.send(queue.arn, request, { key: call.key }), clock);
      } catch (fault) {
        if (fault instanceof SqsFault) return failure(call, fault);
        throw fault;
      }
    }),
});

function faultsOf(parameters: JsonObject): readonly string[] {
  const faults = [...foreignFields(keysOf(parameters), FIELDS), ...messageFaults(parameters, TEXTS)];
  const delay = memberOf(parameters, 'DelaySeconds') ?? null;
  if (delay !== null && !(isNumber(delay) && Number.isInteger(numberOf(delay)))) {
    faults.push("The value for the field 'DelaySeconds' must be an INTEGER");
  }
  return faults;
}

/** By the last part of its URL, whatever host stands in front; a URL without a path leads to a host that is not SQS. */
function queueOf(
  call: TaskCall,
  url: string,
): { readonly type: 'queue'; readonly arn: string } | { readonly type: 'nowhere'; readonly host: string } {
  const [, host, path] = /^https?:\/\/([^/:]+)(?::\d+)?(\/.*)?$/.exec(url) ?? [];
  if (host !== undefined && (path ?? '/') === '/') return { type: 'nowhere', host };
  return { type: 'queue', arn: queueArn(call, url.slice(url.lastIndexOf('/') + 1)) };
}

/** Recorded: what the SDK says of a name that does not resolve. */
const unreachable = (host: string): TaskAnswer => ({
  type: 'failed',
  error: 'SQS.SdkClientException',
  cause: `Unable to execute HTTP request: ${host}: Name or service not known`,
});

/** Of checked parameters. */
function requestOf(parameters: JsonObject): SendRequest {
  const body = memberOf(parameters, 'MessageBody') ?? '';
  const delay = memberOf(parameters, 'DelaySeconds');
  return {
    body: typeof body === 'string' ? body : writeJson(body),
    attributes: attributesOf(parameters),
    delaySeconds: isNumber(delay) ? numberOf(delay) : undefined,
    traceHeader: undefined,
    groupId: textOf(parameters, 'MessageGroupId'),
    deduplicationId: textOf(parameters, 'MessageDeduplicationId'),
  };
}

function success(call: TaskCall, { body, attributes }: SendRequest, sent: SentMessage, clock: Clock): TaskAnswer {
  const members = new Map<string, JsonValue>([
    ['MD5OfMessageBody', md5Of(body)],
    ['MessageId', sent.messageId],
  ]);
  const digest = md5OfAttributes(attributes);
  if (digest !== null) members.set('MD5OfMessageAttributes', digest);
  if (sent.sequenceNumber !== null) members.set('SequenceNumber', sent.sequenceNumber);
  const headers = { 'Content-Type': 'application/x-amz-json-1.0' };
  return answered(call, sdkOutput(members, { status: 200, requestId: requestIdOf(call), at: clock.now(), headers }));
}

/** Exceptions of the service model that the Java SDK 1 has a class for. Every other one is the service's own. */
const EXCEPTIONS: ReadonlyMap<string, string> = new Map([
  ['QueueDoesNotExist', 'QueueDoesNotExistException'],
  ['InvalidMessageContents', 'InvalidMessageContentsException'],
]);

const failure = (call: TaskCall, { code, queryCode, message }: SqsFault): TaskAnswer =>
  sdkFailure({
    error: `SQS.${EXCEPTIONS.get(code) ?? 'AmazonSQSException'}`,
    message,
    service: 'AmazonSQS',
    status: 400,
    code: queryCode,
    requestId: requestIdOf(call),
  });
