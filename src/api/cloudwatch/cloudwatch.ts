import type { Alarms } from '../../services/metrics/alarms/alarms.js';
import type { Metrics } from '../../services/metrics/metrics.js';
import { apiError } from '../errors.js';
import type { Action, ApiService } from '../port.js';
import { alarmActions } from './alarm-actions.js';
import { getMetricData } from './get-metric-data.js';
import { getMetricStatistics } from './get-metric-statistics.js';
import { listMetrics } from './list-metrics.js';
import { putMetricData } from './put-metric-data.js';

/** Amazon CloudWatch's metrics and alarms, in every protocol that it speaks; composite alarms and dashboards are refused by name. */
export function cloudwatchService(metrics: Metrics, alarms: Alarms, now: () => number): ApiService {
  const actions: Readonly<Record<string, Action>> = {
    PutMetricData: (call) => putMetricData(metrics, call, now()),
    GetMetricData: (call) => getMetricData(metrics, call),
    GetMetricStatistics: (call) => getMetricStatistics(metrics, call),
    ListMetrics: (call) => listMetrics(metrics, call, now()),
    ...alarmActions(alarms),
  };
  const refused = Object.entries(REFUSED).flatMap(([what, names]) =>
    names.map((name): [string, Action] => [name, refuse(name, what)]),
  );
  return { name: 'monitoring', actions: new Map([...Object.entries(actions), ...refused]) };
}

const REFUSED: Readonly<Record<string, readonly string[]>> = {
  'composite alarms': ['PutCompositeAlarm'],
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
      `Treadle has metrics and alarms of CloudWatch, but no ${what} yet: it does not know the operation '${name}'.`,
    );
  };
