import { z } from 'zod';
import { ALARM_NAMES_MAX, ALARM_PAGE_ITEMS_MAX } from '../../limits/services.js';
import { ALARM_STATES, type Alarm, type AlarmHistoryItem, actionsFor } from '../../services/metrics/alarms/alarm.js';
import type { Alarms } from '../../services/metrics/alarms/alarms.js';
import { AlarmFault } from '../../services/metrics/alarms/fault.js';
import { listOf } from '../input.js';
import { Timestamp } from '../output.js';
import type { Action, ApiCall } from '../port.js';
import { ALARM_NAME, readAlarm, TAGS } from './alarm-input.js';
import { invalidCombination, invalidToken, limitExceeded, resourceNotFound } from './faults.js';
import { DIMENSIONS, METRIC_NAME, NAMESPACE, NUMBER, read, TIME, UNIT } from './input.js';

const STATE = z.enum(ALARM_STATES);
const NAMES = listOf(ALARM_NAME).refine((names) => names.length <= ALARM_NAMES_MAX, {
  message: `at most ${ALARM_NAMES_MAX} names`,
});
const PAGE = {
  MaxRecords: NUMBER.refine((count) => count >= 1 && count <= ALARM_PAGE_ITEMS_MAX, {
    message: `a number from 1 to ${ALARM_PAGE_ITEMS_MAX}`,
  }).optional(),
  NextToken: z.string().optional(),
};

/** CloudWatch's operations on alarms. */
export function alarmActions(alarms: Alarms): Readonly<Record<string, Action>> {
  const actions: Readonly<Record<string, (call: ApiCall) => Promise<object>>> = {
    PutMetricAlarm: async (call) => {
      const { settings, tags } = readAlarm(call);
      await alarms.put(call.place, settings, tags);
      return {};
    },
    DescribeAlarms: async (call) => describeAlarms(alarms, call),
    DescribeAlarmsForMetric: async (call) => describeForMetric(alarms, call),
    DescribeAlarmHistory: (call) => describeHistory(alarms, call),
    DeleteAlarms: async (call) => {
      await alarms.delete(call.place, read(z.object({ AlarmNames: NAMES }), call).AlarmNames);
      return {};
    },
    SetAlarmState: async (call) => {
      const input = read(SET_STATE, call);
      const { StateValue: value, StateReason: reason, StateReasonData: reasonData = '' } = input;
      await alarms.setState(call.place, input.AlarmName, { value, reason, reasonData });
      return {};
    },
    EnableAlarmActions: async (call) => setActions(alarms, call, true),
    DisableAlarmActions: async (call) => setActions(alarms, call, false),
    ...tagActions(alarms),
  };
  return Object.fromEntries(Object.entries(actions).map(([name, action]) => [name, withFaults(action)]));
}

