import type { Place } from '../../../arn.js';
import type { Dimension } from '../series.js';

export const ALARM_STATES = ['OK', 'ALARM', 'INSUFFICIENT_DATA'] as const;
export type AlarmStateValue = (typeof ALARM_STATES)[number];

export const COMPARISONS = [
  'GreaterThanOrEqualToThreshold',
  'GreaterThanThreshold',
  'LessThanThreshold',
  'LessThanOrEqualToThreshold',
] as const;
export type Comparison = (typeof COMPARISONS)[number];

export const MISSING_DATA = ['missing', 'ignore', 'breaching', 'notBreaching'] as const;
/** What a period without values counts as. */
export type MissingData = (typeof MISSING_DATA)[number];

/** What PutMetricAlarm says of an alarm. */
export interface AlarmSettings {
  readonly name: string;
  readonly description: string | null;
  readonly actionsEnabled: boolean;
  readonly okActions: readonly string[];
  readonly alarmActions: readonly string[];
  readonly insufficientDataActions: readonly string[];
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: readonly Dimension[];
  /** `Sum`, `p99`, … */
  readonly statistic: string;
  /** Null: whatever unit the values have. */
  readonly unit: string | null;
  /** A multiple of 60. */
  readonly periodSeconds: number;
  readonly evaluationPeriods: number;
  /** So many of `evaluationPeriods` must breach. */
  readonly datapointsToAlarm: number;
  readonly threshold: number;
  readonly comparison: Comparison;
  readonly missingData: MissingData;
}

export interface AlarmState {
  readonly value: AlarmStateValue;
  readonly reason: string;
  /** JSON text. */
  readonly reasonData: string;
  /** Epoch milliseconds: when the state was last looked at with another result, and when its value changed. */
  readonly updatedAt: number;
  readonly transitionedAt: number;
}

export interface Alarm extends AlarmSettings {
  readonly arn: string;
  readonly place: Place;
  /** Epoch milliseconds. */
  readonly configuredAt: number;
  readonly state: AlarmState;
  readonly tags: Readonly<Record<string, string>>;
}

export type HistoryType = 'ConfigurationUpdate' | 'StateUpdate' | 'Action';

/** One line of an alarm's history. */
export interface AlarmHistoryItem {
  readonly alarmName: string;
  readonly alarmArn: string;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly type: HistoryType;
  readonly summary: string;
  /** JSON text. */
  readonly data: string;
}

/** The actions that the alarm has for a state. */
export function actionsFor(alarm: AlarmSettings, value: AlarmStateValue): readonly string[] {
  if (!alarm.actionsEnabled) return [];
  switch (value) {
    case 'OK':
      return alarm.okActions;
    case 'ALARM':
      return alarm.alarmActions;
    case 'INSUFFICIENT_DATA':
      return alarm.insufficientDataActions;
    default:
      return value satisfies never;
  }
}
