import { logGroupArn, type Place } from '../../arn.js';
import type { LogGroups } from '../../services/logs/log-groups.js';
import { differences, type LogGroupSettings, type SettingsPort } from '../../templates/index.js';

export function logGroupPort(groups: LogGroups, place: Place): SettingsPort<LogGroupSettings> {
  return {
    async compare({ name, retentionDays, tags }) {
      const found = await groups.find(logGroupArn(place, name));
      if (found === null) return null;
      return differences({ retentionDays: found.retentionDays, tags: found.tags }, { retentionDays, tags });
    },
    async put({ name, retentionDays, tags }) {
      const group = (await groups.find(logGroupArn(place, name))) ?? (await groups.create(place, name, tags));
      if (group.retentionDays !== retentionDays) await groups.setRetention(group, retentionDays);
      const changed = await groups.get(place, name);
      if (differences({ tags: changed.tags }, { tags }).length > 0) await groups.setTags(changed, tags);
    },
    async remove(arn) {
      const group = await groups.find(arn);
      if (group !== null) await groups.remove(group);
    },
  };
}
