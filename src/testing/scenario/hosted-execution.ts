import type { MapData } from '../../host/ports.js';
import { answerStimulus, taskCall } from '../../host/task-call.js';
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
import type { Payload } from '../../payload/index.js';
import type { VirtualClock } from '../virtual-clock.js';
import { AwaitedTask } from './awaited-task.js';
import { Itinerary, type Position, type Transition } from './itinerary.js';
import type { LocalFunctions } from './local-functions.js';
import type { MockAnswer, MockCall } from './mock.js';
import { type PreparedAnswer, prepareAnswer } from './mock-answer.js';
import type { MockTable } from './mock-table.js';
import { ScenarioMapRun } from './scenario-map-run.js';
import type { StatePaths } from './state-paths.js';
import { activityToken, tokenIn } from './task-token.js';
import { unmockedTask } from './unmocked-task.js';
import type { Work } from './work.js';

/** What an execution is, before it starts. */
export interface Hosted {
  readonly definition: Definition;
  readonly identity: ExecutionIdentity;
  readonly policy: Policy;
  /** Where its states belong: nowhere, but a child of a distributed Map is one of its iterations. */
  readonly around?: Position;
  /** Called once, after its last record. */
  readonly ended?: (execution: HostedExecution) => void;
}

/** What the executions of one scenario share. */
export interface World {
  readonly clock: VirtualClock;
  readonly work: Work;
  readonly paths: StatePaths;
  readonly mocks: MockTable;
  readonly functions: LocalFunctions;
  readonly isAnsweredByTest: boolean;
  readonly calls: MockCall[];
  readonly transitions: Transition[];
  seed(): Seed;
  /** Delivers to the execution when its turn comes. */
  post(to: HostedExecution, body: StimulusBody): void;
  /** Starts another execution. */
  begin(hosted: Hosted, input: Payload): HostedExecution;
  /** Where distributed Maps have their items from, and where their results go. */
  readonly mapData: MapData;
  /** Counts the calls at one position from 1. */
  attempt(position: Position): number;
}

const SCHEDULED: ReadonlySet<RecordType> = new Set(['TaskScheduled', 'LambdaFunctionScheduled', 'ActivityScheduled']);

/** One execution on the scenario's clock: its tasks are performed by mocks and handlers, its timers are the clock's. */
export class HostedExecution {
  readonly execution: Execution;
  readonly records: HistoryRecord[] = [];
  readonly tasks = new Map<number, AwaitedTask>();
  readonly itinerary: Itinerary;
  readonly #timers = new Map<string, () => void>();
  readonly #mapRuns = new Map<number, ScenarioMapRun>();

  constructor(
    readonly hosted: Hosted,
    private readonly world: World,
  ) {
    this.execution = newExecution(hosted.identity);
    this.itinerary = new Itinerary(world.transitions, hosted.around);
  }

  deliver(body: StimulusBody): void {
    const stimulus = { ...body, at: this.world.clock.now(), seed: this.world.seed() } as Stimulus; // the two halves of a Stimulus
    const { definition, policy } = this.hosted;
    const decision = decide(definition, this.execution, [stimulus], policy);
    for (const record of decision.records) {
      this.records.push(record);
      this.itinerary.take(record);
      if (SCHEDULED.has(record.type)) this.#schedule(record);
      if (record.type === 'ActivityStarted') this.#taskOf(record.frame)?.countFrom(record.at);
    }
    for (const command of decision.commands) this.#carryOut(command);
  }

