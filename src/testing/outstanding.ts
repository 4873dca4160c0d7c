import type { Command, Decision, Stimulus } from '../interpreter/index.js';

/** Stimuli of a task that is awaited after them as before. */
const GOES_ON: ReadonlySet<Stimulus['type']> = new Set(['TaskStarted', 'SendTaskAgain', 'TaskSentAgain']);

/** What an execution waits for, told from its commands alone. Throws where they contradict each other. */
export class Outstanding {
  readonly tasks = new Map<number, Command & { readonly type: 'InvokeTask' }>();
  readonly submitted = new Set<number>();
  /** Whose calls are being made anew. */
  readonly sending = new Set<number>();
  readonly mapRuns = new Set<number>();
  readonly timers = new Map<string, { readonly timer: number; readonly dueAt: number }>();
  isContinuing = false;
  #isStarted = false;
  #isEnded = false;
  readonly #started = new Set<number>();
  readonly #seen = new Set<string>();

  /** What came in and what came of it. */
  apply(stimuli: readonly Stimulus[], { records, commands }: Decision): void {
    const answered = new Set<number>();
    for (const stimulus of stimuli) {
      if (stimulus.type === 'StartExecution') this.#isStarted = true;
      if (stimulus.type === 'Continue') this.isContinuing = false;
      if (stimulus.type === 'TimerFired') answered.add(stimulus.timer);
      if (!('task' in stimulus) || !this.tasks.has(stimulus.task) || answered.has(stimulus.task)) continue;
      this.#started.add(stimulus.task); // any answer shows that it has started
      if (stimulus.type === 'TaskSubmitted') this.submitted.add(stimulus.task);
      else if (!GOES_ON.has(stimulus.type)) answered.add(stimulus.task);
    }
    for (const command of commands) this.#command(command);
    if (records.some(({ type }) => /^Execution(?!Started|Redriven)/.test(type))) this.#isEnded = true;
  }

  /** Whether the stimulus can make a difference. */
  awaits(stimulus: Stimulus): boolean {
    if (stimulus.type === 'StartExecution') return !this.#isStarted;
    if (stimulus.type === 'RedriveExecution') return this.#isEnded;
    if (this.#isEnded) return false;
    switch (stimulus.type) {
      case 'StopExecution':
        return true;
      case 'Continue':
        return this.isContinuing;
      case 'ChildrenMocked':
        return false; // only a trial takes it
      case 'TimerFired':
        return [...this.timers.values()].some(
          ({ timer, dueAt }) => timer === stimulus.timer && dueAt <= stimulus.dueAt,
        );
      case 'TaskStarted':
        return this.tasks.has(stimulus.task) && !this.#started.has(stimulus.task);
      case 'TaskSubmitted':
        return this.tasks.has(stimulus.task) && !this.submitted.has(stimulus.task);
      case 'SendTaskAgain':
        return this.submitted.has(stimulus.task) && this.tasks.has(stimulus.task) && !this.sending.has(stimulus.task);
      case 'TaskSentAgain':
        return this.sending.has(stimulus.task);
      case 'MapRunSucceeded':
      case 'MapRunFailed':
        return this.mapRuns.has(stimulus.mapRun);
      default:
        return this.tasks.has(stimulus.task);
    }
  }

  /** At the end. */
  checkEmpty(): void {
    const left = [...this.tasks.keys(), ...this.timers.keys(), ...this.mapRuns];
    if (left.length > 0)
      throw new Error(`Expected everything to be released at the end, but ${left.join(', ')} is left`);
  }

  #command(command: Command): void {
    switch (command.type) {
      case 'InvokeTask':
        this.#once(`task ${command.task} ${command.send ?? 0}`);
        if (command.send !== undefined) this.sending.add(command.task);
        this.tasks.set(command.task, command);
        return;
      case 'ReleaseTask':
        if (this.sending.delete(command.task) && command.waitedSince === null) return;
        if (!command.isAbandoned && this.submitted.has(command.task) && this.#isFirst(`submit ${command.task}`)) return;
        if (!this.tasks.delete(command.task))
          throw new Error(`Expected task ${command.task} to be awaited when released`);
        return;
      case 'StartTimer':
        this.#once(`timer ${command.timer} ${command.dueAt}`);
        this.timers.set(`${command.timer} ${command.dueAt}`, command);
        return;
      case 'StopTimer':
        if (!this.timers.delete(`${command.timer} ${command.dueAt}`)) {
          throw new Error(`Expected timer ${command.timer} due @${command.dueAt} to be awaited when stopped`);
        }
        return;
      case 'NotifyCaller':
        return;
      case 'StopCallee':
        this.tasks.delete(command.task);
        return;
      case 'StartMapRun':
        this.#once(`map run ${command.mapRun}`);
        this.mapRuns.add(command.mapRun);
        return;
      case 'ReleaseMapRun':
      case 'StopMapRun':
        if (!this.mapRuns.delete(command.mapRun))
          throw new Error(`Expected map run ${command.mapRun} to be awaited when released`);
        return;
      case 'Continue':
        this.isContinuing = true;
        return;
      default:
        command satisfies never;
    }
  }

  #isFirst(name: string): boolean {
    if (this.#seen.has(name)) return false;
    this.#seen.add(name);
    return true;
  }

  #once(name: string): void {
    if (!this.#isFirst(name)) throw new Error(`Expected ${name} to be started once`);
  }
}
