import type { TaskAnswer } from '../../integrations/port.js';
import {
  type Command,
  decide,
  type Execution,
  type ExecutionIdentity,
  type HistoryRecord,
  newExecution,
  type Policy,
  type RecordType,
  type Seed,
  type Stimulus,
  type StimulusBody,
} from '../../interpreter/index.js';
import type { Definition } from '../../language/index.js';
import { SCENARIO_RECORDS_MAX } from '../../limits.js';
import type { Payload } from '../../payload/index.js';
import { VirtualClock } from '../virtual-clock.js';
import { AwaitedTask } from './awaited-task.js';
import { Itinerary } from './itinerary.js';
import { type FunctionHandlers, LocalFunctions } from './local-functions.js';
import type { MockAnswer, MockCall } from './mock.js';
import { type PreparedAnswer, prepareAnswer } from './mock-answer.js';
import type { MockTable } from './mock-table.js';
import { ScenarioError } from './scenario-error.js';
import { seedsFrom } from './seeds.js';
import type { StatePaths } from './state-paths.js';
import { activityToken, taskCallOf, tokenIn } from './task-call.js';
import { unmockedTask } from './unmocked-task.js';
import { Work } from './work.js';

export interface ScenarioOptions {
  readonly definition: Definition;
  readonly paths: StatePaths;
  readonly identity: ExecutionIdentity;
  readonly policy: Policy;
  readonly input: Payload;
  /** Epoch milliseconds. */
  readonly startAt: number;
  readonly seed: number;
  readonly mocks: MockTable;
  readonly functions: FunctionHandlers;
  /** Whether tasks with a token, and activities, may do without a mock: the test answers them. */
  readonly isAnsweredByTest: boolean;
}

const SCHEDULED: ReadonlySet<RecordType> = new Set(['TaskScheduled', 'LambdaFunctionScheduled', 'ActivityScheduled']);

/** Hosts one execution on a virtual clock: performs its tasks by mocks and handlers, and fires its timers when it is told to. */
export class Scenario {
  readonly clock: VirtualClock;
  readonly execution: Execution;
  readonly records: HistoryRecord[] = [];
  readonly calls: MockCall[] = [];
  readonly itinerary = new Itinerary();
  readonly tasks = new Map<number, AwaitedTask>();
  readonly #inbox: StimulusBody[] = [];
  readonly #timers = new Map<string, () => void>();
  readonly #attempts = new Map<string, number>();
  readonly #functions: LocalFunctions;
  readonly #seeds: () => Seed;
  readonly #work = new Work();

  constructor(readonly options: ScenarioOptions) {
    this.clock = new VirtualClock(options.startAt);
    this.execution = newExecution(options.identity);
    this.#functions = new LocalFunctions(options.functions, this.clock);
    this.#seeds = seedsFrom(options.seed);
    this.post({ type: 'StartExecution', input: options.input });
  }

  get isRunning(): boolean {
    return this.execution.status === 'RUNNING';
  }

  /** Delivered by the next `settle`, in order. */
  post(body: StimulusBody): void {
    this.#inbox.push(body);
  }

  /** Lets everything happen that can happen at this moment. Throws what is wrong with the test. */
  async settle(): Promise<void> {
    for (;;) {
      this.#work.throwFault();
      const body = this.#inbox.shift();
      if (body !== undefined) this.#deliver(body);
      else if (this.isRunning && this.#work.isUnderWay) await this.#work.progress();
      else return;
    }
  }

  /** Goes to the next moment at which something happens, and lets it happen. False when nothing ever will. */
  async step(): Promise<boolean> {
    await this.settle();
    if (!this.isRunning || !this.clock.advance()) return false;
    await this.settle();
    return true;
  }

  #deliver(body: StimulusBody): void {
    const stimulus = { ...body, at: this.clock.now(), seed: this.#seeds() } as Stimulus; // the two halves of a Stimulus
    const { definition, policy } = this.options;
    const decision = decide(definition, this.execution, [stimulus], policy);
    for (const record of decision.records) {
      this.records.push(record);
      this.itinerary.take(record);
      if (SCHEDULED.has(record.type)) this.#schedule(record);
      if (record.type === 'ActivityStarted') this.#taskOf(record.frame)?.countFrom(record.at);
    }
    if (this.records.length > SCENARIO_RECORDS_MAX) {
      const last = this.itinerary.transitions.at(-1)?.to;
      this.#work.fail(
        new ScenarioError(
          `Expected the execution to end within ${SCENARIO_RECORDS_MAX} records, but it goes on, now in '${last}'. Does it loop?`,
        ),
      );
      return;
    }
    for (const command of decision.commands) this.#carryOut(command);
  }

