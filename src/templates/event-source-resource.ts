import { functionArn, type Place } from '../arn.js';
import { EventSourceFault } from '../services/event-sources/fault.js';
import {
  checkSourceArn,
  DEFAULT_SETTINGS,
  isStreamArn,
  STREAM_BATCH_DEFAULT,
} from '../services/event-sources/mapping.js';
import { jsonText } from './json-text.js';
import type { PlannedEventSource } from './plan.js';
import type { Planning } from './planning.js';
import { refuse } from './problem.js';
import { flag, integer, items, member, requiredText, type Section, section, sections, word } from './properties.js';

export function planEventSource({ own, common, stack }: Planning): readonly [PlannedEventSource] | null {
  const called = calledArn(requiredText(own, 'FunctionName'), stack.place);
  const settings = eventSourceSettings(own, requiredText(own, 'EventSourceArn'), called);
  return settings === null ? null : [{ ...common, kind: 'eventSource', arn: settings.name, settings }];
}

const calledArn = (name: string, place: Place): string => (name.startsWith('arn:') ? name : functionArn(place, name));

/** What the members above say of the mapping of this queue to this function; null when it is refused. */
export function eventSourceSettings(
  own: Section,
  sourceArn: string,
  called: string,
): PlannedEventSource['settings'] | null {
  try {
    checkSourceArn(sourceArn);
  } catch (fault) {
    if (!(fault instanceof EventSourceFault)) throw fault;
    refuse(own.findings, own.at, fault.message, 'unsupported');
    return null;
  }
  const isStream = isStreamArn(sourceArn);
  const types = items(own, 'FunctionResponseTypes').map((item) => (item.kind === 'scalar' ? item.text : ''));
  const other = types.find((type) => type !== 'ReportBatchItemFailures');
  if (other !== undefined) {
    const at = member(own, 'FunctionResponseTypes')?.at ?? own.at;
    refuse(own.findings, at, `Expected FunctionResponseTypes to hold ReportBatchItemFailures, but found '${other}'.`);
  }
  const scaling = member(own, 'ScalingConfig') === null ? null : section(own, 'ScalingConfig');
  const criteria = member(own, 'FilterCriteria') === null ? null : section(own, 'FilterCriteria');
  const filters = criteria === null ? [] : sections(criteria, 'Filters');
  return {
    name: `${sourceArn} ${called}`,
    sourceArn,
    functionArn: called,
    batchSize:
      integer(own, 'BatchSize', { min: 1, max: 10_000 }) ??
      (isStream ? STREAM_BATCH_DEFAULT : DEFAULT_SETTINGS.batchSize),
    windowSeconds:
      integer(own, 'MaximumBatchingWindowInSeconds', { min: 0, max: 300 }) ?? DEFAULT_SETTINGS.windowSeconds,
    isEnabled: flag(own, 'Enabled') ?? DEFAULT_SETTINGS.isEnabled,
    reportsItemFailures: types.length > 0,
    concurrencyMax: scaling === null ? null : integer(scaling, 'MaximumConcurrency', { min: 2, max: 1000 }),
    filters: filters.flatMap((filter) => {
      const pattern = member(filter, 'Pattern');
      return pattern === null ? [] : [jsonText(pattern)];
    }),
    ...streamSettings(own, isStream),
  };
}

type StreamSettings = Pick<
  PlannedEventSource['settings'],
  'bisects' | 'recordAgeSecondsMax' | 'retriesMax' | 'startingPosition'
>;

function streamSettings(own: Section, isStream: boolean): StreamSettings {
  const startingPosition = word(own, 'StartingPosition', ['TRIM_HORIZON', 'LATEST']);
  if (isStream && startingPosition === null) {
    refuse(own.findings, own.at, "Expected a StartingPosition, since a table's stream is read, but it is missing.");
  }
  return {
    startingPosition,
    retriesMax: integer(own, 'MaximumRetryAttempts', { min: -1, max: 10_000 }) ?? DEFAULT_SETTINGS.retriesMax,
    recordAgeSecondsMax:
      integer(own, 'MaximumRecordAgeInSeconds', { min: -1, max: 604_800 }) ?? DEFAULT_SETTINGS.recordAgeSecondsMax,
    bisects: flag(own, 'BisectBatchOnFunctionError') ?? DEFAULT_SETTINGS.bisects,
  };
}
