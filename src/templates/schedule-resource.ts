import { SchedulerFault } from '../services/scheduler/fault.js';
import { checkSchedule, DEFAULT_GROUP, type ScheduleTarget, scheduleArn } from '../services/scheduler/schedule.js';
import { readDelivery } from './event-targets.js';
import { jsonText } from './json-text.js';
import type { PlannedSchedule, ScheduleSettings } from './plan.js';
import type { Planning } from './planning.js';
import { refuse } from './problem.js';
import { allowOnly, integer, member, requiredText, type Section, section, text, word } from './properties.js';

export function planSchedule({ own, common, name, stack }: Planning): readonly [PlannedSchedule] | null {
  const target = section(own, 'Target');
  if (target === null) {
    if (!own.faulty?.has('Target')) refuse(own.findings, own.at, 'Expected Target, but it is missing.');
    return null;
  }
  allowOnly(target, [
    'Arn',
    'DeadLetterConfig',
    'EventBridgeParameters',
    'Input',
    'RetryPolicy',
    'RoleArn',
    'SqsParameters',
  ]);
  const queue = section(target, 'SqsParameters');
  const event = section(target, 'EventBridgeParameters');
  const settings = readSchedule(own, {
    name,
    target: {
      ...readTarget(target),
      arn: requiredText(target, 'Arn'),
      roleArn: requiredText(target, 'RoleArn'),
      messageGroupId: queue === null ? null : text(queue, 'MessageGroupId'),
      event:
        event === null
          ? null
          : { source: requiredText(event, 'Source'), detailType: requiredText(event, 'DetailType') },
    },
  });
  if (settings === null) return null;
  return [{ ...common, kind: 'schedule', arn: scheduleArn(stack.place, settings.group, name), settings }];
}

/** The members of a target that a schedule and an event of a function have in common. */
export function readTarget(
  from: Section,
): Pick<ScheduleTarget, 'input' | 'deadLetterArn' | 'retriesMax' | 'ageSecondsMax'> {
  const input = member(from, 'Input');
  return { input: input === null ? null : jsonText(input), ...readDelivery(from) };
}

/** Null: refused, which was noted. */
export function readSchedule(
  from: Section,
  { name, target }: { readonly name: string; readonly target: ScheduleTarget },
): ScheduleSettings | null {
  const window = section(from, 'FlexibleTimeWindow');
  const minutes = window === null ? null : integer(window, 'MaximumWindowInMinutes', { min: 1, max: 1440 });
  const settings: ScheduleSettings = {
    name,
    group: text(from, 'GroupName') ?? DEFAULT_GROUP,
    expression: requiredText(from, 'ScheduleExpression'),
    timeZone: text(from, 'ScheduleExpressionTimezone') ?? 'UTC',
    startAt: readDate(from, 'StartDate'),
    endAt: readDate(from, 'EndDate'),
    isEnabled: word(from, 'State', ['ENABLED', 'DISABLED']) !== 'DISABLED',
    description: text(from, 'Description'),
    windowMinutes: window !== null && word(window, 'Mode', ['OFF', 'FLEXIBLE']) === 'FLEXIBLE' ? minutes : null,
    isDeletedAfterwards: false,
    target,
  };
  try {
    checkSchedule(settings);
    return settings;
  } catch (fault) {
    if (!(fault instanceof SchedulerFault)) throw fault;
    refuse(
      from.findings,
      from.at,
      `Expected a schedule that EventBridge Scheduler takes, but it says: ${fault.message}`,
    );
    return null;
  }
}

/** Epoch milliseconds. */
function readDate(from: Section, key: string): number | null {
  const given = text(from, key);
  if (given === null) return null;
  const at = Date.parse(given);
  if (!Number.isNaN(at)) return at;
  refuse(from.findings, from.at, `Expected ${key} to be a date such as '2026-01-31T09:00:00Z', but it is '${given}'.`);
  return null;
}
