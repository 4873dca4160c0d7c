import type { Alarm, AlarmState } from './alarm.js';

/** A change of an alarm's state. */
export interface Transition {
  readonly alarm: Alarm;
  readonly before: AlarmState;
}

/** What a topic's subscribers get, as AWS writes it. */
export function topicMessage({ alarm, before }: Transition): string {
  const { state, place } = alarm;
  return JSON.stringify({
    AlarmName: alarm.name,
    AlarmDescription: alarm.description,
    AWSAccountId: place.account,
    AlarmConfigurationUpdatedTimestamp: isoText(alarm.configuredAt),
    NewStateValue: state.value,
    NewStateReason: state.reason,
    StateChangeTime: isoText(state.transitionedAt),
    Region: place.region,
    AlarmArn: alarm.arn,
    OldStateValue: before.value,
    OKActions: alarm.okActions,
    AlarmActions: alarm.alarmActions,
    InsufficientDataActions: alarm.insufficientDataActions,
    Trigger: {
      MetricName: alarm.metricName,
      Namespace: alarm.namespace,
      StatisticType: /^p\d/.test(alarm.statistic) ? 'ExtendedStatistic' : 'Statistic',
      Statistic: /^p\d/.test(alarm.statistic) ? alarm.statistic : alarm.statistic.toUpperCase(),
      Unit: alarm.unit,
      Dimensions: alarm.dimensions,
      Period: alarm.periodSeconds,
      EvaluationPeriods: alarm.evaluationPeriods,
      DatapointsToAlarm: alarm.datapointsToAlarm,
      ComparisonOperator: alarm.comparison,
      Threshold: alarm.threshold,
      TreatMissingData: alarm.missingData,
      EvaluateLowSampleCountPercentile: '',
    },
  });
}

/** A topic's subject. AWS names the region in words there; here it is its name. */
export const topicSubject = ({ alarm }: Transition): string =>
  `${alarm.state.value}: "${alarm.name}" in ${alarm.place.region}`.slice(0, 99);

/** What a function gets. */
export const functionEvent = (transition: Transition): string => {
  const { alarm } = transition;
  return JSON.stringify({
    source: 'aws.cloudwatch',
    alarmArn: alarm.arn,
    accountId: alarm.place.account,
    time: offsetText(alarm.state.transitionedAt),
    region: alarm.place.region,
    alarmData: alarmData(transition),
  });
};

/** The detail of the event `CloudWatch Alarm State Change`. */
export const eventDetail = (transition: Transition) => {
  const { alarmName, configuration, state, previousState } = alarmData(transition);
  return { alarmName, configuration, state, previousState };
};

const alarmData = ({ alarm, before }: Transition) => ({
  alarmName: alarm.name,
  state: stateData(alarm.state),
  previousState: stateData(before),
  configuration: {
    ...(alarm.description !== null && { description: alarm.description }),
    metrics: [
      {
        id: '00000000-0000-0000-0000-000000000000',
        metricStat: {
          metric: {
            namespace: alarm.namespace,
            name: alarm.metricName,
            dimensions: Object.fromEntries(alarm.dimensions.map(({ name, value }) => [name, value])),
          },
          period: alarm.periodSeconds,
          stat: alarm.statistic,
          ...(alarm.unit !== null && { unit: alarm.unit }),
        },
        returnData: true,
      },
    ],
  },
});

const stateData = ({ value, reason, reasonData, transitionedAt }: AlarmState) => ({
  value,
  reason,
  ...(reasonData !== '' && { reasonData }),
  timestamp: offsetText(transitionedAt),
});

const isoText = (at: number): string => `${new Date(at).toISOString().slice(0, 23)}+0000`;
const offsetText = isoText;
