import { parseJsonPath } from '../services/events/json-path.js';
import type { WebhookPart, WebhookSignature } from '../services/http/part.js';
import type { PlannedFront } from './plan.js';
import type { Planning } from './planning.js';
import { refuse } from './problem.js';
import {
  allowOnly,
  integer,
  member,
  requiredText,
  type Section,
  section,
  sectionOf,
  text,
  word,
} from './properties.js';

const TOLERANCE_SECONDS = 300;

/** `Metadata: Treadle: Webhooks` of a machine: deliveries that start it, or complete a state of it that waits. */
export function planWebhooks(
  planning: Planning,
  machine: { readonly arn: string; readonly type: 'STANDARD' | 'EXPRESS'; readonly definition: string },
): readonly PlannedFront[] {
  const { treadle, own, common, stack } = planning;
  const given = treadle === null || member(treadle, 'Webhooks') === null ? null : section(treadle, 'Webhooks');
  return (given?.map.entries ?? []).flatMap(({ key, keyAt, value }): readonly PlannedFront[] => {
    const from = sectionOf(value, `Webhooks.${key}`, own.findings);
    if (from === null) return [];
    if (!/^[A-Za-z0-9_-]{1,64}$/.test(key)) {
      refuse(
        own.findings,
        keyAt,
        `Expected up to 64 letters, digits, '-' and '_' as the name of a webhook, but it is '${key}'.`,
      );
    }
    if (machine.type === 'EXPRESS') {
      // The start of an Express execution leaves no name that a second delivery would meet.
      refuse(own.findings, keyAt, 'Expected webhooks of a STANDARD machine, but this is EXPRESS.', 'unsupported');
    }
    allowOnly(from, ['Completes', 'DeliveryId', 'Signature']);
    const settings: WebhookPart = {
      part: 'webhook',
      name: `webhook ${key}`,
      region: stack.place.region,
      title: key,
      machineArn: machine.arn,
      signature: readSignature(from),
      deliveryHeader: text(from, 'DeliveryId')?.toLowerCase() ?? null,
      effect: readEffect(from, machine.definition),
    };
    const logicalId = `${common.logicalId}.${key}`;
    return [
      {
        ...common,
        logicalId,
        at: keyAt,
        resourceType: 'Treadle::Webhook',
        kind: 'front',
        arn: settings.name,
        settings,
      },
    ];
  });
}

function readSignature(from: Section): WebhookSignature | null {
  const value = member(from, 'Signature');
  if (value?.kind === 'scalar' && value.text === 'NONE') return null;
  const given = value === null ? null : section(from, 'Signature');
  if (given === null) {
    if (value === null)
      refuse(
        from.findings,
        from.at,
        "Expected Signature with Secret and Header, or 'NONE' where everybody may deliver, but it is missing.",
      );
    return null;
  }
  allowOnly(given, [
    'Encoding',
    'Header',
    'Prefix',
    'Secret',
    'SecretEncoding',
    'Signed',
    'Timestamp',
    'ToleranceSeconds',
  ]);
  const secret = requiredText(given, 'Secret');
  if (secret === '' && member(given, 'Secret') !== null)
    refuse(given.findings, given.at, 'Expected a Secret, but it is empty.');
  const timestamp = readTimestamp(given);
  const signed = text(given, 'Signed') ?? (timestamp === null ? '{body}' : '{timestamp}.{body}');
  for (const part of ['{body}', ...(timestamp === null ? [] : ['{timestamp}'])]) {
    if (!signed.includes(part))
      refuse(given.findings, given.at, `Expected Signed to have ${part} in it, but it is '${signed}'.`);
  }
  return {
    secret,
    secretEncoding: word(given, 'SecretEncoding', ['text', 'base64']) ?? 'text',
    header: requiredText(given, 'Header').toLowerCase(),
    encoding: word(given, 'Encoding', ['hex', 'base64']) ?? 'hex',
    prefix: text(given, 'Prefix') ?? '',
    signed,
    timestamp,
    toleranceSeconds: integer(given, 'ToleranceSeconds', { min: 1, max: 86_400 }) ?? TOLERANCE_SECONDS,
  };
}

/** A header's name, or that of the field in the signature's header (`t=…`). */
function readTimestamp(given: Section): WebhookSignature['timestamp'] {
  const value = member(given, 'Timestamp');
  if (value === null) return null;
  if (value.kind === 'scalar') return { header: value.text.toLowerCase(), field: null };
  const from = section(given, 'Timestamp');
  if (from === null) return null;
  allowOnly(from, ['Field', 'Header']);
  const header = text(from, 'Header') ?? requiredText(given, 'Header');
  return { header: header.toLowerCase(), field: text(from, 'Field') };
}

function readEffect(from: Section, definition: string): WebhookPart['effect'] {
  const value = member(from, 'Completes');
  const given = value === null ? null : section(from, 'Completes');
  if (given === null) return { type: 'start' };
  allowOnly(given, ['Key', 'State', 'WaitKey']);
  const state = requiredText(given, 'State');
  if (state !== '' && !definition.includes(JSON.stringify(state))) {
    refuse(
      given.findings,
      member(given, 'State')?.at ?? given.at,
      `Expected a state of this machine, but there is no '${state}'.`,
    );
  }
  const bodyKey = pathIn(given, 'Key') ?? '$';
  return {
    type: 'complete',
    state,
    bodyKey,
    waitKey: member(given, 'WaitKey') === null ? bodyKey : (pathIn(given, 'WaitKey') ?? '$'),
  };
}

function pathIn(from: Section, key: string): string | null {
  const path = requiredText(from, key);
  if (path === '') return null;
  if (parseJsonPath(path) !== null && path !== '$') return path;
  refuse(
    from.findings,
    member(from, key)?.at ?? from.at,
    `Expected ${key} to be a path such as $.order.id, but it is '${path}'.`,
  );
  return null;
}
