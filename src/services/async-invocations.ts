import { ASYNC_AGE_SECONDS_MAX, ASYNC_RETRY_DELAYS_MS } from '../limits.js';
import type { RecordStore } from '../store/ports.js';
import { type Delivery, type DeliveryOutcome, DeliveryQueue } from './delivery-queue.js';
import { type InvocationOutcome, outcomeRecord } from './invocation-outcome.js';
import { Performed } from './performed.js';
import type { Clock, Invocation, InvocationResult, Invoker, Targets } from './ports.js';

export interface AsyncInvocationsOptions {
  readonly records: Pick<RecordStore, 'get' | 'scan' | 'write'>;
  readonly invoker: Invoker;
  readonly clock: Clock;
  /** Waiting times before the second and third attempt; AWS's (one and two minutes) when missing. */
  readonly retryDelaysMs?: readonly number[];
  /** What was set for the function; AWS's defaults when missing or null. */
  readonly settingsOf?: (functionName: string) => EventSettings | null;
  /** For the destinations of outcomes, and dead letters. */
  readonly targets?: () => Targets;
  /** Hears of events that were given up. */
  readonly report: (line: string) => void;
}

/** Null members mean AWS's default. */
export interface EventSettings {
  readonly retriesMax: number | null;
  readonly ageSecondsMax: number | null;
  /** ARNs. */
  readonly onSuccess: string | null;
  readonly onFailure: string | null;
  /** Of a queue or topic. */
  readonly deadLetterArn: string | null;
}

type Outcome = Omit<InvocationOutcome, 'at'>;

/** AWS: the first kilobyte of the message. */
const ERROR_MESSAGE_BYTES_MAX = 1024;

/** What a dead letter says of the error: a status, and the message of what the function threw. */
function errorAttributes(
  condition: Outcome['condition'],
  answer: InvocationResult | null,
): Readonly<Record<string, string | number>> {
  if (answer === null) return { ErrorCode: 408, ErrorMessage: condition };
  if (answer.type === 'refused') return { ErrorCode: answer.status, ErrorMessage: shortened(answer.message) };
  const { errorMessage }: { readonly errorMessage?: unknown } =
    answer.type === 'failed' ? (JSON.parse(answer.payload) ?? {}) : {};
  const text = typeof errorMessage === 'string' && errorMessage !== '' ? errorMessage : condition;
  return { ErrorCode: 200, ErrorMessage: shortened(text) };
}

const shortened = (text: string): string =>
  new TextDecoder().decode(Buffer.from(text).subarray(0, ERROR_MESSAGE_BYTES_MAX)).replace(/\ufffd+$/, '');

/** Lambda's asynchronous invocations: accepted events survive restarts, and a function that fails gets two more tries. */
export class AsyncInvocations {
  readonly #queue: DeliveryQueue;
  readonly #performed: Performed;
  #order = 0;

