import { UNITS } from '../api/cloudwatch/input.js';
import type { Events } from '../services/events/events.js';
import { Alarms, type AlarmsOptions } from '../services/metrics/alarms/alarms.js';

/** Alarms on the metrics of this server, which tell the event bus of every change. */
export const openAlarms = ({
  buses,
  ...options
}: Omit<AlarmsOptions, 'units' | 'prepareEvent'> & { readonly buses: Events }): Promise<Alarms> =>
  Alarms.open({
    ...options,
    units: UNITS,
    prepareEvent: (place, event, key) => (buses.isListening(place) ? buses.prepare(place, event, key) : null),
  });
