const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** `0 ms`, `42 ms`, `1.2 s`, `3 min 4 s`, `2 h 5 min`, `3 d 4 h`. */
export function durationText(ms: number): string {
  if (ms < SECOND) return `${Math.round(ms)} ms`;
  if (ms < 10 * SECOND) return `${(Math.floor(ms / 100) / 10).toFixed(1)} s`;
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)} s`;
  if (ms < HOUR) return pair(ms, { big: MINUTE, bigUnit: 'min', small: SECOND, smallUnit: 's' });
  if (ms < DAY) return pair(ms, { big: HOUR, bigUnit: 'h', small: MINUTE, smallUnit: 'min' });
  return pair(ms, { big: DAY, bigUnit: 'd', small: HOUR, smallUnit: 'h' });
}

function pair(ms: number, units: { big: number; bigUnit: string; small: number; smallUnit: string }): string {
  const rest = Math.floor((ms % units.big) / units.small);
  const head = `${Math.floor(ms / units.big)} ${units.bigUnit}`;
  return rest === 0 ? head : `${head} ${rest} ${units.smallUnit}`;
}

/** Local time of day with milliseconds, `09:05:01.007`. */
export function clockText(at: number): string {
  const date = new Date(at);
  const two = (value: number): string => String(value).padStart(2, '0');
  const ms = String(date.getMilliseconds()).padStart(3, '0');
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${ms}`;
}

/** Local date and time to the second, `2026-03-01 09:05:01`. */
export function dateText(at: number): string {
  const date = new Date(at);
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${clockText(at).slice(0, 8)}`;
}

/** `512 B`, `1.5 KiB`, `20 MiB`. */
export function bytesText(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${value < 10 && unit > 0 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}
