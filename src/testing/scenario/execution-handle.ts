import type { ExecutionStatus, StimulusBody } from '../../interpreter/index.js';
import { type Duration, durationMs } from './duration.js';
import type { HostedExecution } from './hosted-execution.js';
import { failureOf, payloadOf } from './mock-answer.js';
import type { Scenario, WaitingTask } from './scenario.js';
import { ScenarioError } from './scenario-error.js';
import { readToken } from './task-token.js';
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
    return this.#scenario.status;
  }

  /** Virtual time. */
  get now(): Date {
    return new Date(this.#scenario.clock.now());
  }

  /** Every state in the order entered, so far. */
  get visited(): readonly string[] {
    return this.#scenario.transitions.map(({ to }) => to);
  }

  /** Every call of a Task so far; a call's token is what `sendTaskSuccess` takes. */
  get calls(): TestedExecution['calls'] {
    return this.#scenario.calls;
  }

  /** What it waits for now; empty at its end. */
  get waiting(): readonly Waiting[] {
    return [...this.#scenario.executions].flatMap(waitsOf);
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
    return this.#send(() => {
      const waiting = this.#task(task);
      const body = { type: 'TaskSucceeded', task: waiting.task.seq, output: payloadOf(output, 'the output') } as const;
      return { to: waiting.in, body };
    });
  }

  /** Fails a task that waits, by its token or its state's path. A cause that is no text becomes JSON. */
  sendTaskFailure(task: string, failure: { readonly error?: string; readonly cause?: unknown } = {}): Promise<void> {
    return this.#send(() => {
      const waiting = this.#task(task);
      const { error, cause } = failure;
      const details = error === undefined ? {} : failureOf({ error, cause }, 'the failure');
      return { to: waiting.in, body: { type: 'TaskFailed', task: waiting.task.seq, phase: 'call', ...details } };
    });
  }

  /** Puts off the heartbeat's time-out of a task that waits. */
  sendTaskHeartbeat(task: string): Promise<void> {
    return this.#guarded(async () => this.#task(task).task.beat(this.#scenario.clock.now()));
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
    return this.#send(() => ({ to: this.#scenario.main, body: { type: 'StopExecution', ...why } }));
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

  #send(answer: () => { readonly to: HostedExecution; readonly body: StimulusBody }): Promise<void> {
    return this.#guarded(async () => {
      if (!this.#scenario.isRunning) throw new ScenarioError(`Expected a running execution, but it is ${this.status}.`);
      const { to, body } = answer();
      this.#scenario.post(to, body);
      await this.#scenario.settle();
    });
  }

  #target(path: string): {
    readonly text: string;
    readonly isPassing: boolean;
    readonly isAt: (state: string) => boolean;
  } {
    const { paths } = this.#scenario;
    const { text, state, pattern, isAt } = paths.reference(path, 'what to wait for');
    const isPassing = !['Task', 'Wait', 'Map', 'Parallel'].includes(state.type);
    const isContainer = state.type === 'Map' || state.type === 'Parallel';
    const matches = (position: string): boolean => {
      const match = pattern.exec(position);
      return match !== null && isAt(match.slice(1).map(Number));
    };
    return { text, isPassing: isPassing || isContainer, isAt: matches };
  }

  #task(where: string): WaitingTask {
    const { waitingTasks, paths } = this.#scenario;
    const token = readToken(where);
    if (token !== null) {
      const named = waitingTasks.find(
        (one) => one.task.seq === token.task && one.in.execution.identity.arn === token.executionArn,
      );
      if (named !== undefined) return named;
      throw new ScenarioError(
        `Expected the token of a task that waits, but the task has been answered or has timed out (token ${where}).`,
      );
    }
    const { text, isAt } = paths.reference(where, 'the task to answer');
    const found = waitingTasks.filter(({ task }) => task.position.path === text && isAt(task.position.iteration));
    const [only, other] = found;
    if (only !== undefined && other === undefined) return only;
    const shown = (tasks: readonly WaitingTask[]) => tasks.map(({ task }) => `'${task.position.text}'`).join(', ');
    if (only === undefined) {
      const waits = waitingTasks.length === 0 ? 'none waits' : `only ${shown(waitingTasks)} waits`;
      throw new ScenarioError(`Expected a task to wait in '${where}', but ${waits}.`);
    }
    throw new ScenarioError(
      `Expected one task to wait in '${where}', but there are ${found.length}: ${shown(found)}. Name one of them.`,
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

function waitsOf({ execution, itinerary }: HostedExecution): readonly Waiting[] {
  if (execution.status !== 'RUNNING') return [];
  return [...execution.frames.values()].flatMap(({ id, awaits }): readonly Waiting[] => {
    if (awaits === null) return [];
    const state = itinerary.positionOf(id).text;
    switch (awaits.type) {
      case 'children':
      case 'redrive':
      case 'mapRun':
        return [];
      case 'retry':
        return [{ for: 'retry', state, until: new Date(awaits.dueAt) }];
      case 'timer':
        return [{ for: 'time', state, until: new Date(awaits.dueAt) }];
      case 'task': {
        const dueAts = [awaits.dueAt, awaits.heartbeatDueAt].filter((dueAt) => dueAt !== null);
        return [{ for: 'task', state, until: dueAts.length === 0 ? null : new Date(Math.min(...dueAts)) }];
      }
      default:
        return awaits satisfies never;
    }
  });
}
