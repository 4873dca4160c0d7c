import { ScenarioError } from './scenario-error.js';

/** A length of virtual time: the parts add up, e.g. `{ hours: 1, minutes: 30 }`. */
export interface Duration {
  readonly days?: number;
  readonly hours?: number;
  readonly minutes?: number;
  readonly seconds?: number;
  readonly milliseconds?: number;
}

const UNIT_MS: Readonly<Record<keyof Duration, number>> = {
  days: 86_400_000,
  hours: 3_600_000,
  minutes: 60_000,
  seconds: 1000,
  milliseconds: 1,
};

const isUnit = (name: string): name is keyof Duration => Object.hasOwn(UNIT_MS, name);

/** Milliseconds. `what` says for the error whose duration it is. Throws ScenarioError. */
export function durationMs(duration: Duration, what: string): number {
  const parts: readonly (readonly [string, unknown])[] =
    typeof duration === 'object' && duration !== null ? Object.entries(duration) : [['', duration]];
  return parts.reduce((sum, [unit, count]) => {
    if (isUnit(unit) && typeof count === 'number' && count >= 0 && Number.isFinite(count))
      return sum + count * UNIT_MS[unit];
    const given = JSON.stringify(unit === '' ? count : { [unit]: count });
    throw new ScenarioError(`Expected ${what} to be a duration such as { hours: 1, minutes: 30 }, but it is ${given}.`);
  }, 0);
}
