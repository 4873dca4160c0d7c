import type { TaskCall } from '../../integrations/port.js';
import {
  type Command,
  decide,
  type Execution,
  newExecution,
  type Stimulus,
  type StimulusBody,
} from '../../interpreter/index.js';
import { STIMULI_PER_DECISION_MAX } from '../../limits.js';
import type { TaskKey } from '../dispatcher.js';
import type { Clock, Committed, SeedSource } from '../ports.js';
import { stimulusOf } from '../stimulus-of.js';
import { taskCall } from '../task-call.js';
import type { TransientRequest } from './transient-host.js';
import { TransientTimers } from './transient-timers.js';

/** What an execution asks of the host around it. */
export interface TransientPorts {
  readonly clock: Clock;
  readonly seed: SeedSource;
  readonly onCommitted: ((committed: Committed) => void) | null;
  /** False when there is no room: `dispatchAgain` is called when there is. */
  dispatch(key: TaskKey, call: TaskCall): boolean;
  abandon(key: TaskKey): void;
  /** Calls `takeTurn` in the next turn of the event loop. */
  schedule(run: TransientExecution): void;
  /** Called once: it has ended, or (with a fault) it cannot go on. */
  over(id: number, fault: Error | null): void;
}

/** AWS has none in Express machines either; a Standard one that is tried out in memory learns why. */
const NO_MAP_RUNS = {
  error: 'States.Runtime',
  cause: 'A Map with Mode DISTRIBUTED needs an execution that is stored: this one lives in memory only.',
};

/** One execution that lives in memory only: what it decides is carried out at once. */
export class TransientExecution {
  readonly execution: Execution;
  readonly #timers: TransientTimers;
  readonly #mailbox: Stimulus[] = [];
  /** Commands whose calls the dispatcher turned away; null for none. */
  #turnedAway: Map<number, Command & { type: 'InvokeTask' }> | null = null;
  #isScheduled = false;
  #isOver = false;

  constructor(
    private readonly id: number,
    private readonly request: TransientRequest,
    private readonly ports: TransientPorts,
  ) {
    this.execution = newExecution(request.identity);
    this.#timers = new TransientTimers(ports.clock, ({ seq, dueAt }) =>
      this.post({ type: 'TimerFired', timer: seq, dueAt }),
    );
  }

  /** Takes a stimulus; what waits by the next turn of the event loop goes into one decision. */
  post(body: StimulusBody): void {
    if (this.#isOver) return;
    const { clock, seed } = this.ports;
    this.#mailbox.push(stimulusOf(body, clock.now(), seed()));
    this.#schedule();
  }

  /** The dispatcher has room again. */
  dispatchAgain(): void {
    for (const [task, command] of this.#turnedAway ?? []) if (this.#invoke(command)) this.#turnedAway?.delete(task);
  }

  /** Nothing happens any more; calls under way are given up. */
  abandon(): void {
    this.#isOver = true;
    this.#timers.clear();
    this.#mailbox.length = 0;
    for (const { awaits } of this.execution.frames.values()) {
      if (awaits?.type === 'task') this.ports.abandon({ execution: this.id, task: awaits.seq });
    }
  }

  /** Through the event loop, so that an execution that never waits does not keep the others from going on. */
  #schedule(): void {
    if (this.#mailbox.length === 0 || this.#isScheduled) return;
    this.#isScheduled = true;
    this.ports.schedule(this);
  }

  /** Decides on what has come. */
  takeTurn(): void {
    this.#isScheduled = false;
    if (this.#isOver) return;
    const stimuli = this.#mailbox.splice(0, STIMULI_PER_DECISION_MAX);
    const { revision, policy, onRecords } = this.request;
    try {
      const { execution } = this;
      const { records, commands } = decide(revision.definition, execution, stimuli, policy);
      if (records.length > 0) {
        onRecords?.(records);
        this.ports.onCommitted?.({ revision, execution, records });
      }
      for (const command of commands) this.#carryOut(command);
    } catch (fault) {
      this.abandon();
      return this.ports.over(this.id, fault instanceof Error ? fault : new Error(String(fault)));
    }
    if (this.execution.status === 'RUNNING') return this.#schedule();
    this.abandon();
    this.ports.over(this.id, null);
  }

  #carryOut(command: Command): void {
    switch (command.type) {
      case 'InvokeTask':
        if (!this.#invoke(command)) this.#turnAway(command);
        return;
      case 'ReleaseTask':
        this.#turnedAway?.delete(command.task);
        if (command.isAbandoned) this.ports.abandon({ execution: this.id, task: command.task });
        return;
      case 'StartTimer':
        return this.#timers.add({ seq: command.timer, dueAt: command.dueAt });
      case 'StopTimer':
        return this.#timers.remove({ seq: command.timer, dueAt: command.dueAt });
      case 'StartMapRun':
        return this.post({ type: 'MapRunFailed', mapRun: command.mapRun, ...NO_MAP_RUNS });
      case 'NotifyCaller': // nobody waits for it there: `.sync` needs an execution that is stored
      case 'StopCallee':
      case 'ReleaseMapRun':
      case 'StopMapRun':
        return;
      case 'Continue':
        return this.post({ type: 'Continue' });
      default:
        command satisfies never;
    }
  }

  #turnAway(command: Command & { type: 'InvokeTask' }): void {
    this.#turnedAway ??= new Map();
    this.#turnedAway.set(command.task, command);
  }

  #invoke(command: Command & { type: 'InvokeTask' }): boolean {
    return this.ports.dispatch({ execution: this.id, task: command.task }, taskCall(this.execution, command));
  }
}
