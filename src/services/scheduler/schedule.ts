import { type Place, parseArn } from '../../arn.js';
import { EVENT_AGE_SECONDS_MAX, EVENT_AGE_SECONDS_MIN, TARGET_RETRIES_MAX } from '../../limits/services.js';
import { isObject, type JsonValue, parseJson } from '../../payload/index.js';
import { type Occurrences, parseSchedule, readTimeZone, ScheduleFault } from '../schedule-expression.js';
import type { TargetDelivery } from '../target-deliveries.js';
import { invalidSchedule } from './fault.js';

/** What a client says of a schedule. Times are epoch milliseconds. */
export interface ScheduleRequest {
  readonly expression: string;
  /** Of IANA. */
  readonly timeZone: string;
  readonly startAt: number | null;
  readonly endAt: number | null;
  readonly isEnabled: boolean;
  readonly description: string | null;
  /** Null: no window. The target is called at its beginning. */
  readonly windowMinutes: number | null;
  /** ActionAfterCompletion: DELETE. */
  readonly isDeletedAfterwards: boolean;
  readonly target: ScheduleTarget;
}

/** A schedule as it is kept. */
export interface Schedule extends ScheduleRequest {
  readonly arn: string;
  readonly group: string;
  readonly name: string;
  readonly createdAt: number;
  readonly modifiedAt: number;
  /** What a rate without a start is counted from. */
  readonly anchor: number;
  /** Due are its times after this one. */
  readonly since: number;
}

export interface ScheduleTarget {
  readonly arn: string;
  readonly roleArn: string;
  readonly input: string | null;
  readonly messageGroupId: string | null;
  /** For event buses. */
  readonly event: { readonly source: string; readonly detailType: string } | null;
  readonly deadLetterArn: string | null;
  readonly retriesMax: number | null;
  readonly ageSecondsMax: number | null;
}

export const DEFAULT_GROUP = 'default';

export const groupArn = ({ region, account }: Place, group: string): string =>
  `arn:aws:scheduler:${region}:${account}:schedule-group/${group}`;

export const scheduleArn = ({ region, account }: Place, group: string, name: string): string =>
  `arn:aws:scheduler:${region}:${account}:schedule/${group}/${name}`;

/** Throws SchedulerFault for what AWS refuses, and for targets that are not run here. */
export function checkSchedule(request: ScheduleRequest): void {
  readOccurrences(request, 0);
  const { startAt, endAt, target } = request;
  if (startAt !== null && endAt !== null && endAt <= startAt) {
    throw invalidSchedule('The StartDate you specify must come before the EndDate.');
  }
  checkTarget(target);
}

const RESOURCES: Readonly<Record<string, RegExp>> = {
  lambda: /^function:/,
  states: /^stateMachine:/,
  sqs: /^[^:]+$/,
  sns: /^[^:]+$/,
  events: /^event-bus\//,
};

function checkTarget(target: ScheduleTarget): void {
  const arn = parseArn(target.arn);
  if (arn === null) throw invalidSchedule('Provided Arn is not in correct format.');
  if (arn.service === 'scheduler') {
    throw invalidSchedule(
      `Treadle does not run the universal target '${arn.resource}'. Expected the ARN of a function, a state machine, a queue, a topic or an event bus.`,
    );
  }
  if (!RESOURCES[arn.service]?.test(arn.resource)) {
    throw invalidSchedule(
      `Treadle does not deliver to ${target.arn}. Expected the ARN of a function, a state machine, a queue, a topic or an event bus.`,
    );
  }
  if ((arn.service === 'events') !== (target.event !== null)) {
    throw invalidSchedule('EventBridgeParameters must be specified for an event bus, and for nothing else.');
  }
  const isFifo = arn.service === 'sqs' && arn.resource.endsWith('.fifo');
  if (isFifo !== (target.messageGroupId !== null)) {
    throw invalidSchedule('SqsParameters must be specified for a FIFO queue, and for nothing else.');
  }
  if (target.deadLetterArn !== null && parseArn(target.deadLetterArn)?.service !== 'sqs') {
    throw invalidSchedule('Expected DeadLetterConfig.Arn to be the ARN of a queue.');
  }
  const needsJson = arn.service === 'lambda' || arn.service === 'states' || arn.service === 'events';
  if (needsJson && target.input !== null && !isJsonInput(target.input, arn.service === 'events')) {
    throw invalidSchedule(`Invalid RequestJson provided. Reason: Expected Input of ${target.arn} to be JSON.`);
  }
  checkRange('MaximumRetryAttempts', target.retriesMax, 0, TARGET_RETRIES_MAX);
  checkRange('MaximumEventAgeInSeconds', target.ageSecondsMax, EVENT_AGE_SECONDS_MIN, EVENT_AGE_SECONDS_MAX);
}