const SET_STATE = z.object({
  AlarmName: ALARM_NAME,
  StateValue: STATE,
  StateReason: z.string().max(1023),
  StateReasonData: z
    .string()
    .max(4000)
    .refine((text) => isJson(text), { message: 'JSON' })
    .optional(),
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const withFaults =
  (action: (call: ApiCall) => Promise<object>): Action =>
  async (call) => {
    try {
      return await action(call);
    } catch (fault) {
      if (!(fault instanceof AlarmFault)) throw fault;
      throw fault.code === 'LimitExceeded' ? limitExceeded(fault.message) : resourceNotFound(fault.message);
    }
  };

const DESCRIBE = z.object({
  AlarmNames: NAMES.optional(),
  AlarmNamePrefix: ALARM_NAME.optional(),
  AlarmTypes: listOf(z.enum(['MetricAlarm', 'CompositeAlarm'])).optional(),
  StateValue: STATE.optional(),
  ActionPrefix: z.string().optional(),
  ChildrenOfAlarmName: z.unknown().optional(),
  ParentsOfAlarmName: z.unknown().optional(),
  ...PAGE,
});

function describeAlarms(alarms: Alarms, call: ApiCall): object {
  const input = read(DESCRIBE, call);
  const { AlarmNames, AlarmNamePrefix, AlarmTypes, StateValue, ActionPrefix } = input;
  if (AlarmNames !== undefined && AlarmNamePrefix !== undefined)
    throw invalidCombination('AlarmNames and AlarmNamePrefix cannot be given together.');
  if (input.ChildrenOfAlarmName !== undefined || input.ParentsOfAlarmName !== undefined)
    throw invalidCombination(
      'Treadle has no composite alarms: ChildrenOfAlarmName and ParentsOfAlarmName find nothing.',
    );
  const found = alarms.list(call.place).filter((alarm) => {
    if (AlarmNames !== undefined && !AlarmNames.includes(alarm.name)) return false;
    if (AlarmNamePrefix !== undefined && !alarm.name.startsWith(AlarmNamePrefix)) return false;
    if (StateValue !== undefined && alarm.state.value !== StateValue) return false;
    return ActionPrefix === undefined || allActions(alarm).some((arn) => arn.startsWith(ActionPrefix));
  });
  const wanted = AlarmTypes !== undefined && !AlarmTypes.includes('MetricAlarm') ? [] : found;
  const { items, next } = pageOf(wanted, ({ name }) => name, input);
  return { MetricAlarms: items.map(described), CompositeAlarms: [], ...(next !== null && { NextToken: next }) };
}

const allActions = (alarm: Alarm): readonly string[] =>
  ALARM_STATES.flatMap((value) => actionsFor({ ...alarm, actionsEnabled: true }, value));

const FOR_METRIC = z.object({
  Namespace: NAMESPACE,
  MetricName: METRIC_NAME,
  Dimensions: DIMENSIONS.optional(),
  Statistic: z.string().optional(),
  ExtendedStatistic: z.string().optional(),
  Period: NUMBER.optional(),
  Unit: UNIT.optional(),
});

function describeForMetric(alarms: Alarms, call: ApiCall): object {
  const { Namespace, MetricName, Dimensions = [], Statistic, ExtendedStatistic, Period, Unit } = read(FOR_METRIC, call);
  const statistic = Statistic ?? ExtendedStatistic;
  const sorted = (dimensions: Alarm['dimensions']): string =>
    JSON.stringify([...dimensions].map(({ name, value }) => [name, value]).sort());
  const found = alarms
    .list(call.place)
    .filter(
      (alarm) =>
        alarm.namespace === Namespace &&
        alarm.metricName === MetricName &&
        sorted(alarm.dimensions) === sorted(Dimensions) &&
        (statistic === undefined || alarm.statistic === statistic) &&
        (Period === undefined || alarm.periodSeconds === Period) &&
        (Unit === undefined || alarm.unit === Unit),
    );
  return { MetricAlarms: found.map(described) };
}

const HISTORY = z.object({
  AlarmName: ALARM_NAME.optional(),
  AlarmTypes: listOf(z.string()).optional(),
  HistoryItemType: z.enum(['ConfigurationUpdate', 'StateUpdate', 'Action']).optional(),
  StartDate: TIME.optional(),
  EndDate: TIME.optional(),
  ScanBy: z.enum(['TimestampDescending', 'TimestampAscending']).optional(),
  ...PAGE,
});

async function describeHistory(alarms: Alarms, call: ApiCall): Promise<object> {
  const input = read(HISTORY, call);
  const { HistoryItemType, StartDate = 0, EndDate = Number.POSITIVE_INFINITY, ScanBy } = input;
  const items = (await alarms.history(call.place, input.AlarmName ?? null))
    .filter(({ type, at }) => (HistoryItemType ?? type) === type && at >= StartDate && at <= EndDate)
    .map((item, index) => ({ item, index }))
    .sort((a, b) => a.item.at - b.item.at || a.index - b.index);
  if (ScanBy !== 'TimestampAscending') items.reverse();
  const numbered = items.map(({ item }, index) => ({ item, key: String(index).padStart(9, '0') }));
  const { items: shown, next } = pageOf(numbered, ({ key }) => key, input);
  return {
    AlarmHistoryItems: shown.map(({ item }) => historyItem(item)),
    ...(next !== null && { NextToken: next }),
  };
}

const historyItem = (item: AlarmHistoryItem): object => ({
  AlarmName: item.alarmName,
  AlarmType: 'MetricAlarm',
  Timestamp: new Timestamp(item.at),
  HistoryItemType: item.type,
  HistorySummary: item.summary,
  HistoryData: item.data,
});

async function setActions(alarms: Alarms, call: ApiCall, isEnabled: boolean): Promise<object> {
  await alarms.setActions(call.place, read(z.object({ AlarmNames: NAMES }), call).AlarmNames, isEnabled);
  return {};
}

function tagActions(alarms: Alarms): Readonly<Record<string, (call: ApiCall) => Promise<object>>> {
  const ARN = z.string().min(1).max(1024);
  return {
    TagResource: async (call) => {
      const { ResourceARN, Tags } = read(z.object({ ResourceARN: ARN, Tags: TAGS }), call);
      const added = Object.fromEntries(Tags.map(({ Key, Value }) => [Key, Value]));
      await alarms.setTags(ResourceARN, (tags) => ({ ...tags, ...added }));
      return {};
    },
    UntagResource: async (call) => {
      const { ResourceARN, TagKeys } = read(z.object({ ResourceARN: ARN, TagKeys: listOf(z.string()) }), call);
      const left = (tags: Readonly<Record<string, string>>) =>
        Object.fromEntries(Object.entries(tags).filter(([key]) => !TagKeys.includes(key)));
      await alarms.setTags(ResourceARN, left);
      return {};
    },
    ListTagsForResource: async (call) => {
      const tags = alarms.tagsOf(read(z.object({ ResourceARN: ARN }), call).ResourceARN);
      return { Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) };
    },
  };
}

/** An alarm as DescribeAlarms shows it. */
const described = (alarm: Alarm): object => ({
  AlarmName: alarm.name,
  AlarmArn: alarm.arn,
  ...(alarm.description !== null && { AlarmDescription: alarm.description }),
  AlarmConfigurationUpdatedTimestamp: new Timestamp(alarm.configuredAt),
  ActionsEnabled: alarm.actionsEnabled,
  OKActions: alarm.okActions,
  AlarmActions: alarm.alarmActions,
  InsufficientDataActions: alarm.insufficientDataActions,
  StateValue: alarm.state.value,
  StateReason: alarm.state.reason,
  ...(alarm.state.reasonData !== '' && { StateReasonData: alarm.state.reasonData }),
  StateUpdatedTimestamp: new Timestamp(alarm.state.updatedAt),
  StateTransitionedTimestamp: new Timestamp(alarm.state.transitionedAt),
  MetricName: alarm.metricName,
  Namespace: alarm.namespace,
  ...(/^p\d/.test(alarm.statistic) ? { ExtendedStatistic: alarm.statistic } : { Statistic: alarm.statistic }),
  Dimensions: alarm.dimensions.map(({ name, value }) => ({ Name: name, Value: value })),
  Period: alarm.periodSeconds,
  ...(alarm.unit !== null && { Unit: alarm.unit }),
  EvaluationPeriods: alarm.evaluationPeriods,
  DatapointsToAlarm: alarm.datapointsToAlarm,
  Threshold: alarm.threshold,
  ComparisonOperator: alarm.comparison,
  TreatMissingData: alarm.missingData,
});

interface Paging {
  readonly MaxRecords?: number | undefined;
  readonly NextToken?: string | undefined;
}

/** Items are sorted by their keys; a page begins after the last key of the one before. */
function pageOf<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
  { MaxRecords = ALARM_PAGE_ITEMS_MAX, NextToken }: Paging,
): { readonly items: readonly Item[]; readonly next: string | null } {
  const after = NextToken === undefined ? null : Buffer.from(NextToken, 'base64url').toString();
  if (after === '') throw invalidToken();
  const rest = after === null ? items : items.filter((item) => keyOf(item) > after);
  const shown = rest.slice(0, MaxRecords);
  const last = shown.at(-1);
  const next = rest.length > shown.length && last !== undefined ? Buffer.from(keyOf(last)).toString('base64url') : null;
  return { items: shown, next };
}