  #schedule(record: HistoryRecord): void {
    const place = this.itinerary.placeOf(record.frame);
    const { state } = this.options.paths.at(place.path);
    if (state.type !== 'Task')
      throw new Error(`Broken invariant: '${place.path}' calls something, but is a ${state.type}`);
    const task = new AwaitedTask({ seq: record.seq, frame: record.frame, place, state, scheduledAt: record.at });
    this.tasks.set(record.seq, task);
  }

  #carryOut(command: Command): void {
    switch (command.type) {
      case 'InvokeTask':
        return this.#invoke(command);
      case 'ReleaseTask':
        return this.#release(command.task);
      case 'StartTimer': {
        const { timer, dueAt } = command;
        this.#setTimer(`${timer} ${dueAt}`, dueAt, () => this.#timerDue(timer, dueAt));
        return;
      }
      case 'StopTimer':
        this.#timers.get(`${command.timer} ${command.dueAt}`)?.();
        this.#timers.delete(`${command.timer} ${command.dueAt}`);
        return;
      case 'Continue':
        return this.post({ type: 'Continue' });
      default:
        command satisfies never;
    }
  }

  #setTimer(key: string, dueAt: number, then: () => void): void {
    this.#timers.set(key, this.clock.after(dueAt - this.clock.now(), then));
  }

  #timerDue(timer: number, dueAt: number): void {
    const task = this.tasks.get(timer);
    const awaits = task && this.execution.frames.get(task.frame)?.awaits;
    const isHeartbeat = awaits?.type === 'task' && awaits.heartbeatDueAt === dueAt && awaits.dueAt !== dueAt;
    const missedAt = isHeartbeat && task ? task.heartbeatMissedAt(dueAt, this.clock.now()) : dueAt;
    if (missedAt <= this.clock.now()) this.post({ type: 'TimerFired', timer, dueAt: missedAt });
    else this.#setTimer(`${timer} ${dueAt}`, missedAt, () => this.#timerDue(timer, dueAt)); // a beat came in time
  }

  #taskOf(frame: number): AwaitedTask | undefined {
    const awaits = this.execution.frames.get(frame)?.awaits;
    return awaits?.type === 'task' ? this.tasks.get(awaits.seq) : undefined;
  }

  /** After TaskSubmitted the command is done with, but the task is still awaited. */
  #release(seq: number): void {
    const task = this.tasks.get(seq);
    if (task === undefined || this.#awaits(task)) return;
    task.cancelAnswer();
    this.tasks.delete(seq);
  }

  #awaits({ seq, frame }: AwaitedTask): boolean {
    const awaits = this.execution.frames.get(frame)?.awaits;
    return awaits?.type === 'task' && awaits.seq === seq;
  }

  #invoke(command: Command & { type: 'InvokeTask' }): void {
    const task = this.tasks.get(command.task);
    if (task === undefined || !this.#awaits(task)) return; // the same decision has ended it
    const call = this.#callOf(task, command);
    this.calls.push(call);
    this.#work.attempt(() => this.#perform(task, call, command));
  }

  #perform(task: AwaitedTask, call: MockCall, command: Command & { type: 'InvokeTask' }): void {
    const { mocks, isAnsweredByTest } = this.options;
    const found = mocks.find(call);
    if (found !== undefined) {
      const what = `what the mock '${found.key}' answers`;
      const give = (answer: MockAnswer) => this.#give(task, prepareAnswer(answer, what));
      if (typeof found.answer === 'function') this.#work.take(`the mock '${found.key}'`, found.answer(call), give);
      else give(found.answer);
      return;
    }
    const taskCall = taskCallOf(this.execution, command);
    const name = this.#functions.nameFor(taskCall);
    if (name !== null) {
      this.#work.take(`the handler '${name}'`, this.#functions.perform(taskCall), (answer) =>
        this.#answer(task, answer),
      );
    } else if (isAnsweredByTest && task.isAnsweredFromOutside) {
      this.#give(task, prepareAnswer({ pending: true }, task.place.text));
    } else throw unmockedTask(call, task, taskCall);
  }

  #callOf(task: AwaitedTask, command: Command & { type: 'InvokeTask' }): MockCall {
    const { place, frame, state, seq } = task;
    const attempt = (this.#attempts.get(place.text) ?? 0) + 1;
    this.#attempts.set(place.text, attempt);
    const { arn, name } = this.execution.identity;
    return {
      path: place.path,
      iteration: place.iteration,
      attempt,
      retryCount: this.itinerary.retriesOf(frame),
      resource: state.resource.arn,
      parameters: JSON.parse(command.parameters.text),
      input: JSON.parse(this.execution.frames.get(frame)?.input.text ?? 'null'),
      token: task.isActivity ? activityToken(arn, seq) : tokenIn(command.parameters.text, arn, seq),
      at: new Date(this.clock.now()),
      executionArn: arn,
      executionName: name,
    };
  }

  #give(task: AwaitedTask, { body, afterMs, submitted, beats }: PreparedAnswer): void {
    const isLater = body === null || afterMs > 0;
    const token = activityToken(this.execution.identity.arn, task.seq);
    if (task.isActivity) this.post({ type: 'ActivityStarted', task: task.seq, token });
    else if (task.isDeferred && submitted !== null)
      this.post({ type: 'TaskSubmitted', task: task.seq, output: submitted });
    else if (isLater) this.post({ type: 'TaskStarted', task: task.seq });
    if (beats !== null) task.beatsBy(beats, this.clock.now());
    if (body === null) return;
    if (afterMs === 0) this.post(body(task.seq));
    else task.answersBy(this.clock.after(afterMs, () => this.post(body(task.seq))));
  }

  /** A handler's answer, as the integration gives it. */
  #answer({ seq }: AwaitedTask, answer: TaskAnswer): void {
    switch (answer.type) {
      case 'succeeded':
        return this.post({ type: 'TaskSucceeded', task: seq, output: answer.output });
      case 'submitted':
        return this.post({ type: 'TaskSubmitted', task: seq, output: answer.output });
      case 'failed':
        return this.post({
          type: 'TaskFailed',
          task: seq,
          error: answer.error,
          cause: answer.cause,
          phase: answer.phase ?? 'call',
        });
      case 'queued':
        throw new Error('Broken invariant: a function is no activity');
      default:
        return answer satisfies never;
    }
  }
}
