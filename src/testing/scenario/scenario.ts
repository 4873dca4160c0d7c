import type { MapData } from '../../host/ports.js';
import { mapData } from '../../integrations/map-data/map-data.js';
import type { ExecutionStatus, Seed, StimulusBody } from '../../interpreter/index.js';
import { SCENARIO_RECORDS_MAX } from '../../limits.js';
import type { Payload } from '../../payload/index.js';
import { VirtualClock } from '../virtual-clock.js';
import type { AwaitedTask } from './awaited-task.js';
import { type Hosted, HostedExecution, type World } from './hosted-execution.js';
import type { Position, Transition } from './itinerary.js';
import { type FunctionHandlers, LocalFunctions } from './local-functions.js';
import type { MockCall } from './mock.js';
import type { MockTable } from './mock-table.js';
import { ScenarioError } from './scenario-error.js';
import { ScenarioObjects } from './scenario-objects.js';
import { seedsFrom } from './seeds.js';
import type { StatePaths } from './state-paths.js';
import { Work } from './work.js';

export interface ScenarioOptions extends Omit<Hosted, 'around'> {
  readonly paths: StatePaths;
  readonly input: Payload;
  /** Epoch milliseconds. */
  readonly startAt: number;
  readonly seed: number;
  readonly mocks: MockTable;
  readonly functions: FunctionHandlers;
  /** Content by `bucket/key`. */
  readonly objects: Readonly<Record<string, string | Uint8Array>>;
  /** Whether tasks with a token, and activities, may do without a mock: the test answers them. */
  readonly isAnsweredByTest: boolean;
}

/** Where a task waits. */
export interface WaitingTask {
  readonly in: HostedExecution;
  readonly task: AwaitedTask;
}

/**
 * A host on a virtual clock for one execution, and for those that it leads to (children of a distributed Map): one line of
 * stimuli, and time that goes on only when nothing is left to do.
 */
export class Scenario implements World {
  readonly clock: VirtualClock;
  readonly work = new Work();
  readonly paths: StatePaths;
  readonly mocks: MockTable;
  readonly functions: LocalFunctions;
  readonly isAnsweredByTest: boolean;
  readonly calls: MockCall[] = [];
  readonly transitions: Transition[] = [];
  readonly seed: () => Seed;
  readonly main: HostedExecution;
  readonly objects: ScenarioObjects;
  readonly mapData: MapData;
  /** Those under way. */
  readonly executions = new Set<HostedExecution>();
  readonly #inbox: { readonly to: HostedExecution; readonly body: StimulusBody }[] = [];
  readonly #attempts = new Map<string, number>();
  #records = 0;

  constructor(readonly options: ScenarioOptions) {
    this.clock = new VirtualClock(options.startAt);
    this.paths = options.paths;
    this.mocks = options.mocks;
    this.functions = new LocalFunctions(options.functions, this.clock);
    this.isAnsweredByTest = options.isAnsweredByTest;
    this.seed = seedsFrom(options.seed);
    this.objects = new ScenarioObjects(options.objects);
    this.mapData = mapData(this.objects);
    this.main = this.begin(options, options.input);
  }

  get status(): ExecutionStatus {
    return this.main.execution.status;
  }

  get isRunning(): boolean {
    return this.status === 'RUNNING';
  }

  begin(hosted: Hosted, input: Payload): HostedExecution {
    const execution = new HostedExecution(hosted, this);
    this.executions.add(execution);
    this.post(execution, { type: 'StartExecution', input });
    return execution;
  }

  post(to: HostedExecution, body: StimulusBody): void {
    this.#inbox.push({ to, body });
  }

  attempt({ text }: Position): number {
    const attempt = (this.#attempts.get(text) ?? 0) + 1;
    this.#attempts.set(text, attempt);
    return attempt;
  }

  /** Every task that waits, in all executions. */
  get waitingTasks(): readonly WaitingTask[] {
    return [...this.executions].flatMap((one) => [...one.tasks.values()].map((task) => ({ in: one, task })));
  }

  /** Lets everything happen that can happen at this moment. Throws what is wrong with the test. */
  async settle(): Promise<void> {
    for (;;) {
      this.work.throwFault();
      const next = this.#inbox.shift();
      if (next !== undefined) this.#deliver(next.to, next.body);
      else if (this.isRunning && this.work.isUnderWay) await this.work.progress();
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

  #deliver(to: HostedExecution, body: StimulusBody): void {
    const before = to.records.length;
    to.deliver(body);
    this.#records += to.records.length - before;
    if (to.execution.status !== 'RUNNING' && this.executions.has(to) && to !== this.main) {
      this.executions.delete(to);
      to.hosted.ended?.(to);
    }
    if (this.#records <= SCENARIO_RECORDS_MAX) return;
    const last = this.transitions.at(-1)?.to;
    this.work.fail(
      new ScenarioError(
        `Expected the execution to end within ${SCENARIO_RECORDS_MAX} records, but it goes on, now in '${last}'. Does it loop?`,
      ),
    );
  }
}
