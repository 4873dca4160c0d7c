import type { Place } from '../../arn.js';
import { parseArn } from '../../arn.js';
import { DEFAULT_BUS, type Rule } from '../../services/events/rule.js';
import type { Rules } from '../../services/events/rules.js';
import { DEFAULT_GROUP } from '../../services/scheduler/schedule.js';
import type { Scheduler } from '../../services/scheduler/scheduler.js';
import { shownAttributes } from '../../services/sqs/queue.js';
import type { Sqs } from '../../services/sqs/sqs.js';
import {
  type BusSettings,
  differences,
  type QueueSettings,
  type RuleSettings,
  type ScheduleSettings,
  type SettingsPort,
} from '../../templates/index.js';

export function queuePort(queues: Sqs, place: Place): SettingsPort<QueueSettings> {
  const find = (name: string) => queues.list(place, name).find((queue) => queue.name === name) ?? null;
  /** With the defaults of what the template leaves out. */
  const wanted = ({ name, attributes }: QueueSettings): Readonly<Record<string, string>> => {
    const bare = { arn: '', name, id: '', attributes: {}, tags: {}, createdAt: 0, modifiedAt: 0 };
    const { QueueArn, CreatedTimestamp, LastModifiedTimestamp, FifoQueue, ...defaults } = shownAttributes(bare);
    return { RedrivePolicy: '', ...defaults, ...attributes };
  };
  return {
    async compare(desired) {
      const queue = find(desired.name);
      return queue === null ? null : differences({ RedrivePolicy: '', ...shownAttributes(queue) }, wanted(desired));
    },
    async put(desired) {
      const { name, attributes } = desired;
      const queue = find(name);
      const fifo = name.endsWith('.fifo') ? { FifoQueue: 'true' } : {};
      if (queue === null) await queues.create(place, name, { ...attributes, ...fifo });
      else await queues.setAttributes(queue.arn, changedOf(shownAttributes(queue), wanted(desired)));
    },
    async remove(arn) {
      if (queues.find(arn) !== null) await queues.remove(arn);
    },
  };
}

const changedOf = (
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(after).filter(([name, value]) => (before[name] ?? '') !== value));

export function busPort(rules: Rules, place: Place): SettingsPort<BusSettings> {
  const find = (name: string) => rules.buses(place, name).find((bus) => bus.name === name) ?? null;
  return {
    async compare({ name, description }) {
      const bus = find(name);
      return bus === null ? null : differences({ description: bus.description }, { description });
    },
    async put({ name, description }) {
      if (find(name) === null) await rules.createBus(place, name, { description, tags: {} });
      else await rules.describeBus(place, name, description);
    },
    remove: (arn) => rules.removeBus(place, arn),
  };
}

export function rulePort(rules: Rules, place: Place): SettingsPort<RuleSettings> {
  return {
    async compare(desired) {
      const found = findRule(rules, place, desired);
      if (found === null) return null;
      const { name, busName, pattern, schedule, isEnabled, description, roleArn, targets } = found;
      return differences({ name, busName, pattern, schedule, isEnabled, description, roleArn, targets }, desired);
    },
    async put({ targets, ...request }) {
      const rule = await rules.put(place, { ...request, tags: {} });
      const ids = rule.targets.map(({ id }) => id).filter((id) => !targets.some((target) => target.id === id));
      if (ids.length > 0) await rules.removeTargets(rule, ids);
      await rules.putTargets(rule, targets);
    },
    async remove(arn) {
      const rule = rules.findByArn(arn);
      if (rule === null) return;
      const ids = rule.targets.map(({ id }) => id);
      await rules.removeTargets(rule, ids);
      await rules.remove(place, rule.busName, rule.name);
    },
  };
}

/** Null also where its bus is not there. */
function findRule(rules: Rules, place: Place, { busName, name }: RuleSettings): Rule | null {
  const isThere = busName === DEFAULT_BUS || rules.buses(place, busName).some((bus) => bus.name === busName);
  return isThere ? rules.find(place, busName, name) : null;
}

export function schedulePort(scheduler: Scheduler, place: Place): SettingsPort<ScheduleSettings> {
  const find = ({ group, name }: ScheduleSettings) =>
    scheduler.list(place, group).find((schedule) => schedule.name === name) ?? null;
  return {
    async compare(desired) {
      const found = find(desired);
      if (found === null) return null;
      const { arn, createdAt, modifiedAt, anchor, since, ...settings } = found;
      return differences(settings, desired);
    },
    async put(desired) {
      const { name, group, ...request } = desired;
      const isGroup = scheduler.groups(place).some((known) => known.name === group);
      if (!isGroup) await scheduler.createGroup(place, group);
      if (find(desired) === null) await scheduler.create(place, group, name, request);
      else await scheduler.update(place, group, name, request);
    },
    async remove(arn) {
      const [, group = DEFAULT_GROUP, name = ''] = parseArn(arn)?.resource.split('/') ?? [];
      const isThere = scheduler.list(place, group).some((schedule) => schedule.name === name);
      if (isThere) await scheduler.remove(place, group, name);
    },
  };
}
