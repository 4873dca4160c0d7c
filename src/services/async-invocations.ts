import { ASYNC_RETRY_DELAYS_MS } from '../limits.js';
import type { RecordStore } from '../store/ports.js';
import { type DeliveryOutcome, DeliveryQueue } from './delivery-queue.js';
import { Performed } from './performed.js';
import type { Clock, Invocation, Invoker } from './ports.js';

export interface AsyncInvocationsOptions {
  readonly records: Pick<RecordStore, 'get' | 'scan' | 'write'>;
  readonly invoker: Invoker;
  readonly clock: Clock;
  /** Waiting times before the second and third attempt; AWS's (one and two minutes) when missing. */
  readonly retryDelaysMs?: readonly number[];
  /** Hears of events that were given up. */
  readonly report: (line: string) => void;
}

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
      perform: ({ payload }) => this.#perform(payload),
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

  async #perform(payload: string): Promise<DeliveryOutcome> {
    const invocation = JSON.parse(payload) as Invocation; // our own text
    const answer = await this.options.invoker.invoke(invocation);
    if (answer.type === 'succeeded') return { type: 'done' };
    const why = answer.type === 'failed' ? answer.payload.slice(0, 500) : `${answer.code}: ${answer.message}`;
    const reason = `event ${invocation.requestId} of ${invocation.functionName}: ${why}`;
    const isMissing = answer.type === 'refused' && answer.code === 'ResourceNotFoundException';
    return { type: isMissing ? 'hopeless' : 'failed', reason };
  }
}
