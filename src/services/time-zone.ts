/** Wall times of a time zone. They are written as epoch milliseconds of UTC: 02:30 on the wall is 02:30 UTC. */
export interface TimeZone {
  /** What the wall shows at this moment. */
  wallOf(at: number): number;
  /**
   * When the wall shows this: never (clocks are set forward over it), once, or twice (clocks are set back), the earlier
   * moment first.
   */
  momentsOf(wall: number): readonly number[];
}

const HOUR_MS = 3_600_000;

/** Null for a name that is no time zone of IANA. */
export function timeZone(name: string): TimeZone | null {
  if (name === 'UTC') return { wallOf: (at) => at, momentsOf: (wall) => [wall] };
  const format = formatOf(name);
  if (format === null) return null;
  const wallOf = (at: number): number => {
    const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
    const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
    const seconds = Date.UTC(
      part('year'),
      part('month') - 1,
      part('day'),
      part('hour'),
      part('minute'),
      part('second'),
    );
    return seconds + (((at % 1000) + 1000) % 1000);
  };
  return {
    wallOf,
    momentsOf: (wall) => {
      // A zone's offset changes by less than a day: those a day before and after are all that there can be.
      const offsets = [-24, 24].map((hours) => wallOf(wall + hours * HOUR_MS) - (wall + hours * HOUR_MS));
      const moments = [...new Set(offsets)].map((offset) => wall - offset);
      return moments.filter((moment) => wallOf(moment) === wall).sort((a, b) => a - b);
    },
  };
}

function formatOf(name: string): Intl.DateTimeFormat | null {
  if (!/^[A-Za-z][A-Za-z0-9_+\-/]{1,49}$/.test(name)) return null;
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch {
    return null;
  }
}
