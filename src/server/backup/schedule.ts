import type { Backup } from './manifest.js';

export interface BackupSchedule {
  /** Local times of day, in minutes since midnight. */
  readonly times: readonly number[];
  /** Of so many days the newest scheduled backup is kept. */
  readonly keepDays: number;
}

/** The latest moment of the schedule that is not after `now`, by the machine's own clock and time zone. */
export function lastMoment(times: readonly number[], now: number): number {
  const moments = times.flatMap((minutes) => [0, 1].map((daysAgo) => momentOf(now, daysAgo, minutes)));
  return Math.max(...moments.filter((moment) => moment <= now));
}

function momentOf(now: number, daysAgo: number, minutes: number): number {
  const day = new Date(now);
  day.setDate(day.getDate() - daysAgo);
  day.setHours(0, minutes, 0, 0);
  return day.getTime();
}

const DAY_MS = 86_400_000;

/** Scheduled backups that are too old to keep. All of the last day stay, and those that somebody made by hand. */
export function expired(
  backups: readonly Backup[],
  { keepDays, now }: { readonly keepDays: number; readonly now: number },
): readonly Backup[] {
  const scheduled = backups
    .filter(({ manifest }) => manifest.kind === 'scheduled')
    .sort((left, right) => right.manifest.at - left.manifest.at);
  const newestOf = new Map<string, Backup>();
  for (const backup of scheduled) {
    const day = new Date(backup.manifest.at).toDateString();
    if (!newestOf.has(day) && newestOf.size < keepDays) newestOf.set(day, backup);
  }
  const kept = new Set(newestOf.values());
  return scheduled.filter((backup) => !kept.has(backup) && backup.manifest.at < now - DAY_MS);
}

/** `02:30` as minutes since midnight; null for another text. */
export function timeOfDay(text: string): number | null {
  const match = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(text);
  return match === null ? null : Number(match[1]) * 60 + Number(match[2]);
}