  #schedule(record: HistoryRecord): void {
    const position = this.itinerary.positionOf(record.frame);
    const { state } = this.world.paths.at(position.path);
    if (state.type !== 'Task')
      throw new Error(`Broken invariant: '${position.path}' calls something, but is a ${state.type}`);
    const task = new AwaitedTask({ seq: record.seq, frame: record.frame, position, state, scheduledAt: record.at });
    this.tasks.set(record.seq, task);
  }

  #carryOut(command: Command): void {
    switch (command.type) {
      case 'InvokeTask':
        return this.#invoke(command);
      case 'ReleaseTask':
      case 'StopCallee': // a mock stands for the execution
        return this.#release(command.task);
      case 'NotifyCaller':
        return;
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
        return this.#post({ type: 'Continue' });
      case 'StartMapRun': {
        const run = ScenarioMapRun.start(this.world, this, command, this.world.mapData);
        if (run !== null) this.#mapRuns.set(command.mapRun, run);
        return;
      }
      case 'ReleaseMapRun':
        this.#mapRuns.delete(command.mapRun);
        return;
      case 'StopMapRun':
        this.#mapRuns.get(command.mapRun)?.stop();
        return;
      default:
        command satisfies never;
    }
  }

  #setTimer(key: string, dueAt: number, then: () => void): void {
    this.#timers.set(key, this.world.clock.after(dueAt - this.world.clock.now(), then));
  }

  #timerDue(timer: number, dueAt: number): void {
    const task = this.tasks.get(timer);
    const awaits = task && this.execution.frames.get(task.frame)?.awaits;
    const isHeartbeat = awaits?.type === 'task' && awaits.heartbeatDueAt === dueAt && awaits.dueAt !== dueAt;
    const missedAt = isHeartbeat && task ? task.heartbeatMissedAt(dueAt, this.world.clock.now()) : dueAt;
    if (missedAt <= this.world.clock.now()) this.#post({ type: 'TimerFired', timer, dueAt: missedAt });
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
    this.world.calls.push(call);
    this.world.work.attempt(() => this.#perform(task, call, command));
  }

  #perform(task: AwaitedTask, call: MockCall, command: Command & { type: 'InvokeTask' }): void {
    const { mocks, functions, work, isAnsweredByTest } = this.world;
    const found = mocks.find(call);
    if (found !== undefined) {
      const what = `what the mock '${found.key}' answers`;
      const give = (answer: MockAnswer) => this.#give(task, prepareAnswer(answer, what));
      if (typeof found.answer === 'function') work.take(`the mock '${found.key}'`, found.answer(call), give);
      else give(found.answer);
      return;
    }
    const toHandler = taskCall(this.execution, command);
    const name = functions.nameFor(toHandler);
    if (name !== null) {
      work.take(`the handler '${name}'`, functions.perform(toHandler), (answer) =>
        this.#post(answerStimulus({ task: task.seq }, answer)),
      );
    } else if (isAnsweredByTest && task.isAnsweredFromOutside) {
      this.#give(task, prepareAnswer({ pending: true }, task.position.text));
    } else throw unmockedTask(call, task, toHandler);
  }

  #callOf(task: AwaitedTask, command: Command & { type: 'InvokeTask' }): MockCall {
    const { position, frame, state, seq } = task;
    const { arn, name } = this.execution.identity;
    return {
      path: position.path,
      iteration: position.iteration,
      attempt: this.world.attempt(position),
      retryCount: this.itinerary.retriesOf(frame),
      resource: state.resource.arn,
      parameters: JSON.parse(command.parameters.text),
      input: JSON.parse(this.execution.frames.get(frame)?.input.text ?? 'null'),
      token: task.isActivity ? activityToken(arn, seq) : tokenIn(command.parameters.text, arn, seq),
      at: new Date(this.world.clock.now()),
      executionArn: arn,
      executionName: name,
    };
  }

  #give(task: AwaitedTask, { body, afterMs, submitted, beats }: PreparedAnswer): void {
    const isLater = body === null || afterMs > 0;
    const token = activityToken(this.execution.identity.arn, task.seq);
    if (task.isActivity) this.#post({ type: 'ActivityStarted', task: task.seq, token });
    else if (task.isDeferred && submitted !== null)
      this.#post({ type: 'TaskSubmitted', task: task.seq, output: submitted });
    else if (isLater) this.#post({ type: 'TaskStarted', task: task.seq });
    if (beats !== null) task.beatsBy(beats, this.world.clock.now());
    if (body === null) return;
    if (afterMs === 0) this.#post(body(task.seq));
    else task.answersBy(this.world.clock.after(afterMs, () => this.#post(body(task.seq))));
  }

  #post(body: StimulusBody): void {
    this.world.post(this, body);
  }
}
