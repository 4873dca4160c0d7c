import type { Place } from '../../arn.js';
import { parseArn } from '../../arn.js';
import { type Occurrences, parseSchedule, ScheduleFault } from '../schedule-expression.js';
import { timeZone } from '../time-zone.js';
import { invalidEvents } from './fault.js';
import type { Target } from './target.js';

/** An event bus as it is kept. Times are epoch milliseconds. */
export interface EventBus {
  readonly arn: string;
  readonly name: string;
  readonly description: string | null;
  readonly tags: Readonly<Record<string, string>>;
  readonly createdAt: number;
}

/** A rule as it is kept, with its targets. */
export interface Rule {
  readonly arn: string;
  readonly name: string;
  readonly busArn: string;
  readonly busName: string;
  /** JSON text. */
  readonly pattern: string | null;
  readonly schedule: string | null;
  readonly isEnabled: boolean;
  readonly description: string | null;
  readonly roleArn: string | null;
  readonly targets: readonly Target[];
  readonly tags: Readonly<Record<string, string>>;
  /** From when on its schedule counts: made, changed or enabled. Epoch milliseconds. */
  readonly since: number;
}

export const DEFAULT_BUS = 'default';

export const busArn = ({ region, account }: Place, name: string): string =>
  `arn:aws:events:${region}:${account}:event-bus/${name}`;

export const ruleArn = ({ region, account }: Place, bus: string, name: string): string =>
  `arn:aws:events:${region}:${account}:rule/${bus === DEFAULT_BUS ? '' : `${bus}/`}${name}`;

export const placeOf = (arn: string): Place => {
  const { region = '', account = '' } = parseArn(arn) ?? {};
  return { region, account };
};

/** The bus that a request means by a name or an ARN. */
export function busNameOf(text: string | undefined): string {
  if (text === undefined) return DEFAULT_BUS;
  const arn = parseArn(text);
  if (arn === null) return text;
  if (arn.service !== 'events' || !arn.resource.startsWith('event-bus/')) {
    throw invalidEvents(`Parameter EventBusName is not valid. Reason: ${text} is not the ARN of an event bus.`);
  }
  return arn.resource.slice('event-bus/'.length);
}

/** Throws EventsFault for a schedule that is none. Null for a rule without one, and for one that is disabled. */
export function occurrencesOf({ schedule, isEnabled, since }: Rule): Occurrences | null {
  return schedule === null || !isEnabled ? null : readSchedule(schedule, since);
}

export function readSchedule(schedule: string, since: number): Occurrences {
  const utc = timeZone('UTC');
  if (utc === null) throw new Error('Broken invariant: there is no time zone UTC');
  try {
    return parseSchedule(schedule, { zone: utc, anchor: since, isDueAtAnchor: false }, ['rate', 'cron']);
  } catch (fault) {
    if (fault instanceof ScheduleFault) {
      throw invalidEvents(`Parameter ScheduleExpression is not valid. Reason: ${fault.message}`);
    }
    throw fault;
  }
}
