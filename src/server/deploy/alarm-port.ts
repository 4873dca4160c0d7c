import { type Place, parseArn } from '../../arn.js';
import type { AlarmSettings } from '../../services/metrics/alarms/alarm.js';
import type { Alarms } from '../../services/metrics/alarms/alarms.js';
import { differences, type SettingsPort } from '../../templates/index.js';

const RESOURCE = 'alarm:';

export function alarmPort(alarms: Alarms, place: Place): SettingsPort<AlarmSettings> {
  return {
    async compare(desired) {
      const found = alarms.find(place, desired.name);
      if (found === null) return null;
      const { arn, place: _, configuredAt, state, tags, ...settings } = found;
      return differences(settings, desired);
    },
    async put(desired) {
      await alarms.put(place, desired);
    },
    async remove(arn) {
      const name = parseArn(arn)?.resource.slice(RESOURCE.length) ?? '';
      if (alarms.find(place, name) !== null) await alarms.delete(place, [name]);
    },
  };
}
