import { z } from 'zod';
import { ALARM_ACTIONS_MAX, ALARM_RANGE_SECONDS_MAX } from '../../limits/services.js';
import { type AlarmSettings, COMPARISONS, MISSING_DATA } from '../../services/metrics/alarms/alarm.js';
import { SIMPLE_STATISTICS } from '../../services/metrics/statistic.js';
import { listOf } from '../input.js';
import type { ApiCall } from '../port.js';
import { invalidCombination, invalidValue } from './faults.js';
import { BOOLEAN, DIMENSIONS, METRIC_NAME, NAMESPACE, NUMBER, read, readPeriod, readStatistic, UNIT } from './input.js';

const ACTIONS = listOf(z.string().min(1).max(1024)).refine((arns) => arns.length <= ALARM_ACTIONS_MAX, {
  message: `at most ${ALARM_ACTIONS_MAX} actions`,
});
export const ALARM_NAME = z.string().min(1).max(255);
export const TAGS = listOf(z.object({ Key: z.string().min(1).max(128), Value: z.string().max(256) }));
const COUNT = NUMBER.refine((value) => Number.isInteger(value) && value >= 1, {
  message: 'a whole number of at least 1',
});

const INPUT = z.object({
  AlarmName: ALARM_NAME,
  AlarmDescription: z.string().max(1024).optional(),
  ActionsEnabled: BOOLEAN.optional(),
  OKActions: ACTIONS.optional(),
  AlarmActions: ACTIONS.optional(),
  InsufficientDataActions: ACTIONS.optional(),
  Namespace: NAMESPACE.optional(),
  MetricName: METRIC_NAME.optional(),
  Dimensions: DIMENSIONS.optional(),
  Statistic: z.enum(SIMPLE_STATISTICS).optional(),
  ExtendedStatistic: z.string().optional(),
  Unit: UNIT.optional(),
  Period: NUMBER.optional(),
  EvaluationPeriods: COUNT,
  DatapointsToAlarm: COUNT.optional(),
  Threshold: NUMBER.optional(),
  ComparisonOperator: z.enum(COMPARISONS).or(z.string()),
  TreatMissingData: z.enum(MISSING_DATA).optional(),
  Tags: TAGS.optional(),
  Metrics: z.unknown().optional(),
  ThresholdMetricId: z.unknown().optional(),
  EvaluateLowSampleCountPercentile: z.enum(['evaluate', 'ignore']).optional(),
});
type Input = z.infer<typeof INPUT>;

export interface AlarmRequest {
  readonly settings: AlarmSettings;
  readonly tags: Readonly<Record<string, string>>;
}

/** What PutMetricAlarm asks for. Throws CloudWatch's exceptions. */
export function readAlarm(call: Pick<ApiCall, 'input'>): AlarmRequest {
  const input = read(INPUT, call);
  refuseUnknown(input);
  const { Namespace: namespace, MetricName: metricName, Period, Threshold: threshold } = input;
  if (namespace === undefined || metricName === undefined || Period === undefined || threshold === undefined)
    throw invalidValue('MetricName, Namespace, Period and Threshold must all be given for an alarm on a metric.');
  const evaluationPeriods = input.EvaluationPeriods;
  const datapointsToAlarm = input.DatapointsToAlarm ?? evaluationPeriods;
  if (datapointsToAlarm > evaluationPeriods)
    throw invalidValue(
      'The parameter DatapointsToAlarm must be less than or equal to the parameter EvaluationPeriods.',
    );
  const periodSeconds = readPeriod(Period) / 1000;
  if (periodSeconds * evaluationPeriods > ALARM_RANGE_SECONDS_MAX)
    throw invalidValue(
      `EvaluationPeriods times Period must be at most ${ALARM_RANGE_SECONDS_MAX} seconds (seven days).`,
    );
  const comparison = COMPARISONS.find((known) => known === input.ComparisonOperator);
  if (comparison === undefined)
    throw invalidValue(
      `Expected ComparisonOperator to be one of ${COMPARISONS.join(', ')}: Treadle has no anomaly detection.`,
    );
  return {
    settings: {
      name: input.AlarmName,
      description: input.AlarmDescription ?? null,
      actionsEnabled: input.ActionsEnabled ?? true,
      okActions: input.OKActions ?? [],
      alarmActions: input.AlarmActions ?? [],
      insufficientDataActions: input.InsufficientDataActions ?? [],
      ...{ namespace, metricName, dimensions: input.Dimensions ?? [], statistic: statisticIn(input) },
      unit: input.Unit ?? null,
      ...{ periodSeconds, evaluationPeriods, datapointsToAlarm, threshold, comparison },
      missingData: input.TreatMissingData ?? 'missing',
    },
    tags: Object.fromEntries((input.Tags ?? []).map(({ Key, Value }) => [Key, Value])),
  };
}

const ACTION_TARGETS = /^arn:aws:(?:sns|lambda):/;

function refuseUnknown(input: Input): void {
  if (input.Metrics !== undefined || input.ThresholdMetricId !== undefined)
    throw invalidCombination('Treadle has alarms on one metric, and none on metric math (Metrics, ThresholdMetricId).');
  const actions = [...(input.OKActions ?? []), ...(input.AlarmActions ?? []), ...(input.InsufficientDataActions ?? [])];
  const other = actions.find((arn) => !ACTION_TARGETS.test(arn));
  if (other !== undefined)
    throw invalidValue(`Expected actions of alarms to be ARNs of topics and functions, but one is ${other}.`);
}

function statisticIn({ Statistic, ExtendedStatistic }: Input): string {
  if ((Statistic === undefined) === (ExtendedStatistic === undefined))
    throw invalidCombination('Exactly one of Statistic and ExtendedStatistic must be given.');
  const name = Statistic ?? ExtendedStatistic ?? '';
  const { type } = readStatistic(name);
  if (ExtendedStatistic !== undefined && type !== 'percentile')
    throw invalidValue(`Expected a percentile in ExtendedStatistic, but found ${name}.`);
  return name;
}
