import type { ExecutionStatus, StimulusBody } from '../../interpreter/index.js';
import type { AwaitedTask } from './awaited-task.js';
import { type Duration, durationMs } from './duration.js';
import { failureOf, payloadOf } from './mock-answer.js';
import type { Scenario } from './scenario.js';
import { ScenarioError } from './scenario-error.js';
import { readToken } from './task-call.js';
import { TestedExecution } from './tested-execution.js';

/** What an execution waits for. */
export interface Waiting {
  readonly for: 'task' | 'time' | 'retry';
  /** The state's path with the indexes of its iterations: `Each[1]/Ask`. */
  readonly state: string;
  /** When virtual time ends the wait: a Wait state, a retry, the earliest time-out of a task. Null: only an answer does. */
  readonly until: Date | null;
}

/**
 * An execution under way. Virtual time stands, but in `waitFor`, `advance` and `result`. Tasks with a token, and
 * activities, that have no mock wait until the test answers them.
 */
export class ExecutionHandle<Output = unknown> {
  readonly #scenario: Scenario;

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
  }

  get status(): ExecutionStatus {
    return this.#scenario.execution.status;
  }

  /** Virtual time. */
  get now(): Date {
    return new Date(this.#scenario.clock.now());
  }

  /** Every state in the order entered, so far. */
  get visited(): readonly string[] {
    return this.#scenario.itinerary.transitions.map(({ to }) => to);
  }

  /** Every call of a Task so far; a call's token is what `sendTaskSuccess` takes. */
  get calls(): TestedExecution['calls'] {
    return this.#scenario.calls;
  }

  /** What it waits for now; empty at its end. */
  get waiting(): readonly Waiting[] {
    const { execution, itinerary } = this.#scenario;
    return [...execution.frames.values()].flatMap(({ id, awaits }): Waiting[] => {
      const state = itinerary.placeOf(id).text;
      if (awaits === null || awaits.type === 'children' || execution.status !== 'RUNNING') return [];
      if (awaits.type === 'retry') return [{ for: 'retry', state, until: new Date(awaits.dueAt) }];
      if (awaits.type === 'timer') return [{ for: 'time', state, until: new Date(awaits.dueAt) }];
      const dueAts = [awaits.dueAt, awaits.heartbeatDueAt].filter((dueAt) => dueAt !== null);
      return [{ for: 'task', state, until: dueAts.length === 0 ? null : new Date(Math.min(...dueAts)) }];
    });
  }

  /**
   * Lets virtual time pass until the execution waits in the state (a Task, a Wait, a retry) or, for a state that never
   * waits, has been there. Rejects when the execution ends before.
   */
  async waitFor(path: string): Promise<void> {
    return this.#guarded(async () => {
      const { isAt, isPassing, text } = this.#target(path);
      const isThere = () =>
        isPassing ? this.visited.some((state) => isAt(state)) : this.waiting.some(({ state }) => isAt(state));
      while (!isThere()) {
        if (await this.#scenario.step()) continue;
        if (isThere()) return;
        const now = this.status === 'RUNNING' ? this.#waitingText() : `it is ${new TestedExecution(this.#scenario)}`;
        throw new ScenarioError(`Expected the execution to come to '${text}', but ${now}`);
      }
    });
  }

  /** Answers a task that waits, by its token or its state's path. `output` is any JSON value. */
  sendTaskSuccess(task: string, output: unknown = {}): Promise<void> {
    const result = (): StimulusBody => ({
      type: 'TaskSucceeded',
      task: this.#task(task).seq,
      output: payloadOf(output, 'the output'),
    });
    return this.#send(result);
  }

  /** Fails a task that waits, by its token or its state's path. A cause that is no text becomes JSON. */
  sendTaskFailure(task: string, failure: { readonly error?: string; readonly cause?: unknown } = {}): Promise<void> {
    const { error, cause } = failure;
    return this.#send(() => {
      const details = error === undefined ? {} : failureOf({ error, cause }, 'the failure');
      return { type: 'TaskFailed', task: this.#task(task).seq, phase: 'call', ...details };
    });
  }

  /** Puts off the heartbeat's time-out of a task that waits. */
  sendTaskHeartbeat(task: string): Promise<void> {
    return this.#guarded(async () => this.#task(task).beat(this.#scenario.clock.now()));
  }

  /** Lets so much virtual time pass; everything due meanwhile happens in its order. */
  async advance(duration: Duration): Promise<void> {
    return this.#guarded(async () => {
      const { clock } = this.#scenario;
      const until = clock.now() + durationMs(duration, 'what time advances by');
      await this.#scenario.settle();
      while (clock.nextAt !== null && clock.nextAt <= until && (await this.#scenario.step()));
      clock.goTo(until);
    });
  }

  /** As StopExecution. */
  stop(why: { readonly error?: string; readonly cause?: string } = {}): Promise<void> {
    return this.#send(() => ({ type: 'StopExecution', ...why }));
  }

  /** Lets virtual time pass until the end. Rejects when nothing that is left to wait for will ever come. */
  async result(): Promise<TestedExecution<Output>> {
    return this.#guarded(async () => {
      while (await this.#scenario.step());
      if (!this.#scenario.isRunning) return new TestedExecution<Output>(this.#scenario);
      throw new ScenarioError(`Expected the execution to come to an end, but ${this.#waitingText()}`);
    });
  }

  #waitingText(): string {
    const waits = this.waiting.map(({ state }) => `'${state}'`).join(', ');
    return `it waits for ever in ${waits}: answer it (sendTaskSuccess, or a mock with a result), or give the state a TimeoutSeconds.`;
  }

  #send(body: () => StimulusBody): Promise<void> {
    return this.#guarded(async () => {
      if (!this.#scenario.isRunning) throw new ScenarioError(`Expected a running execution, but it is ${this.status}.`);
      this.#scenario.post(body());
      await this.#scenario.settle();
    });
  }

  #target(path: string): {
    readonly text: string;
    readonly isPassing: boolean;
    readonly isAt: (state: string) => boolean;
  } {
    const { paths } = this.#scenario.options;
    const { text, state, pattern, isAt } = paths.reference(path, 'what to wait for');
    const isPassing = !['Task', 'Wait', 'Map', 'Parallel'].includes(state.type);
    const isContainer = state.type === 'Map' || state.type === 'Parallel';
    const matches = (place: string): boolean => {
      const match = pattern.exec(place);
      return match !== null && isAt(match.slice(1).map(Number));
    };
    return { text, isPassing: isPassing || isContainer, isAt: matches };
  }

  #task(where: string): AwaitedTask {
    const { tasks, execution, options } = this.#scenario;
    const token = readToken(where);
    if (token !== null && token.executionArn === execution.identity.arn) {
      const task = tasks.get(token.task);
      if (task !== undefined) return task;
      throw new ScenarioError(
        `Expected the token of a task that waits, but the task has been answered or has timed out (token ${where}).`,
      );
    }
    const { text, isAt } = options.paths.reference(where, 'the task to answer');
    const found = [...tasks.values()].filter(({ place }) => place.path === text && isAt(place.iteration));
    const [task, other] = found;
    if (task !== undefined && other === undefined) return task;
    const places = [...(found.length > 0 ? found : tasks.values())].map(({ place }) => `'${place.text}'`).join(', ');
    if (task === undefined) {
      throw new ScenarioError(
        `Expected a task to wait in '${where}', but ${places === '' ? 'none waits' : `only ${places} waits`}.`,
      );
    }
    throw new ScenarioError(
      `Expected one task to wait in '${where}', but there are ${found.length}: ${places}. Name one of them.`,
    );
  }

  /** What rejects a test says with which seed it comes again. */
  async #guarded<Value>(act: () => Promise<Value>): Promise<Value> {
    try {
      return await act();
    } catch (fault) {
      const seed = `seed ${this.#scenario.options.seed}`;
      if (!(fault instanceof ScenarioError) || fault.message.includes(seed)) throw fault;
      throw new ScenarioError(`${fault.message.trimEnd()} (${seed})`);
    }
  }
}
