import type { AlarmSettings, AlarmStateValue, Comparison } from './alarm.js';

/** A period's value; null where nothing came. */
export interface PeriodValue {
  /** Epoch milliseconds of its beginning. */
  readonly at: number;
  readonly value: number | null;
}

export interface Verdict {
  readonly value: AlarmStateValue;
  readonly reason: string;
  readonly reasonData: object;
}

/** Looked at beyond the evaluation periods, so that a value that is late or left out does not make data missing. */
const FURTHER_PERIODS = 2;

/** So many periods are read for one evaluation. */
export const periodsRead = ({ evaluationPeriods }: Pick<AlarmSettings, 'evaluationPeriods'>): number =>
  evaluationPeriods + FURTHER_PERIODS;

/**
 * The state that the values make, or null where it stays as it is. `periods` are the newest `periodsRead`, ascending. Missing data
 * count as AWS documents it ("Configuring how CloudWatch alarms treat missing data"): they are filled in only where fewer
 * values than evaluation periods are there.
 */
export function evaluateAlarm(settings: AlarmSettings, periods: readonly PeriodValue[], at: number): Verdict | null {
  const real = periods
    .filter((period): period is RealValue => period.value !== null)
    .slice(-settings.evaluationPeriods);
  const breaching = real.filter(({ value }) => breaches(settings, value)).length;
  const filled = settings.evaluationPeriods - real.length;
  const value = stateOf(settings, { real: real.length, breaching, filled });
  if (value === null) return null;
  const data = { settings, periods, real, at };
  return { value, reason: reasonOf(data, value, filled), reasonData: reasonDataOf(data) };
}

interface RealValue extends PeriodValue {
  readonly value: number;
}

interface Evaluated {
  readonly settings: AlarmSettings;
  readonly periods: readonly PeriodValue[];
  readonly real: readonly RealValue[];
  readonly at: number;
}

function stateOf(
  { missingData, datapointsToAlarm }: AlarmSettings,
  { real, breaching, filled }: { readonly real: number; readonly breaching: number; readonly filled: number },
): AlarmStateValue | null {
  if (breaching >= datapointsToAlarm) return 'ALARM';
  if (filled === 0) return 'OK';
  switch (missingData) {
    case 'breaching':
      return breaching + filled >= datapointsToAlarm ? 'ALARM' : 'OK';
    case 'notBreaching':
      return 'OK';
    case 'ignore':
      return breaching === real ? null : 'OK';
    case 'missing':
      if (real === 0) return 'INSUFFICIENT_DATA';
      return breaching === real ? 'ALARM' : 'OK';
    default:
      return missingData satisfies never;
  }
}

function breaches({ comparison, threshold }: AlarmSettings, value: number): boolean {
  switch (comparison) {
    case 'GreaterThanThreshold':
      return value > threshold;
    case 'GreaterThanOrEqualToThreshold':
      return value >= threshold;
    case 'LessThanThreshold':
      return value < threshold;
    case 'LessThanOrEqualToThreshold':
      return value <= threshold;
    default:
      return comparison satisfies never;
  }
}

const WORDS: Readonly<Record<Comparison, readonly [is: string, isNot: string]>> = {
  GreaterThanThreshold: ['greater than', 'not greater than'],
  GreaterThanOrEqualToThreshold: ['greater than or equal to', 'not greater than or equal to'],
  LessThanThreshold: ['less than', 'not less than'],
  LessThanOrEqualToThreshold: ['less than or equal to', 'not less than or equal to'],
};

/** In AWS's words. */
function reasonOf({ settings, real }: Evaluated, value: AlarmStateValue, filled: number): string {
  const { evaluationPeriods, datapointsToAlarm, threshold, comparison, missingData } = settings;
  if (value === 'INSUFFICIENT_DATA') {
    const plural = evaluationPeriods === 1 ? 'datapoint was' : 'datapoints were';
    return `Insufficient Data: ${evaluationPeriods} ${plural} unknown.`;
  }
  const isAlarm = value === 'ALARM';
  if (real.length === 0) {
    const periods = `${evaluationPeriods} ${evaluationPeriods === 1 ? 'period' : 'periods'}`;
    const treated = missingData === 'breaching' ? 'Breaching' : 'NonBreaching';
    const missing = `${filled} missing ${filled === 1 ? 'datapoint was' : 'datapoints were'}`;
    return `Threshold Crossed: no datapoints were received for ${periods} and ${missing} treated as [${treated}].`;
  }
  const counted = real.filter((period) => breaches(settings, period.value) === isAlarm);
  const shown = counted.slice(-SHOWN_MAX).map((period) => `${numberText(period.value)} (${timeText(period.at)})`);
  const [is, isNot] = WORDS[comparison];
  const plural = counted.length === 1 ? 'was' : 'were';
  const transition = isAlarm ? 'OK -> ALARM' : 'ALARM -> OK';
  const least = isAlarm ? datapointsToAlarm : evaluationPeriods - datapointsToAlarm + 1;
  return (
    `Threshold Crossed: ${counted.length} out of the last ${evaluationPeriods} datapoints [${shown.join(', ')}] ${plural} ` +
    `${isAlarm ? is : isNot} the threshold (${numberText(threshold)}) (minimum ${least} datapoint${least === 1 ? '' : 's'} for ${transition} transition).`
  );
}

/** A reason may be 1023 characters long. */
const SHOWN_MAX = 5;

const numberText = (value: number): string => (Number.isInteger(value) ? value.toFixed(1) : String(value));

/** `27/11/26 10:05:00`, as AWS writes it, in UTC. */
function timeText(at: number): string {
  const [date = '', time = ''] = new Date(at).toISOString().split('T');
  const [year = '', month, day] = date.split('-');
  return `${day}/${month}/${year.slice(2)} ${time.slice(0, 8)}`;
}

/** AWS's `version 1.0` of what a state rests on. */
function reasonDataOf({ settings, periods, real, at }: Evaluated): object {
  const iso = (time: number): string => `${new Date(time).toISOString().slice(0, 23)}+0000`;
  return {
    version: '1.0',
    queryDate: iso(at),
    ...(real[0] !== undefined && { startDate: iso(real[0].at) }),
    ...(settings.unit !== null && { unit: settings.unit }),
    statistic: settings.statistic,
    period: settings.periodSeconds,
    recentDatapoints: real.map(({ value }) => value),
    threshold: settings.threshold,
    evaluatedDatapoints: [...periods].reverse().map((period) => ({
      timestamp: iso(period.at),
      ...(period.value !== null && { value: period.value }),
    })),
  };
}