  constructor(private readonly options: AsyncInvocationsOptions) {
    const { records, clock, report } = options;
    this.#performed = new Performed(records, clock, 'lambda.performed');
    this.#queue = new DeliveryQueue({
      records,
      clock,
      collection: 'lambda.events',
      perform: (delivery) => this.#perform(delivery),
      retryDelaysMs: options.retryDelaysMs ?? ASYNC_RETRY_DELAYS_MS,
      report,
    });
  }

  /** Takes up the events that an earlier process left. */
  async start(): Promise<void> {
    this.#performed.start(this.options.report);
    await this.#queue.start();
  }

  /** Waits a moment for the invocations under way; those that last longer are repeated after the next start. */
  async close(): Promise<void> {
    this.#performed.stop();
    await this.#queue.close();
  }

  /** Resolves when every event that can be handed over now has been. */
  idle(): Promise<void> {
    return this.#queue.idle();
  }

  /** The event is durable when it resolves. With a `key` it is accepted once. */
  async enqueue(invocation: Invocation, options: { readonly key?: string } = {}): Promise<void> {
    this.#order = (this.#order + 1) % 1_000_000;
    const at = String(this.options.clock.now()).padStart(13, '0');
    const key = `${at}.${String(this.#order).padStart(6, '0')}.${invocation.requestId}`;
    const payload = JSON.stringify(invocation);
    const once = await this.#performed.once(options.key, '', [this.#queue.writeFor(key, payload)]);
    if (!once.isRepeated) this.#queue.accept(key, payload);
  }

  async #perform({ key, payload, attempt }: Delivery): Promise<DeliveryOutcome> {
    const invocation = JSON.parse(payload) as Invocation; // our own text
    const settings = this.options.settingsOf?.(invocation.functionName) ?? null;
    const ageMs = this.options.clock.now() - Number(key.slice(0, 13));
    if (ageMs > (settings?.ageSecondsMax ?? ASYNC_AGE_SECONDS_MAX) * 1000) {
      await this.#giveUp(settings, {
        invocation,
        condition: 'EventAgeExceeded',
        attempts: attempt - 1,
        answer: null,
      });
      return { type: 'hopeless', reason: `event ${invocation.requestId} of ${invocation.functionName}: it is too old` };
    }
    const answer = await this.options.invoker.invoke(invocation);
    if (answer.type === 'succeeded') {
      await this.#tell(settings?.onSuccess, { invocation, condition: 'Success', attempts: attempt, answer });
      return { type: 'done' };
    }
    const why = answer.type === 'failed' ? answer.payload.slice(0, 500) : `${answer.code}: ${answer.message}`;
    const reason = `event ${invocation.requestId} of ${invocation.functionName}: ${why}`;
    const isMissing = answer.type === 'refused' && answer.code === 'ResourceNotFoundException';
    const { retryDelaysMs = ASYNC_RETRY_DELAYS_MS } = this.options;
    const isLast = isMissing || attempt > Math.min(settings?.retriesMax ?? retryDelaysMs.length, retryDelaysMs.length);
    if (!isLast) return { type: 'failed', reason };
    await this.#giveUp(settings, { invocation, condition: 'RetriesExhausted', attempts: attempt, answer });
    return { type: 'hopeless', reason };
  }

  /** The destination of failures hears of it, and the dead-letter queue gets the event as it was. */
  async #giveUp(settings: EventSettings | null, outcome: Outcome): Promise<void> {
    await this.#tell(settings?.onFailure, outcome);
    const { invocation, condition, answer } = outcome;
    const { requestId, event } = invocation;
    if (settings?.deadLetterArn == null) return;
    const letter = {
      ...{ arn: settings.deadLetterArn, body: event, key: `${requestId}-dead` },
      attributes: { RequestID: requestId, ...errorAttributes(condition, answer) },
    };
    try {
      const sent = await this.options.targets?.().giveUp(letter);
      if (sent !== undefined && sent.type !== 'done') throw new Error(sent.message);
    } catch (fault) {
      this.options.report(`Event ${requestId} could not be sent to ${settings.deadLetterArn}: ${fault}`);
    }
  }

  /** A destination that takes nothing is reported; the event is not tried again for it, as on AWS. */
  async #tell(destination: string | null | undefined, outcome: Outcome): Promise<void> {
    if (destination === null || destination === undefined) return;
    const { requestId, functionName } = outcome.invocation;
    const input = outcomeRecord({ ...outcome, at: this.options.clock.now() });
    const result = outcome.condition === 'Success' ? 'Success' : 'Failure';
    const event = {
      source: 'lambda',
      detailType: `Lambda Function Invocation Result - ${result}`,
      resources: [functionName, destination],
    };
    const call = { arn: destination, input, key: `${requestId}-${outcome.condition}`, messageGroupId: null, event };
    try {
      const sent = await this.options.targets?.().send(call);
      if (sent !== undefined && sent.type !== 'done') throw new Error(sent.message);
    } catch (fault) {
      this.options.report(`The outcome of event ${requestId} could not be sent to ${destination}: ${fault}`);
    }
  }
}
