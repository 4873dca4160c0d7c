import { TARGET_RETRIES_MAX, TARGET_RETRY_DELAY_MS_MAX, TARGET_RETRY_DELAY_MS_MIN } from '../limits/services.js';
import type { RecordStore, RecordWrite } from '../store/ports.js';
import { type Delivery, type DeliveryOutcome, DeliveryQueue } from './delivery-queue.js';
import type { Clock, TargetCall, TargetOutcome, Targets } from './ports.js';

/** How long a target is tried, and where goes what it did not take. */
export interface DeliveryPolicy {
  /** Attempts after the first one. */
  readonly retriesMax: number;
  readonly ageSecondsMax: number;
  /** ARN of a queue. */
  readonly deadLetterArn: string | null;
}

/** One queued delivery: everything it needs, so that it does not depend on what happens to its rule afterwards. */
export interface TargetDelivery {
  readonly call: TargetCall;
  readonly policy: DeliveryPolicy;
  /** Rule or schedule. */
  readonly sourceArn: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** Deliveries before their transaction. */
export interface PreparedDeliveries {
  /** Belong into the transaction of the cause. */
  readonly writes: readonly RecordWrite[];
  /** They are committed. */
  readonly accept: () => void;
  /** Nobody knows whether they are: the store is asked. */
  readonly lookAgain: () => void;
}

export interface TargetDeliveriesOptions {
  readonly records: Pick<RecordStore, 'get' | 'scan' | 'write'>;
  readonly clock: Clock;
  readonly targets: Targets;
  /** The record collection that holds the deliveries. */
  readonly collection: string;
  /** The attribute of dead letters that names the source: `RULE_ARN`. */
  readonly sourceAttribute: string;
  /** Hears what was given up. */
  readonly report: (line: string) => void;
}

/** Waiting times: doubled up to eight minutes, so that AWS's 185 retries fill its 24 hours. */
const RETRY_DELAYS_MS: readonly number[] = Array.from({ length: TARGET_RETRIES_MAX }, (_, retry) =>
  Math.min(TARGET_RETRY_DELAY_MS_MIN * 2 ** Math.min(retry, 20), TARGET_RETRY_DELAY_MS_MAX),
);

/** Sends to targets at least once, over restarts too; what a target does not take goes to its dead-letter queue. */
export class TargetDeliveries {
  readonly #queue: DeliveryQueue;
  #order = 0;

  constructor(private readonly options: TargetDeliveriesOptions) {
    const { records, clock, collection, report } = options;
    this.#queue = new DeliveryQueue({
      records,
      clock,
      collection,
      perform: (delivery) => this.#perform(delivery),
      retryDelaysMs: RETRY_DELAYS_MS,
      report,
    });
  }

  start(): Promise<void> {
    return this.#queue.start();
  }

  close(): Promise<void> {
    return this.#queue.close();
  }

  /** Resolves when every delivery that can be made now has been made. */
  idle(): Promise<void> {
    return this.#queue.idle();
  }

  prepare(deliveries: readonly TargetDelivery[]): PreparedDeliveries {
    const rows = deliveries.map((delivery) => ({ key: this.#key(delivery), payload: JSON.stringify(delivery) }));
    return {
      writes: rows.map(({ key, payload }) => this.#queue.writeFor(key, payload)),
      accept: () => {
        for (const { key, payload } of rows) this.#queue.accept(key, payload);
      },
      lookAgain: () => this.#queue.lookAgain(),
    };
  }

  /** Deliveries start in the order of their causes. */
  #key({ call, at }: TargetDelivery): string {
    this.#order = (this.#order + 1) % 1_000_000;
    return `${String(at).padStart(13, '0')}.${String(this.#order).padStart(6, '0')}.${call.key}`;
  }

  async #perform({ payload, attempt }: Delivery): Promise<DeliveryOutcome> {
    const delivery = JSON.parse(payload) as TargetDelivery; // our own text
    const outcome = await this.options.targets.send(delivery.call);
    if (outcome.type === 'done') return outcome;
    const exhausted = this.#exhausted(delivery, outcome, attempt);
    if (exhausted === null) return { type: 'failed', reason: reasonOf(delivery, outcome) };
    return this.#giveUp(delivery, outcome, { attempt, exhausted });
  }

  /** Why there is no further attempt, in the words of AWS's dead letters; null when there is one. */
  #exhausted(
    { policy, at }: TargetDelivery,
    outcome: Refusal,
    attempt: number,
  ): 'MaximumRetryAttempts' | 'MaximumEventAgeInSeconds' | 'NonRetryable' | null {
    if (outcome.type === 'refused') return 'NonRetryable';
    if (attempt > policy.retriesMax || attempt > RETRY_DELAYS_MS.length) return 'MaximumRetryAttempts';
    const nextAt = this.options.clock.now() + (RETRY_DELAYS_MS[attempt - 1] ?? 0);
    return nextAt > at + policy.ageSecondsMax * 1000 ? 'MaximumEventAgeInSeconds' : null;
  }

  async #giveUp(
    delivery: TargetDelivery,
    outcome: Refusal,
    { attempt, exhausted }: { readonly attempt: number; readonly exhausted: string },
  ): Promise<DeliveryOutcome> {
    const { call, policy, sourceArn } = delivery;
    const reason = reasonOf(delivery, outcome);
    if (policy.deadLetterArn === null) return { type: 'hopeless', reason };
    const letter = await this.options.targets.giveUp({
      arn: policy.deadLetterArn,
      body: call.input,
      key: `${call.key}-dead`,
      attributes: {
        [this.options.sourceAttribute]: sourceArn,
        TARGET_ARN: call.arn,
        ERROR_CODE: outcome.code,
        ERROR_MESSAGE: outcome.message,
        RETRY_ATTEMPTS: String(attempt - 1),
        ...(exhausted !== 'NonRetryable' && { EXHAUSTED_RETRY_CONDITION: exhausted }),
      },
    });
    if (letter.type === 'done') return letter;
    return { type: 'hopeless', reason: `${reason} The dead-letter queue did not take it either: ${letter.message}` };
  }
}

type Refusal = Exclude<TargetOutcome, { readonly type: 'done' }>;

const reasonOf = ({ call, sourceArn }: TargetDelivery, { code, message }: Refusal): string =>
  `${call.arn} did not take what ${sourceArn} sent: ${code}: ${message}`;