function isJsonInput(text: string, isObjectWanted: boolean): boolean {
  let value: JsonValue;
  try {
    value = parseJson(text);
  } catch {
    return false;
  }
  return !isObjectWanted || isObject(value);
}

function checkRange(name: string, value: number | null, min: number, max: number): void {
  if (value === null || (Number.isInteger(value) && value >= min && value <= max)) return;
  throw invalidSchedule(`Expected ${name} to be a number from ${min} to ${max}, but it is ${value}.`);
}

/** Null for a schedule that is disabled. */
export const occurrencesOf = (schedule: Schedule): Occurrences | null =>
  schedule.isEnabled ? readOccurrences(schedule, schedule.anchor) : null;

function readOccurrences({ expression, timeZone, startAt, endAt }: ScheduleRequest, anchor: number): Occurrences {
  try {
    const context = { zone: readTimeZone(timeZone), anchor: startAt ?? anchor, isDueAtAnchor: true };
    const inner = parseSchedule(expression, context, ['rate', 'cron', 'at']);
    // Start and end are for what comes again.
    if (expression.trim().startsWith('at(')) return inner;
    return {
      next: (after) => {
        const next = inner.next(startAt === null ? after : Math.max(after, startAt - 1));
        return next !== null && endAt !== null && next > endAt ? null : next;
      },
    };
  } catch (fault) {
    if (fault instanceof ScheduleFault) {
      throw invalidSchedule(`Invalid Schedule Expression ${expression}. ${fault.message}`);
    }
    throw fault;
  }
}

/** What a due time leads to. `executionId` is the same at every attempt. */
export function deliveryOf(
  schedule: Schedule,
  { dueAt, at, executionId }: { readonly dueAt: number; readonly at: number; readonly executionId: string },
): TargetDelivery {
  const { target, arn } = schedule;
  const time = `${new Date(dueAt).toISOString().slice(0, 19)}Z`;
  const { region = '', account = '' } = parseArn(arn) ?? {};
  const notice = {
    version: '0',
    id: executionId,
    'detail-type': 'Scheduled Event',
    source: 'aws.scheduler',
    account,
    time,
    region,
    resources: [arn],
    detail: '{}',
  };
  return {
    call: {
      arn: target.arn,
      input: target.input === null ? JSON.stringify(notice) : filled(target.input, { arn, time, executionId }),
      key: executionId,
      messageGroupId: target.messageGroupId,
      event: target.event === null ? null : { ...target.event, resources: [arn] },
    },
    policy: {
      retriesMax: target.retriesMax ?? TARGET_RETRIES_MAX,
      ageSecondsMax: target.ageSecondsMax ?? EVENT_AGE_SECONDS_MAX,
      deadLetterArn: target.deadLetterArn,
    },
    sourceArn: arn,
    at,
  };
}

/** AWS's context attributes. Every attempt sends the same input, so its number is that of the first one. */
const filled = (
  input: string,
  { arn, time, executionId }: { readonly arn: string; readonly time: string; readonly executionId: string },
): string =>
  input
    .replaceAll('<aws.scheduler.schedule-arn>', arn)
    .replaceAll('<aws.scheduler.scheduled-time>', time)
    .replaceAll('<aws.scheduler.execution-id>', executionId)
    .replaceAll('<aws.scheduler.attempt-number>', '1');
