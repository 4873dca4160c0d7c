import { z } from 'zod';
import type { Rule } from '../../services/events/rule.js';
import type { Rules } from '../../services/events/rules.js';
import type { Action } from '../port.js';
import { BUS, NAME, PAGE, paged, read, TAGS, TEXT, tagsOf } from './members.js';

const STATE = z.enum(['ENABLED', 'DISABLED']).optional();
const NAMED = { Name: NAME, EventBusName: BUS };

export function ruleActions(rules: Rules): Record<string, Action> {
  return {
    PutRule: async (call) => {
      const members = read(
        {
          ...NAMED,
          EventPattern: TEXT,
          ScheduleExpression: TEXT,
          State: STATE,
          Description: TEXT,
          RoleArn: TEXT,
          Tags: TAGS.optional(),
        },
        call,
      );
      const rule = await rules.put(call.place, {
        name: members.Name,
        busName: members.EventBusName,
        pattern: members.EventPattern,
        schedule: members.ScheduleExpression,
        isEnabled: members.State !== 'DISABLED',
        description: members.Description,
        roleArn: members.RoleArn,
        tags: tagsOf(members.Tags),
      });
      return { RuleArn: rule.arn };
    },
    DescribeRule: async (call) => {
      const { Name, EventBusName } = read(NAMED, call);
      return { ...ruleMembers(rules.get(call.place, EventBusName, Name)), CreatedBy: call.place.account };
    },
    ListRules: async (call) => {
      const members = read({ NamePrefix: z.string().optional(), EventBusName: BUS, ...PAGE.shape }, call);
      const prefix = members.NamePrefix ?? '';
      const all = rules.rulesOf(rules.bus(call.place, members.EventBusName).arn);
      const wanted = all.filter(({ name }) => name.startsWith(prefix));
      const { shown, token } = paged(wanted, members, ({ name }) => name);
      return { Rules: shown.map(ruleMembers), ...token };
    },
    EnableRule: async (call) => {
      const { Name, EventBusName } = read(NAMED, call);
      await rules.setEnabled(call.place, EventBusName, Name, true);
      return {};
    },
    DisableRule: async (call) => {
      const { Name, EventBusName } = read(NAMED, call);
      await rules.setEnabled(call.place, EventBusName, Name, false);
      return {};
    },
    DeleteRule: async (call) => {
      const { Name, EventBusName } = read({ ...NAMED, Force: z.boolean().optional() }, call);
      await rules.remove(call.place, EventBusName, Name);
      return {};
    },
  };
}

const ruleMembers = (rule: Rule): object => ({
  Name: rule.name,
  Arn: rule.arn,
  EventBusName: rule.busName,
  State: rule.isEnabled ? 'ENABLED' : 'DISABLED',
  ...(rule.pattern !== null && { EventPattern: rule.pattern }),
  ...(rule.schedule !== null && { ScheduleExpression: rule.schedule }),
  ...(rule.description !== null && { Description: rule.description }),
  ...(rule.roleArn !== null && { RoleArn: rule.roleArn }),
});
