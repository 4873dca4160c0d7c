import { SCHEDULE_SKIPS_MAX } from '../limits/services.js';
import { CronFault, parseAwsCron, type WallCalendar } from './aws-cron.js';
import { type TimeZone, timeZone } from './time-zone.js';

/** When a schedule is due. Times are epoch milliseconds. */
export interface Occurrences {
  /** The first due time after `after`; null: never again. */
  next(after: number): number | null;
}

export interface ScheduleContext {
  readonly zone: TimeZone;
  /** What rates are counted from. */
  readonly anchor: number;
  /** The anchor itself is a due time of a rate. */
  readonly isDueAtAnchor: boolean;
}

/** Why an expression is none; the text is for the client. */
export class ScheduleFault extends Error {
  override readonly name = 'ScheduleFault';
}

const UNIT_MS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** `rate(5 minutes)`, `cron(0 9 ? * MON-FRI *)`, and `at(2026-01-01T09:00:00)` where `kinds` has it. Throws ScheduleFault. */
export function parseSchedule(
  text: string,
  context: ScheduleContext,
  kinds: readonly ('rate' | 'cron' | 'at')[],
): Occurrences {
  const [, kind, inner = ''] = /^(rate|cron|at)\((.*)\)$/s.exec(text.trim()) ?? [];
  const known = kinds.find((name) => name === kind);
  if (known === undefined) {
    throw new ScheduleFault(`Expected ${kinds.map((name) => `${name}(…)`).join(' or ')}, but it is '${text}'.`);
  }
  switch (known) {
    case 'rate':
      return rate(inner, context);
    case 'cron':
      return cron(inner, context.zone);
    case 'at':
      return at(inner, context.zone);
    default:
      return known satisfies never;
  }
}

export function readTimeZone(name: string): TimeZone {
  const zone = timeZone(name);
  if (zone === null) throw new ScheduleFault(`Expected the name of a time zone of IANA, but it is '${name}'.`);
  return zone;
}

/** AWS: one goes with the singular, more with the plural. */
function rate(inner: string, { anchor, isDueAtAnchor }: ScheduleContext): Occurrences {
  const [, count = '', unit = '', plural = ''] = /^\s*([1-9]\d{0,8})\s+(minute|hour|day)(s?)\s*$/.exec(inner) ?? [];
  const period = Number(count) * (UNIT_MS[unit] ?? 0);
  if (period === 0 || (count === '1') === (plural === 's')) {
    throw new ScheduleFault(
      `Expected a rate such as '1 minute', '5 minutes', '2 hours' or '7 days', but it is '${inner}'.`,
    );
  }
  const first = isDueAtAnchor ? anchor : anchor + period;
  return {
    next: (after) => (after < first ? first : first + (Math.floor((after - first) / period) + 1) * period),
  };
}

function at(inner: string, zone: TimeZone): Occurrences {
  const wall = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$/.test(inner) ? Date.parse(`${inner}Z`) : Number.NaN;
  if (Number.isNaN(wall))
    throw new ScheduleFault(`Expected a time such as '2026-01-31T09:00:00', but it is '${inner}'.`);
  // A time that clocks are set forward over is taken as if they were not.
  const moment = zone.momentsOf(wall)[0] ?? wall - (zone.wallOf(wall - 86_400_000) - (wall - 86_400_000));
  return { next: (after) => (moment > after ? moment : null) };
}

function cron(inner: string, zone: TimeZone): Occurrences {
  let calendar: WallCalendar;
  try {
    calendar = parseAwsCron(inner);
  } catch (fault) {
    if (fault instanceof CronFault) throw new ScheduleFault(fault.message);
    throw fault;
  }
  return { next: (after) => nextOf(calendar, zone, after) };
}

/** Clocks are not set by more than this at once (but where the date line moves). */
const SHIFT_MS_MAX = 3 * 3_600_000;

/**
 * AWS: a time that clocks are set forward over is left out, one that comes twice is due once. Schedules of every hour
 * go on as if nothing had happened.
 */
function nextOf(calendar: WallCalendar, zone: TimeZone, after: number): number | null {
  const wall = zone.wallOf(after);
  const isSetSoon = zone.wallOf(after + SHIFT_MS_MAX) - wall !== SHIFT_MS_MAX;
  // When clocks are set back soon, what the wall shows will be shown again.
  let from = calendar.isHourly && isSetSoon ? wall - SHIFT_MS_MAX : wall;
  let best: number | null = null;
  for (let skips = 0; skips < SCHEDULE_SKIPS_MAX; skips++) {
    const next = calendar.next(from);
    if (next === null) return best;
    const moments = zone.momentsOf(next);
    for (const moment of calendar.isHourly ? moments : moments.slice(0, 1)) {
      if (moment > after && (best === null || moment < best)) best = moment;
    }
    if (best !== null && next > wall) return best;
    from = next;
  }
  return best;
}
