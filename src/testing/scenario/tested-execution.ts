import { historyEvent } from '../../api/states/history-event.js';
import { type ExecutionStatus, explain } from '../../interpreter/index.js';
import type { Transition } from './itinerary.js';
import type { MockCall } from './mock.js';
import type { Scenario } from './scenario.js';
import { ScenarioError } from './scenario-error.js';

/** An event as GetExecutionHistory gives it, in the shape of the AWS SDK for JavaScript. */
export interface HistoryEvent {
  readonly timestamp: Date;
  readonly type: string;
  readonly id: number;
  readonly previousEventId: number;
  /** `taskScheduledEventDetails`, `stateEnteredEventDetails`, … by type. */
  readonly [details: `${string}EventDetails`]: Readonly<Record<string, unknown>> | undefined;
}

/** An execution that has come to its end, with everything that happened. */
export class TestedExecution<Output = unknown> {
  readonly arn: string;
  readonly name: string;
  readonly status: Exclude<ExecutionStatus, 'RUNNING'>;
  /** Undefined unless it succeeded. */
  readonly output: Output | undefined;
  /** The output's JSON text, with every digit of its numbers. */
  readonly outputText: string | undefined;
  /** Undefined unless it failed, timed out or was stopped. */
  readonly error: string | undefined;
  readonly cause: string | undefined;
  readonly startDate: Date;
  readonly stopDate: Date;
  /** Virtual time from start to end. */
  readonly durationMs: number;
  /** Every state in the order entered, with the indexes of its iterations: `Check Order`, `Reserve Stock[0]/Reserve Item`. */
  readonly visited: readonly string[];
  /** Every entry into a state, with the state before it: as many as AWS bills, retries excepted. */
  readonly transitions: readonly Transition[];
  /** Every call of a Task, retries too, in order. */
  readonly calls: readonly MockCall[];
  /** Keys of mocks that no call has asked for. */
  readonly unusedMocks: readonly string[];
  readonly seed: number;
  readonly #scenario: Scenario;
  #history: readonly HistoryEvent[] | null = null;

  constructor(scenario: Scenario) {
    const { main, options, transitions, calls } = scenario;
    const { execution } = main;
    if (execution.status === 'RUNNING') throw new Error('Broken invariant: the execution is running');
    this.#scenario = scenario;
    this.arn = options.identity.arn;
    this.name = options.identity.name;
    this.status = execution.status;
    this.outputText = execution.output?.text;
    this.output = this.outputText === undefined ? undefined : (JSON.parse(this.outputText) as Output); // the test says what it is
    this.error = execution.failure?.error;
    this.cause = execution.failure?.cause;
    this.startDate = new Date(execution.startedAt);
    this.stopDate = new Date(execution.at);
    this.durationMs = execution.at - execution.startedAt;
    this.transitions = transitions;
    this.visited = transitions.map(({ to }) => to);
    this.calls = calls;
    this.unusedMocks = options.mocks.unused;
    this.seed = options.seed;
  }

  /** One sentence: which state and which value decided that it ended so. */
  get explanation(): string {
    const { main, options } = this.#scenario;
    return explain(options.definition, options.identity, main.records).sentence;
  }

  /** Objects by `bucket/key` as texts: those given, and what ResultWriters have made. */
  get objects(): Readonly<Record<string, string>> {
    return this.#scenario.objects.all;
  }

  /** All events, numbered and worded as on AWS. */
  get history(): readonly HistoryEvent[] {
    this.#history ??= this.#scenario.main.records.flatMap((record) => {
      const event = historyEvent(record, { includeExecutionData: true });
      return event === null ? [] : [{ ...event, timestamp: new Date(record.at) } as HistoryEvent]; // its type says `unknown`
    });
    return this.#history;
  }

  /** Calls of one Task, by its path or its name; of one iteration where the path has an index. */
  callsOf(path: string): readonly MockCall[] {
    const { text, isAt } = this.#scenario.options.paths.reference(path, 'a call');
    return this.calls.filter((call) => call.path === text && isAt(call.iteration));
  }

  /** The output. Throws what happened instead, with the seed, when the execution did not succeed. */
  assertSucceeded(): Output {
    if (this.status === 'SUCCEEDED') return this.output as Output; // it has one
    throw new ScenarioError(`Expected the execution to succeed, but it is ${this.toString()}`);
  }

  /** Error and cause. Throws what happened instead unless the execution failed (with `error`, where given). */
  assertFailed(error?: string): { readonly error: string | undefined; readonly cause: string | undefined } {
    const isExpected = this.status === 'FAILED' && (error === undefined || error === this.error);
    if (isExpected) return { error: this.error, cause: this.cause };
    throw new ScenarioError(
      `Expected the execution to fail${error === undefined ? '' : ` with '${error}'`}, but it is ${this.toString()}`,
    );
  }

  /** Status, reason, way and seed, for people. */
  toString(): string {
    const end =
      this.status === 'SUCCEEDED' ? `${this.status}: ${this.outputText}` : `${this.status}: ${this.explanation}`;
    return `${end}\n  cause    ${this.cause ?? 'none'}\n  visited  ${shownPath(this.visited)}\n  duration ${this.durationMs} ms, seed ${this.seed}`;
  }
}

const STATES_SHOWN_MAX = 50;

const shownPath = (visited: readonly string[]): string =>
  visited.length <= STATES_SHOWN_MAX ? visited.join(' → ') : `… → ${visited.slice(-STATES_SHOWN_MAX).join(' → ')}`;
