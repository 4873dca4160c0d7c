/** A message attribute; exactly one value is there. */
export interface MessageAttribute {
  /** `String`, `String.Array`, `Number`, `Binary`, or one of these with a suffix. */
  readonly dataType: string;
  readonly stringValue?: string;
  /** Base64. */
  readonly binaryValue?: string;
}

/** A published message as one subscriber gets it. */
export interface TopicMessage {
  readonly messageId: string;
  readonly topicArn: string;
  readonly subject: string | null;
  readonly message: string;
  readonly attributes: Readonly<Record<string, MessageAttribute>>;
  /** Epoch milliseconds of the publish. */
  readonly at: number;
}

/** The event that a subscribed function gets: AWS's shape. The signature's fields are there but sign nothing. */
export function functionEvent(message: TopicMessage, subscriptionArn: string): string {
  const sns = {
    Type: 'Notification',
    MessageId: message.messageId,
    TopicArn: message.topicArn,
    Subject: message.subject,
    Message: message.message,
    Timestamp: timestamp(message.at),
    SignatureVersion: '1',
    Signature: 'UNSIGNED',
    SigningCertUrl: 'UNSIGNED',
    UnsubscribeUrl: 'UNSIGNED',
    MessageAttributes: wireAttributes(message),
  };
  const record = { EventSource: 'aws:sns', EventVersion: '1.0', EventSubscriptionArn: subscriptionArn, Sns: sns };
  return JSON.stringify({ Records: [record] });
}

/** The body of an `email-json` mail. */
export function jsonMail(message: TopicMessage): string {
  const body = {
    Type: 'Notification',
    MessageId: message.messageId,
    TopicArn: message.topicArn,
    ...(message.subject === null ? {} : { Subject: message.subject }),
    Message: message.message,
    Timestamp: timestamp(message.at),
    ...(Object.keys(message.attributes).length === 0 ? {} : { MessageAttributes: wireAttributes(message) }),
  };
  return JSON.stringify(body, null, 2);
}

/** What queues and HTTP endpoints get, unless they asked for the bare message. The signature signs nothing. */
export function notification(message: TopicMessage, subscriptionArn: string, endpointUrl: string): string {
  const { messageId, topicArn, subject, message: text, at, attributes } = message;
  const body = {
    Type: 'Notification',
    MessageId: messageId,
    TopicArn: topicArn,
    ...(subject === null ? {} : { Subject: subject }),
    Message: text,
    Timestamp: timestamp(at),
    ...UNSIGNED,
    UnsubscribeURL: `${endpointUrl}/?Action=Unsubscribe&SubscriptionArn=${subscriptionArn}&Version=${VERSION}`,
    ...(Object.keys(attributes).length === 0 ? {} : { MessageAttributes: wireAttributes(message) }),
  };
  return JSON.stringify(body, null, 2);
}

/** What an HTTP endpoint gets when it was subscribed: it confirms by a visit of SubscribeURL, or by ConfirmSubscription with the token. */
export function confirmation({ messageId, topicArn, at }: TopicMessage, token: string, endpointUrl: string): string {
  const body = {
    Type: 'SubscriptionConfirmation',
    MessageId: messageId,
    Token: token,
    TopicArn: topicArn,
    Message: `You have chosen to subscribe to the topic ${topicArn}.\nTo confirm the subscription, visit the SubscribeURL included in this message.`,
    SubscribeURL: `${endpointUrl}/?Action=ConfirmSubscription&TopicArn=${topicArn}&Token=${token}&Version=${VERSION}`,
    Timestamp: timestamp(at),
    ...UNSIGNED,
  };
  return JSON.stringify(body, null, 2);
}

const VERSION = '2010-03-31';
const UNSIGNED = { SignatureVersion: '1', Signature: 'UNSIGNED', SigningCertURL: 'UNSIGNED' };

const timestamp = (at: number): string => new Date(at).toISOString();

const wireAttributes = ({ attributes }: TopicMessage): Record<string, { Type: string; Value: string }> =>
  Object.fromEntries(
    Object.entries(attributes).map(([name, { dataType, stringValue, binaryValue }]) => [
      name,
      { Type: dataType, Value: stringValue ?? binaryValue ?? '' },
    ]),
  );
