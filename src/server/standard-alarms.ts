import { type Place, topicArn } from '../arn.js';
import type { AlarmSettings } from '../services/metrics/alarms/alarm.js';
import type { Alarms } from '../services/metrics/alarms/alarms.js';
import type { Sns } from '../services/sns/sns.js';
import { subscriptionPort, topicPort } from './deploy/topic-ports.js';

const TOPIC = 'treadle-alarms';
const MINUTE = 60;

/** What every operator wants to hear of. The names are the user's to find, and to change or delete like any other alarm. */
const STANDARD_ALARMS: readonly (Pick<
  AlarmSettings,
  'name' | 'description' | 'namespace' | 'metricName' | 'statistic' | 'threshold' | 'comparison'
> & { readonly periodSeconds: number })[] = [
  {
    name: 'treadle-executions-failed',
    description: 'Executions have failed. Which ones: treadle ls --status FAILED',
    ...{ namespace: 'AWS/States', metricName: 'ExecutionsFailed', statistic: 'Sum' },
    ...{ threshold: 0, comparison: 'GreaterThanThreshold', periodSeconds: 5 * MINUTE },
  },
  {
    name: 'treadle-executions-timed-out',
    description: 'Executions have timed out. Which ones: treadle ls --status TIMED_OUT',
    ...{ namespace: 'AWS/States', metricName: 'ExecutionsTimedOut', statistic: 'Sum' },
    ...{ threshold: 0, comparison: 'GreaterThanThreshold', periodSeconds: 5 * MINUTE },
  },
  {
    name: 'treadle-disk-free',
    description: 'Less than a tenth of the disk with the data folder is free.',
    ...{ namespace: 'Treadle', metricName: 'DiskFreePercent', statistic: 'Minimum' },
    ...{ threshold: 10, comparison: 'LessThanThreshold', periodSeconds: 5 * MINUTE },
  },
  {
    name: 'treadle-oldest-open-wait',
    description: 'Something has waited for an answer for more than a day. What: treadle tokens',
    ...{ namespace: 'Treadle', metricName: 'OldestOpenWait', statistic: 'Maximum' },
    ...{ threshold: 24 * 60 * MINUTE, comparison: 'GreaterThanThreshold', periodSeconds: 5 * MINUTE },
  },
];

export interface StandardAlarmsPorts {
  readonly alarms: Alarms;
  readonly sns: Sns;
  readonly place: Place;
}

/** `treadle up --alarms`: makes what is missing of the topic, its mail and the alarms; what is there stays as it is. */
export async function makeStandardAlarms(email: string, { alarms, sns, place }: StandardAlarmsPorts): Promise<void> {
  const arn = topicArn(place, TOPIC);
  const topics = topicPort(sns.topics, place);
  if ((await topics.find(arn)) === null) await topics.create({ name: TOPIC, displayName: 'Treadle' });
  const subscriptions = subscriptionPort(sns);
  const subscription = { topicArn: arn, protocol: 'email', endpoint: email, attributes: {} };
  if ((await subscriptions.find(subscription)) === null) await subscriptions.create(subscription);
  for (const alarm of STANDARD_ALARMS) {
    if (alarms.find(place, alarm.name) === null)
      await alarms.put(place, { ...REST, ...alarm, alarmActions: [arn], okActions: [arn] });
  }
}

const REST = {
  actionsEnabled: true,
  insufficientDataActions: [],
  dimensions: [],
  unit: null,
  evaluationPeriods: 1,
  datapointsToAlarm: 1,
  missingData: 'notBreaching',
} as const;
