const RFC3339 = /^(\d{4}-\d{2}-\d{2})T(\d{2}):(\d{2}):(\d{2})(\.\d+)?(Z|[+-](\d{2}):(\d{2}))$/;
const DAY_MS = 86_400_000;

/**
 * Epoch milliseconds of an RFC 3339 timestamp as ASL wants it (uppercase T, uppercase Z or an offset); digits below the
 * millisecond are cut off. Null when the text is none, or names a day or an hour that does not exist.
 */
export function parseTimestamp(text: string): number | null {
  const match = RFC3339.exec(text);
  if (match === null) return null;
  const [, date = '', hour, minute, second, fraction = '', zone = '', zoneHour = '0', zoneMinute = '0'] = match;
  const day = Date.parse(`${date}T00:00:00.000Z`);
  if (Number.isNaN(day) || new Date(day).toISOString().slice(0, 10) !== date) return null;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return null;
  if (Number(zoneHour) > 18 || Number(zoneMinute) > 59) return null;
  const milliseconds = Math.trunc(Number(`0${fraction}`) * 1000);
  const time = ((Number(hour) * 60 + Number(minute)) * 60 + Number(second)) * 1000 + milliseconds;
  const shift = (Number(zoneHour) * 60 + Number(zoneMinute)) * 60_000 * (zone.startsWith('-') ? -1 : 1);
  const at = day + time - shift;
  return Math.abs(at) <= 100_000_000 * DAY_MS ? at : null;
}
