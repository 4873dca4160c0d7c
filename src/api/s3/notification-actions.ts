import { parseArn } from '../../arn.js';
import { S3Fault } from '../../services/s3/fault.js';
import { isToldEvent, type NotificationSettings, type NotificationTarget } from '../../services/s3/notification.js';
import type { S3 } from '../../services/s3/s3.js';
import type { XmlContent } from '../protocols/rest-xml.js';
import type { S3Action } from './s3-call.js';
import { childrenOf, readXml, textOf, type XmlElement } from './xml-input.js';

/** Where each kind stands in the document, and the member that has its ARN. */
const KINDS = [
  { kind: 'topic', element: 'TopicConfiguration', arn: 'Topic', service: 'sns' },
  { kind: 'queue', element: 'QueueConfiguration', arn: 'Queue', service: 'sqs' },
  { kind: 'function', element: 'CloudFunctionConfiguration', arn: 'CloudFunction', service: 'lambda' },
] as const;

const TARGETS_MAX = 100;

export function notificationActions(s3: S3): Record<string, S3Action> {
  return {
    GetBucketNotificationConfiguration: async ({ bucket }) => {
      const { notifications } = await s3.buckets.get(bucket);
      return { xml: ['NotificationConfiguration', shown(notifications ?? { targets: [], eventBridge: false })] };
    },
    PutBucketNotificationConfiguration: async ({ request, bucket }) => {
      const root = await readXml(request, 'NotificationConfiguration');
      const targets = KINDS.flatMap((kind) =>
        childrenOf(root, kind.element).map((element) => readTarget(element, kind)),
      );
      if (targets.length > TARGETS_MAX) throw invalid(`The number of configurations must not exceed ${TARGETS_MAX}`);
      checkNotifications(targets);
      const eventBridge = childrenOf(root, 'EventBridgeConfiguration').length > 0;
      const isNothing = targets.length === 0 && !eventBridge;
      await s3.buckets.change(bucket, () => ({ notifications: isNothing ? undefined : { targets, eventBridge } }));
      return {};
    },
  };
}

function readTarget(element: XmlElement, { kind, arn, service }: (typeof KINDS)[number]): NotificationTarget {
  const found = textOf(element, arn) ?? '';
  if (parseArn(found)?.service !== service) throw invalid('The ARN could not be parsed');
  const rules = childrenOf(element, 'Filter').flatMap((filter) =>
    childrenOf(filter, 'S3Key').flatMap((key) => childrenOf(key, 'FilterRule')),
  );
  const filter = { prefix: '', suffix: '' };
  for (const rule of rules) {
    const name = textOf(rule, 'Name')?.toLowerCase();
    if (name !== 'prefix' && name !== 'suffix') throw invalid('filter rule name must be either prefix or suffix');
    filter[name] = textOf(rule, 'Value') ?? '';
  }
  const events = childrenOf(element, 'Event').map((event) => (typeof event === 'string' ? event : ''));
  return { id: textOf(element, 'Id') || `${kind}-${found.split(':').at(-1)}`, kind, arn: found, events, ...filter };
}

/** Throws S3Fault for events that buckets do not tell of, and where two of one kind would be told of one change. */
export function checkNotifications(targets: readonly NotificationTarget[]): void {
  for (const { events } of targets) {
    if (events.length === 0) throw new S3Fault('MalformedXML');
    const foreign = events.find((event) => !isToldEvent(event));
    if (foreign !== undefined) throw invalid(`The event '${foreign}' is not supported for notifications`);
  }
}

const invalid = (message: string): S3Fault => new S3Fault('InvalidArgument', message);

const shown = ({ targets, eventBridge }: NotificationSettings): XmlContent => ({
  ...Object.fromEntries(
    KINDS.map(({ kind, element, arn }) => [
      element,
      targets.filter((target) => target.kind === kind).map((target) => shownTarget(target, arn)),
    ]),
  ),
  EventBridgeConfiguration: eventBridge ? {} : undefined,
});

function shownTarget(target: NotificationTarget, arn: string): XmlContent {
  const rules = [
    { Name: 'Prefix', Value: target.prefix },
    { Name: 'Suffix', Value: target.suffix },
  ].filter(({ Value }) => Value !== '');
  return {
    Id: target.id,
    [arn]: target.arn,
    Event: target.events,
    Filter: rules.length === 0 ? undefined : { S3Key: { FilterRule: rules } },
  };
}
