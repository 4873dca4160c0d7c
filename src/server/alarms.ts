import { UNITS } from '../api/cloudwatch/input.js';
import type { Events } from '../services/events/events.js';
import { Alarms, type AlarmsOptions } from '../services/metrics/alarms/alarms.js';

/** Alarms on the metrics of this server, which tell the event bus of every change. */
export const openAlarms = ({
  buses,
  ...options
}: Omit<AlarmsOptions, 'units' | 'publish'> & { readonly buses: Events }): Promise<Alarms> =>
  Alarms.open({
    ...options,
    units: UNITS,
    publish: async (place, event, key) => {
      if (buses.isListening(place)) await buses.publish(place, event, key);
    },
  });
