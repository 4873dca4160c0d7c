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
}

/** A queue whose messages a function gets; stored as JSON. */
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
};

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
  if (filters.length > EVENT_SOURCE_FILTERS_MAX) {
    throw invalidMapping(`Expected at most ${EVENT_SOURCE_FILTERS_MAX} filters, but there are ${filters.length}.`);
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

/** Throws EventSourceFault for what is no queue. */
export function checkSourceArn(arn: string): void {
  const service = parseArn(arn)?.service;
  if (service === 'sqs') return;
  throw invalidMapping(
    service === undefined
      ? `Expected EventSourceArn to be the ARN of a queue, but got '${arn.slice(0, 200)}'.`
      : `Expected EventSourceArn to be the ARN of a queue, but got one of '${service}': other event sources are not read here yet.`,
  );
}
