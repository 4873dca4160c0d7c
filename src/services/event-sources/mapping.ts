import { parseArn } from '../../arn.js';
import {
  EVENT_SOURCE_BATCH_MAX,
  EVENT_SOURCE_CONCURRENCY_MAX,
  EVENT_SOURCE_FILTERS_MAX,
  EVENT_SOURCE_WINDOW_SECONDS_MAX,
  QUEUE_BATCH_MAX,
} from '../../limits.js';
import { invalidMapping } from './fault.js';

/** What may be changed of a mapping. */
export interface MappingSettings {
  /** With the qualifier, if there is one. */
  readonly functionArn: string;
  readonly batchSize: number;
  /** How long messages are collected for one batch; 0 takes what is there. */
  readonly windowSeconds: number;
  /** ReportBatchItemFailures: the function says which messages it has not dealt with. */
  readonly reportsItemFailures: boolean;
  readonly isEnabled: boolean;
  /** Batches at once; null means the default. */
  readonly concurrencyMax: number | null;
  /** Event patterns; messages that match none of them are deleted. Without any, all are given. */
  readonly filters: readonly string[];
  /** Of streams: where reading begins. */
  readonly startingPosition: 'TRIM_HORIZON' | 'LATEST' | null;
  /** Of streams: how often a batch is given again; -1 means until it is too old. */
  readonly retriesMax: number;
  /** Of streams: older changes are not given again; -1 means a day, as long as the stream keeps them. */
  readonly recordAgeSecondsMax: number;
  /** Of streams: a batch that failed is given again in halves. */
  readonly bisects: boolean;
}

/** A queue or a table's stream of which a function gets the messages or changes; stored as JSON. */
export interface EventSourceMapping extends MappingSettings {
  readonly uuid: string;
  readonly sourceArn: string;
  /** Epoch milliseconds. */
  readonly lastModifiedAt: number;
}

export const DEFAULT_SETTINGS: Omit<MappingSettings, 'functionArn'> = {
  batchSize: 10,
  windowSeconds: 0,
  reportsItemFailures: false,
  isEnabled: true,
  concurrencyMax: null,
  filters: [],
  startingPosition: null,
  retriesMax: -1,
  recordAgeSecondsMax: -1,
  bisects: false,
};

/** AWS: changes of a batch, unless said otherwise. */
export const STREAM_BATCH_DEFAULT = 100;

export const isStreamArn = (arn: string): boolean => {
  const parsed = parseArn(arn);
  return parsed?.service === 'dynamodb' && /^table\/[^/]+\/stream\/.+$/.test(parsed.resource);
};

/** Throws EventSourceFault for what AWS refuses. */
export function checkStreamSettings(settings: MappingSettings): void {
  const { batchSize, windowSeconds, filters, startingPosition, retriesMax, recordAgeSecondsMax } = settings;
  checkRange('batchSize', batchSize, 1, EVENT_SOURCE_BATCH_MAX);
  checkRange('maximumBatchingWindowInSeconds', windowSeconds, 0, EVENT_SOURCE_WINDOW_SECONDS_MAX);
  checkRange('maximumRetryAttempts', retriesMax, -1, EVENT_SOURCE_RETRIES_MAX);
  if (recordAgeSecondsMax !== -1)
    checkRange('maximumRecordAgeInSeconds', recordAgeSecondsMax, 60, EVENT_SOURCE_AGE_SECONDS_MAX);
  if (startingPosition === null) {
    throw invalidMapping(
      "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: Member must not be null.",
    );
  }
  if (settings.concurrencyMax !== null)
    throw invalidMapping('ScalingConfig is only for queues: a stream is read in order.');
  checkFilters(filters);
}

function checkFilters(filters: readonly string[]): void {
  if (filters.length <= EVENT_SOURCE_FILTERS_MAX) return;
  throw invalidMapping(`Expected at most ${EVENT_SOURCE_FILTERS_MAX} filters, but there are ${filters.length}.`);
}

/** AWS: of streams. */
const EVENT_SOURCE_RETRIES_MAX = 10_000;
const EVENT_SOURCE_AGE_SECONDS_MAX = 604_800;

export interface MappedQueue {
  readonly visibilitySeconds: number;
  readonly isFifo: boolean;
}

/** Throws EventSourceFault for what AWS refuses. */
export function checkSettings(
  settings: MappingSettings,
  queue: MappedQueue,
  called: { readonly timeoutSeconds: number },
): void {
  const { batchSize, windowSeconds, concurrencyMax, filters } = settings;
  checkRange('batchSize', batchSize, 1, EVENT_SOURCE_BATCH_MAX);
  checkRange('maximumBatchingWindowInSeconds', windowSeconds, 0, EVENT_SOURCE_WINDOW_SECONDS_MAX);
  if (concurrencyMax !== null) {
    checkRange('scalingConfig.maximumConcurrency', concurrencyMax, 2, EVENT_SOURCE_CONCURRENCY_MAX);
  }
  checkFilters(filters);
  if (
    settings.startingPosition !== null ||
    settings.retriesMax !== -1 ||
    settings.recordAgeSecondsMax !== -1 ||
    settings.bisects
  ) {
    throw invalidMapping(
      'StartingPosition, retries, age and bisecting are only for streams: a queue has a redrive policy.',
    );
  }
  if (queue.isFifo && (batchSize > QUEUE_BATCH_MAX || windowSeconds > 0)) {
    throw invalidMapping(
      `Expected a batch size of at most ${QUEUE_BATCH_MAX} and no batching window for a FIFO queue, ` +
        `but got ${batchSize} and ${windowSeconds} seconds.`,
    );
  }
  if (batchSize > QUEUE_BATCH_MAX && windowSeconds === 0) {
    throw invalidMapping(
      'Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10',
    );
  }
  if (queue.visibilitySeconds < called.timeoutSeconds) {
    throw invalidMapping(
      `Queue visibility timeout: ${queue.visibilitySeconds} seconds is less than Function timeout: ${called.timeoutSeconds} seconds`,
    );
  }
}

function checkRange(member: string, value: number, min: number, max: number): void {
  if (Number.isInteger(value) && value >= min && value <= max) return;
  const rule = value > max ? `have value less than or equal to ${max}` : `have value greater than or equal to ${min}`;
  throw invalidMapping(
    `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: Member must ${rule}`,
  );
}

/** Throws EventSourceFault for what is neither. */
export function checkSourceArn(arn: string): void {
  const service = parseArn(arn)?.service;
  if (service === 'sqs' || isStreamArn(arn)) return;
  throw invalidMapping(
    service === undefined
      ? `Expected EventSourceArn to be the ARN of a queue or of a table's stream, but got '${arn.slice(0, 200)}'.`
      : `Expected EventSourceArn to be the ARN of a queue or of a table's stream, but got one of '${service}': other event sources are not read here yet.`,
  );
}
