import { parseEventPattern } from '../services/events/event-pattern.js';
import { EventsFault } from '../services/events/fault.js';
import { busArn, busNameOf, DEFAULT_BUS, readSchedule, ruleArn } from '../services/events/rule.js';
import { readTarget, TARGET_MEMBERS } from './event-targets.js';
import { jsonText } from './json-text.js';
import type { PlannedBus, PlannedRule, RuleSettings } from './plan.js';
import type { Planning } from './planning.js';
import { refuse } from './problem.js';
import { allowOnly, member, requiredText, type Section, section, sections, text, word } from './properties.js';

export function planBus({ own, common, name, stack }: Planning): readonly [PlannedBus] {
  const settings = { name, description: text(own, 'Description') };
  return [{ ...common, kind: 'bus', arn: busArn(stack.place, name), settings }];
}

export function planRule({ own, common, name, stack }: Planning): readonly [PlannedRule] | null {
  const targets = sections(own, 'Targets').flatMap((from) => {
    allowOnly(from, ['Arn', 'Id', 'RoleArn', 'SqsParameters', ...TARGET_MEMBERS]);
    const queue = section(from, 'SqsParameters');
    const known = {
      id: requiredText(from, 'Id'),
      arn: requiredText(from, 'Arn'),
      roleArn: text(from, 'RoleArn'),
      messageGroupId: queue === null ? null : text(queue, 'MessageGroupId'),
    };
    return readTarget(from, known) ?? [];
  });
  const settings = readRule(own, { name, pattern: 'EventPattern', schedule: 'ScheduleExpression', targets });
  if (settings === null) return null;
  return [{ ...common, kind: 'rule', arn: ruleArn(stack.place, settings.busName, name), settings }];
}

/** A rule whose pattern and schedule stand in the members of these names. Null: refused, which was noted. */
export function readRule(
  from: Section,
  rule: { readonly pattern: string; readonly schedule: string } & Pick<RuleSettings, 'name' | 'targets'>,
): RuleSettings | null {
  const pattern = member(from, rule.pattern);
  const settings: RuleSettings = {
    name: rule.name,
    busName: busNameOf(text(from, 'EventBusName') ?? undefined),
    pattern: pattern === null ? null : jsonText(pattern),
    schedule: text(from, rule.schedule),
    isEnabled: word(from, 'State', ['ENABLED', 'DISABLED']) !== 'DISABLED' && text(from, 'Enabled') !== 'false',
    description: text(from, 'Description'),
    roleArn: text(from, 'RoleArn'),
    targets: rule.targets,
  };
  if (settings.pattern === null && settings.schedule === null) {
    refuse(from.findings, from.at, `Expected ${rule.pattern} or ${rule.schedule}, but there is neither.`);
    return null;
  }
  try {
    if (settings.pattern !== null) parseEventPattern(settings.pattern);
    if (settings.schedule !== null) readSchedule(settings.schedule, 0);
  } catch (fault) {
    if (!(fault instanceof EventsFault)) throw fault;
    refuse(from.findings, from.at, `Expected a rule that EventBridge takes, but it says: ${fault.message}`);
    return null;
  }
  if (settings.schedule === null || settings.busName === DEFAULT_BUS) return settings;
  refuse(
    from.findings,
    from.at,
    'Expected a rule with a schedule to be on the default event bus, but it is on another.',
  );
  return null;
}
