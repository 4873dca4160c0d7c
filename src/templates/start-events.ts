import { ruleArn } from '../services/events/rule.js';
import { scheduleArn } from '../services/scheduler/schedule.js';
import { readRule } from './event-resources.js';
import { readTarget, TARGET_MEMBERS } from './event-targets.js';
import { physicalName } from './physical-names.js';
import type { PlannedResource, PlannedRule, PlannedSchedule } from './plan.js';
import type { Planning } from './planning.js';
import { refuse } from './problem.js';
import { allowOnly, member, requiredText, type Section, section, sectionOf, text } from './properties.js';
import { readSchedule, readTarget as readScheduleTarget } from './schedule-resource.js';
import type { Position } from './template-value.js';

/** One entry of `Events` of a function or a state machine of SAM. */
export interface StartEvent {
  readonly key: string;
  readonly keyAt: Position;
  readonly event: Section;
}

const RULE_NAME_CHARS_MAX = 64;
const RULE_MEMBERS = ['Description', 'EventBusName', 'RoleArn', 'State', ...TARGET_MEMBERS];
const PATTERN_MEMBERS = [...RULE_MEMBERS, 'Pattern', 'RuleName', 'Target'];
const RATE_MEMBERS = [...RULE_MEMBERS, 'Enabled', 'Name', 'Schedule', 'Target'];
const SCHEDULE_MEMBERS = [
  'DeadLetterConfig',
  'Description',
  'EndDate',
  'FlexibleTimeWindow',
  'GroupName',
  'Input',
  'KmsKeyArn',
  'Name',
  'PermissionsBoundary',
  'RetryPolicy',
  'RoleArn',
  'ScheduleExpression',
  'ScheduleExpressionTimezone',
  'StartDate',
  'State',
];

/**
 * What starts the function or machine with this ARN: a rule for `Schedule`, `EventBridgeRule` and `CloudWatchEvent`, a
 * schedule for `ScheduleV2`. `others` reads further types; null for one that it does not know either.
 */
export function planStartEvents<Other extends PlannedResource>(
  planning: Planning,
  arn: string,
  others: (type: string, event: StartEvent) => readonly Other[] | null,
): readonly (PlannedRule | PlannedSchedule | Other)[] {
  const { own } = planning;
  const events = member(own, 'Events') === null ? null : section(own, 'Events');
  return (events?.map.entries ?? []).flatMap(
    ({ key, keyAt, value }): readonly (PlannedRule | PlannedSchedule | Other)[] => {
      const event = sectionOf(value, `Events.${key}`, own.findings);
      if (event === null) return [];
      allowOnly(event, ['Properties', 'Type']);
      const type = requiredText(event, 'Type');
      const start = { key, keyAt, event };
      const found = planKnown(planning, { ...start, arn, type }) ?? others(type, start);
      if (found !== null) return found;
      const known = 'Schedule, ScheduleV2, EventBridgeRule or Api, or SNS, SQS, DynamoDB, S3 or HttpApi for a function';
      const message = `Expected an event of type ${known}, but '${key}' is '${type}': other events start nothing here yet.`;
      refuse(own.findings, keyAt, message, 'unsupported');
      return [];
    },
  );
}

interface KnownEvent extends StartEvent {
  readonly arn: string;
  readonly type: string;
}

function planKnown(planning: Planning, event: KnownEvent): readonly (PlannedRule | PlannedSchedule)[] | null {
  switch (event.type) {
    case 'Schedule':
      return planRuleEvent(planning, event, { names: RATE_MEMBERS, name: 'Name' });
    case 'EventBridgeRule':
    case 'CloudWatchEvent':
      return planRuleEvent(planning, event, { names: PATTERN_MEMBERS, name: 'RuleName' });
    case 'ScheduleV2':
      return planScheduleEvent(planning, event);
    default:
      return null;
  }
}

function planRuleEvent(
  planning: Planning,
  { key, keyAt, event, arn }: KnownEvent,
  members: { readonly names: readonly string[]; readonly name: string },
): readonly PlannedRule[] {
  const { common, stack } = planning;
  const properties = propertiesOf(event, members.names);
  if (properties === null) return [];
  const given = section(properties, 'Target');
  if (given !== null) allowOnly(given, ['Id']);
  const id = given === null ? `${common.logicalId}${key}Target` : requiredText(given, 'Id');
  const roleArn = text(properties, 'RoleArn') ?? planning.impliedRoleArn;
  const target = readTarget(properties, { id: id.slice(0, RULE_NAME_CHARS_MAX), arn, roleArn, messageGroupId: null });
  if (target === null) return [];
  const name = text(properties, members.name) ?? eventName(planning, key);
  const settings = readRule(properties, { name, pattern: 'Pattern', schedule: 'Schedule', targets: [target] });
  if (settings === null) return [];
  const rule = { ...common, logicalId: `${common.logicalId}.${key}`, at: keyAt, resourceType: 'AWS::Events::Rule' };
  return [{ ...rule, kind: 'rule', arn: ruleArn(stack.place, settings.busName, name), settings }];
}

function planScheduleEvent(planning: Planning, { key, keyAt, event, arn }: KnownEvent): readonly PlannedSchedule[] {
  const { common, stack } = planning;
  const properties = propertiesOf(event, SCHEDULE_MEMBERS);
  if (properties === null) return [];
  const name = text(properties, 'Name') ?? eventName(planning, key);
  const roleArn = text(properties, 'RoleArn') ?? planning.impliedRoleArn;
  const target = { ...readScheduleTarget(properties), arn, roleArn, messageGroupId: null, event: null };
  const settings = readSchedule(properties, { name, target });
  if (settings === null) return [];
  const resourceType = 'AWS::Scheduler::Schedule';
  const planned = { ...common, logicalId: `${common.logicalId}.${key}`, at: keyAt, resourceType };
  return [{ ...planned, kind: 'schedule', arn: scheduleArn(stack.place, settings.group, name), settings }];
}

function propertiesOf(event: Section, names: readonly string[]): Section | null {
  const properties = section(event, 'Properties');
  if (properties === null) refuse(event.findings, event.at, `Expected ${event.path}.Properties, but it is missing.`);
  else allowOnly(properties, names);
  return properties;
}

const eventName = ({ common, stack }: Planning, key: string): string =>
  physicalName(stack, `${common.logicalId}${key}`, RULE_NAME_CHARS_MAX);
