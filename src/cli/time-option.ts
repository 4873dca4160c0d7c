import { usageError } from './cli-error.js';

const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `now`, `10m-ago` (s, m, h, d), or an ISO time; as epoch milliseconds. Throws CliError. */
export function timeOf(text: string, now: number): number {
  if (text === 'now') return now;
  const [, count, unit = ''] = /^(\d{1,6})([smhd])-ago$/.exec(text) ?? [];
  const at = count === undefined ? Date.parse(text) : now - Number(count) * (UNITS[unit] ?? 0);
  if (Number.isNaN(at))
    throw usageError(`Expected a time as 10m-ago, 2h-ago, 3d-ago or 2026-11-27T02:30:00Z, but it is '${text}'.`);
  return at;
}
