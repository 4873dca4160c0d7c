import type { Metrics } from '../../services/metrics/metrics.js';
import { apiError } from '../errors.js';
import type { Action, ApiService } from '../port.js';
import { getMetricData } from './get-metric-data.js';
import { getMetricStatistics } from './get-metric-statistics.js';
import { listMetrics } from './list-metrics.js';
import { putMetricData } from './put-metric-data.js';

/** Amazon CloudWatch's metrics, in every protocol that it speaks; alarms and dashboards are refused by name. */
export function cloudwatchService(metrics: Metrics, now: () => number): ApiService {
  const actions: Readonly<Record<string, Action>> = {
    PutMetricData: (call) => putMetricData(metrics, call, now()),
    GetMetricData: (call) => getMetricData(metrics, call),
    GetMetricStatistics: (call) => getMetricStatistics(metrics, call),
    ListMetrics: (call) => listMetrics(metrics, call, now()),
  };
  const refused = Object.entries(REFUSED).flatMap(([what, names]) =>
    names.map((name): [string, Action] => [name, refuse(name, what)]),
  );
  return { name: 'monitoring', actions: new Map([...Object.entries(actions), ...refused]) };
}

const REFUSED: Readonly<Record<string, readonly string[]>> = {
  alarms: [
    ...['PutMetricAlarm', 'PutCompositeAlarm', 'DescribeAlarms', 'DescribeAlarmsForMetric', 'DescribeAlarmHistory'],
    ...['DeleteAlarms', 'SetAlarmState', 'EnableAlarmActions', 'DisableAlarmActions'],
  ],
  dashboards: ['PutDashboard', 'GetDashboard', 'ListDashboards', 'DeleteDashboards', 'GetMetricWidgetImage'],
  'metric streams': [
    ...['PutMetricStream', 'GetMetricStream', 'ListMetricStreams', 'DeleteMetricStream'],
    ...['StartMetricStreams', 'StopMetricStreams'],
  ],
};

const refuse =
  (name: string, what: string): Action =>
  async () => {
    throw apiError(
      'UnknownOperationException',
      `Treadle has the metrics of CloudWatch, but no ${what} yet: it does not know the operation '${name}'.`,
    );
  };
