import { z } from 'zod';
import type { EventBus } from '../../services/events/rule.js';
import type { Rules } from '../../services/events/rules.js';
import type { Action } from '../port.js';
import { PAGE, paged, read, TAGS, TEXT, tagMembers, tagsOf } from './members.js';

/** Buses, and the tags of buses and rules. */
export function busActions(rules: Rules): Record<string, Action> {
  return {
    CreateEventBus: async (call) => {
      const members = read({ Name: z.string(), Description: TEXT, Tags: TAGS.optional() }, call);
      const more = { description: members.Description, tags: tagsOf(members.Tags) };
      const bus = await rules.createBus(call.place, members.Name, more);
      return { EventBusArn: bus.arn, ...(bus.description !== null && { Description: bus.description }) };
    },
    DescribeEventBus: async (call) =>
      busMembers(rules.bus(call.place, read({ Name: z.string().optional() }, call).Name)),
    ListEventBuses: async (call) => {
      const members = read({ NamePrefix: z.string().optional(), ...PAGE.shape }, call);
      const { shown, token } = paged(rules.buses(call.place, members.NamePrefix ?? ''), members, ({ name }) => name);
      return { EventBuses: shown.map(busMembers), ...token };
    },
    DeleteEventBus: async (call) => {
      await rules.removeBus(call.place, read({ Name: z.string() }, call).Name);
      return {};
    },
    TagResource: async (call) => {
      const { ResourceARN, Tags } = read({ ResourceARN: z.string(), Tags: TAGS }, call);
      await rules.setTags(ResourceARN, (tags) => ({ ...tags, ...tagsOf(Tags) }));
      return {};
    },
    UntagResource: async (call) => {
      const { ResourceARN, TagKeys } = read({ ResourceARN: z.string(), TagKeys: z.array(z.string()) }, call);
      const isKept = ([key]: [string, string]): boolean => !TagKeys.includes(key);
      await rules.setTags(ResourceARN, (tags) => Object.fromEntries(Object.entries(tags).filter(isKept)));
      return {};
    },
    ListTagsForResource: async (call) => ({
      Tags: tagMembers(rules.tagsOf(read({ ResourceARN: z.string() }, call).ResourceARN)),
    }),
  };
}

const busMembers = ({ arn, name, description, createdAt }: EventBus): object => ({
  Name: name,
  Arn: arn,
  ...(description !== null && { Description: description }),
  ...(createdAt > 0 && { CreationTime: createdAt / 1000, LastModifiedTime: createdAt / 1000 }),
});
