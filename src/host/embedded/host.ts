import {
  type AwaitsTask,
  type Command,
  type Decision,
  decide,
  type Execution,
  type Policy,
  STANDARD_POLICY,
  type Stimulus,
  type StimulusBody,
} from '../../interpreter/index.js';
import { SNAPSHOT_RECORDS_MIN, STIMULI_PER_DECISION_MAX } from '../../limits.js';
import {
  type CommitOutcome,
  type ExecutionId,
  type OutboxRow,
  RecordConflict,
  type RecordWrite,
  StoreUnavailable,
} from '../../store/ports.js';
import { putJson } from '../../store/record-writes.js';
import { encodeSegment } from '../../store/segment.js';
import { encodeSnapshot } from '../../store/snapshot.js';
import { Dispatcher, type TaskKey } from '../dispatcher.js';
import { childEnd } from '../map-runs/child-writes.js';
import { MapRuns } from '../map-runs/map-runs.js';
import { NO_EXPRESS, NO_MAP_DATA } from '../map-runs/no-map-data.js';
import { endStimulus, mapRunOrder } from '../map-runs/parent.js';
import {
  ExecutionQuarantined,
  HostClosed,
  type RecordListener,
  type Recovery,
  type StartRequest,
  type StartResult,
} from '../ports.js';
import { pauseMs } from '../retry-pause.js';
import { stimulusOf } from '../stimulus-of.js';
import { answerStimulus, taskCall, taskKey } from '../task-call.js';
import { Callees } from './callees.js';
import {
  bareEntry,
  commitEntry,
  type EntryExtra,
  NOTHING_EXTRA,
  pendingCommands,
  pendingInvocation,
} from './commit-entry.js';
import { documentWrites } from './document-writes.js';
import { Followers } from './followers.js';
import { awaitedTask, Heartbeats } from './heartbeats.js';
import type { EmbeddedHostOptions, HostLoad } from './host-options.js';
import {
  type Letter,
  type LiveExecution,
  type LostTurn,
  newLiveExecution,
  restoreLiveExecution,
} from './live-execution.js';
import { LiveExecutions } from './live-executions.js';
import { NO_WRITES } from './open-waits.js';
import { asError, leftStops, QUARANTINE, recoverCommands } from './recovery.js';
import { firedBy, startStimulus, takeContinue } from './stimuli.js';
import { TimerQueue } from './timer-queue.js';
import { writeEntry } from './write-entry.js';

/** Runs executions in this process: one door in (`deliver`), one door out (the store's commit). */
export class EmbeddedHost {
  readonly #live = new LiveExecutions();
  readonly #loading = new Map<ExecutionId, Promise<LiveExecution | null>>();
  readonly #quarantined = new Set<ExecutionId>();
  readonly #followers = new Followers();
  readonly #heartbeats: Heartbeats;
  readonly #dispatcher: Dispatcher;
  readonly #timers: TimerQueue;
  /** The runs of distributed Maps. */
  readonly mapRuns: MapRuns;
  readonly #callees: Callees;
  readonly #policy: Policy;
  #nextId = 1;
  #isDraining = false;
  #isClosed = false;

  private constructor(private readonly options: EmbeddedHostOptions) {
    this.#dispatcher = new Dispatcher(
      options.performer,
      (key, answer) => this.#post(key.execution, answerStimulus(key, answer)),
      (key) => this.#post(key.execution, { type: 'TaskStarted', task: key.task }),
      () => this.#insist(() => recoverCommands(options.store.executions, (row) => this.#takeUp(row))),
      options.clock,
    );
    this.#policy = options.policy ?? STANDARD_POLICY;
    this.mapRuns = this.#openMapRuns(options);
    this.#callees = new Callees({
      records: options.store.records,
      clock: options.clock,
      awaitedTask: (execution, task) => this.awaitedTask(execution, task),
      deliver: (execution, stimulus) => this.deliver(execution, stimulus),
      forget: (execution, seq) => this.#forget(execution, seq),
    });
    this.#heartbeats = new Heartbeats(options.clock.now());
    this.#timers = new TimerQueue(options.store.executions, options.clock, ({ execution, seq, dueAt }) =>
      this.#post(execution, { type: 'TimerFired', timer: seq, dueAt }),
    );
  }

  /** Takes starts and stimuli at once; what an earlier host left goes on with `recover`. */
  static async open(options: EmbeddedHostOptions): Promise<EmbeddedHost> {
    const host = new EmbeddedHost(options);
    host.#nextId = await options.store.executions.nextId();
    const set = await options.store.records.scan({ collection: QUARANTINE, prefix: '', after: null, limit: 10_000 });
    for (const { key } of set) host.#quarantined.add(Number(key));
    return host;
  }

  /** Calls under way, executions in memory. */
  get load(): HostLoad {
    const { inFlight, waiting } = this.#dispatcher.load;
    return { live: this.#live.size, tasksInFlight: inFlight, tasksWaiting: waiting, timers: this.#timers.size };
  }

  /** Stimuli in the mailboxes of executions whose last decision is being committed. Looks at every execution in memory. */
  get stimuliWaiting(): number {
    return [...this.#live.values()].reduce((sum, { mailbox }) => sum + mailbox.length, 0);
  }

  /** Resolves when the start is durable. Rejects with StoreUnavailable when the store does not take it. */
  async start(request: StartRequest): Promise<StartResult> {
    if (this.#isClosed || this.#isDraining) throw new HostClosed('The server is shutting down.');
    const live = newLiveExecution(this.#nextId++, request.revision, request.name);
    live.isBusy = true;
    const { revision, name, version = null, alias = null } = request;
    const first = this.#stimulus(startStimulus(request));
    const decision = decide(revision.definition, live.execution, [first], this.#policy);
    const { at: startAt } = live.execution;
    const start = { machine: revision.machineArn, name, startAt, revision: revision.id, version, alias };
    this.#live.set(live.id, live);
    let outcome: CommitOutcome;
    try {
      outcome = await this.#commit(live, decision, { ...NOTHING_EXTRA, start }, request.writes);
    } catch (fault) {
      this.#live.delete(live.id);
      if (fault instanceof RecordConflict) return { type: 'nameTaken', execution: 0 }; // e.g. the document of a child
      this.#revive(live.id, decision.commands);
      throw fault;
    }
    if (outcome.type !== 'committed') {
      this.#live.delete(live.id);
      if (outcome.type === 'nameTaken') return outcome;
      throw new StoreUnavailable(`The id ${live.id} of a new execution is in use already.`);
    }
    this.#committed(live, decision);
    this.#turnEnded(live);
    return { type: 'started', execution: live.id, startedAt: start.startAt };
  }

  /** Resolves when what the stimulus leads to is durable; also when it decides nothing. */
  deliver(execution: ExecutionId, body: StimulusBody): Promise<void> {
    return new Promise((done, failed) => {
      void this.#enqueue(execution, { stimulus: this.#stimulus(body), done, failed });
    });
  }

  /** Lets an execution that has ended without success go on; resolves when that is durable, also when it decides nothing. */
  async redrive(execution: ExecutionId, run: { readonly runRedrive?: number } = {}): Promise<Execution | null> {
    const live = await this.#activate(execution);
    if (live === null) return null;
    if (!this.#live.has(execution)) this.#live.set(execution, live); // an ended one is not in memory
    await this.deliver(execution, { type: 'RedriveExecution', ...run });
    return (this.#live.get(execution) ?? live).execution;
  }

  /** The task that the execution waits for; null when it does not, or is gone. Its fields are not to be changed. */
  async awaitedTask(execution: ExecutionId, task: number): Promise<Readonly<AwaitsTask> | null> {
    const live = await this.#activate(execution);
    return live === null ? null : awaitedTask(live.execution, task);
  }

  /** The task is still worked on. Leaves no trace. Throws TooManyHeartbeats. */
  beat(key: TaskKey): void {
    this.#heartbeats.beat(key, this.options.clock.now());
  }

  /** Calls `listener` with every record that becomes durable from now on. Returns how to stop. */
  follow(execution: ExecutionId, listener: RecordListener): () => void {
    return this.#followers.add(execution, listener);
  }

  /** Resolves when the execution's end is durable; at once when it has ended already. */
  ended(execution: ExecutionId): Promise<void> {
    return this.#followers.end(execution, async () => {
      if (this.#live.has(execution)) return false; // its end, if it is decided already, is still to be committed
      const stored = await this.#load(execution);
      return stored === null || stored.execution.status !== 'RUNNING';
    });
  }

  /** Begins nothing new any more: no execution, no call, no timer. Calls under way go on. */
  drain(): void {
    this.#isDraining = true;
    this.#timers.close();
    this.#dispatcher.drain();
  }

  /** Takes nothing new, lets what is being committed end. What is under way goes on after the next start. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#timers.close();
    this.#dispatcher.close();
    await this.mapRuns.close();
    while ([...this.#live.values()].some((live) => live.isBusy)) await new Promise((next) => setTimeout(next, 5));
  }

  #stimulus(body: StimulusBody): Stimulus {
    return stimulusOf(body, this.options.clock.now(), this.options.seed());
  }

  /** For stimuli from inside, which must not get lost: they come again until the store takes them. */
  #post(execution: ExecutionId, body: StimulusBody, attempt = 0): void {
    if (this.#isClosed) return;
    const failed = (fault: Error): void => {
      if (!(fault instanceof StoreUnavailable)) return; // quarantined, closed: the outbox still holds the command
      this.options.clock.after(pauseMs(attempt), () => this.#post(execution, body, attempt + 1));
    };
    const letter = { stimulus: this.#stimulus(body), done: () => undefined, failed };
    const live = this.#live.get(execution);
    if (live === undefined) void this.#enqueue(execution, letter);
    else this.#drop(live, letter);
  }

  #drop(live: LiveExecution, letter: Letter): void {
    live.mailbox.push(letter);
    if (!live.isBusy) this.#startTurn(live);
  }

  async #enqueue(id: ExecutionId, letter: Letter): Promise<void> {
    try {
      const live = await this.#activate(id);
      if (live === null) return letter.done(); // gone by retention: nothing awaits anything
      this.#drop(live, letter);
    } catch (fault) {
      letter.failed(asError(fault));
    }
  }

  /** The execution in memory; from the store where it is not. */
  #activate(id: ExecutionId): Promise<LiveExecution | null> | LiveExecution | null {
    if (this.#isClosed) throw new HostClosed('The server is shutting down.');
    if (this.#quarantined.has(id)) throw new ExecutionQuarantined(`Execution ${id} was set aside.`);
    const live = this.#live.get(id);
    if (live !== undefined) return live;
    const loading = this.#loading.get(id);
    if (loading !== undefined) return loading;
    const started = this.#load(id).finally(() => this.#loading.delete(id));
    this.#loading.set(id, started);
    return started;
  }

  async #load(id: ExecutionId): Promise<LiveExecution | null> {
    const stored = await this.options.store.executions.load(id, { from: 'snapshot' });
    if (stored === null) return null;
    const revision = await this.options.revisions.load(stored.row.revision);
    if (revision === null) {
      const fault = new Error(`Broken invariant: revision ${stored.row.revision} of execution ${id} is gone`);
      await this.#quarantine(id, `${stored.row.machine} ${stored.row.name}`, fault);
      throw new ExecutionQuarantined(fault.message);
    }
    let live: LiveExecution;
    try {
      live = restoreLiveExecution(stored, revision);
    } catch (fault) {
      await this.#quarantine(id, `${stored.row.machine} ${stored.row.name}`, asError(fault));
      throw new ExecutionQuarantined(asError(fault).message);
    }
    if (live.execution.status === 'RUNNING') this.#live.set(id, live); // an ended one is only looked at
    return live;
  }

  /** What arrives in the same moment (timers due together) goes into the same decision. */
  #startTurn(live: LiveExecution): void {
    live.isBusy = true;
    void Promise.resolve().then(() => this.#turn(live)); // cheaper than queueMicrotask, which keeps an async scope
  }

  /** Folds the waiting stimuli into one decision and one commit. */
  async #turn(live: LiveExecution): Promise<void> {
    const letters = live.mailbox.splice(0, STIMULI_PER_DECISION_MAX);
    const arrived = letters.map((letter) => letter.stimulus);
    const { stimuli, timers: renewedTimers } = this.#heartbeats.postpone(live.id, live.execution, arrived);
    let commands: readonly Command[] = [];
    try {
      const decision = this.#decide(live, stimuli);
      ({ commands } = decision);
      const firedTimers = firedBy(arrived);
      const performed = takeContinue(live, stimuli);
      for (const timer of renewedTimers) this.#timers.add({ execution: live.id, ...timer });
      if (decision.records.length + decision.commands.length + firedTimers.length + performed.length > 0) {
        const outcome = await this.#commit(live, decision, { start: null, firedTimers, renewedTimers, performed });
        if (outcome.type !== 'committed') throw new StoreUnavailable('The execution has moved on in the store.');
        this.#committed(live, decision);
      }
      for (const letter of letters) letter.done();
      this.#turnEnded(live);
    } catch (fault) {
      await this.#turnFailed(live, { letters, commands }, asError(fault));
    }
  }

  #decide(live: LiveExecution, stimuli: readonly Stimulus[]): Decision {
    try {
      return decide(live.revision.definition, live.execution, stimuli, this.#policy);
    } catch (fault) {
      throw new ExecutionQuarantined(`The execution cannot go on: ${asError(fault).stack}`);
    }
  }

  /** The decision is not in the store: what memory holds is wrong now and is dropped. */
  async #turnFailed(live: LiveExecution, { letters, commands }: LostTurn, fault: Error): Promise<void> {
    this.#live.delete(live.id);
    if (fault instanceof ExecutionQuarantined) await this.#quarantine(live.id, live.execution.identity.arn, fault);
    for (const letter of [...letters, ...live.mailbox.splice(0)]) letter.failed(fault);
    live.isBusy = false;
    if (fault instanceof StoreUnavailable) this.#revive(live.id, commands);
  }

  /** The commit may have been written all the same: then nobody has carried out its commands yet. */
  #revive(id: ExecutionId, commands: readonly Command[]): void {
    this.#insist(async () => {
      const live = this.#quarantined.has(id) ? null : await this.#activate(id);
      if (live === null) return;
      this.#tellRun(live);
      this.#callees.tellEnd(id, live.execution);
      if (live.isBusy) throw new Error('What is being decided is not durable yet.');
      const stops = await leftStops(this.options.store.executions, live, commands);
      for (const command of [...pendingCommands(live.execution), ...stops]) this.#carryOut(live, command);
    });
  }

  /** Tries until it succeeds. */
  #insist(work: () => Promise<unknown>, attempt = 0): void {
    if (this.#isClosed) return;
    work().catch(() => this.options.clock.after(pauseMs(attempt), () => this.#insist(work, attempt + 1)));
  }

  #commit(
    live: LiveExecution,
    decision: Decision,
    extra: EntryExtra,
    besides: readonly RecordWrite[] = NO_WRITES,
  ): Promise<CommitOutcome> {
    const data = decision.records.length === 0 ? null : encodeSegment(decision.records, live.numbers);
    this.#live.grow(live, data?.length ?? 0);
    const entry = commitEntry(live.execution, live.id, decision, { data, ...extra });
    const { writes, settled } = documentWrites(live, decision, { start: extra.start, besides, options: this.options });
    return settled(writeEntry(this.options.store, entry, writes));
  }

  /** What the decision asks for is carried out, now that it is durable. */
  #committed(live: LiveExecution, decision: Decision): void {
    for (const command of decision.commands) this.#carryOut(live, command);
    this.#followers.tell(live.id, decision.records);
    this.#tellRun(live);
    const { revision, execution } = live;
    this.options.onCommitted?.({ revision, execution, records: decision.records });
  }

  /** A child's end is known to its run; told again it does no harm. */
  #tellRun({ execution }: LiveExecution): void {
    const end = childEnd(execution);
    if (end !== null) this.mapRuns.childEnded(end);
  }

  #carryOut(live: LiveExecution, command: Command): void {
    switch (command.type) {
      case 'InvokeTask':
        this.#invoke(live, command);
        return;
      case 'ReleaseTask':
        this.#heartbeats.forget({ execution: live.id, task: command.task });
        if (command.isAbandoned) this.#dispatcher.abandon({ execution: live.id, task: command.task });
        return;
      case 'StartTimer':
        return this.#timers.add({ execution: live.id, seq: command.timer, dueAt: command.dueAt });
      case 'StopTimer':
        return this.#timers.remove({ execution: live.id, seq: command.timer, dueAt: command.dueAt });
      case 'NotifyCaller':
        return this.#callees.notify(live.id, live.execution, command.after);
      case 'StopCallee':
        return this.#callees.stop(live.id, command.task);
      case 'StartMapRun':
        this.#startMapRun(live, command.mapRun);
        return;
      case 'ReleaseMapRun':
        return;
      case 'StopMapRun':
        return this.mapRuns.stop(live.id, command.mapRun, command.mapRunArn);
      case 'Continue':
        live.continueSeq = command.after;
        return this.#post(live.id, { type: 'Continue' });
      default:
        command satisfies never;
    }
  }

  #invoke(live: LiveExecution, command: Command & { type: 'InvokeTask' }): boolean {
    return this.#dispatcher.dispatch(taskKey(live.id, command), taskCall(live.execution, command));
  }

  /** False when the execution does not await the run any more. */
  #startMapRun({ id, revision, execution }: LiveExecution, mapRun: number): boolean {
    const order = mapRunOrder({ id, revision, execution }, mapRun, this.options.seed(), this.#policy);
    if (order !== null) this.mapRuns.start(revision, order);
    return order !== null;
  }

  #openMapRuns({ store, revisions, mapData, express, clock, onQuarantine }: EmbeddedHostOptions): MapRuns {
    return new MapRuns({
      store,
      revisions,
      mapData: mapData ?? NO_MAP_DATA,
      clock,
      payloadBytesMax: this.#policy.quotas.payloadBytesMax,
      express: express ?? NO_EXPRESS,
      startChild: (request) => this.start(request),
      redriveChild: (execution, runRedrive) => this.redrive(execution, { runRedrive }),
      stopChild: (execution) => this.#post(execution, { type: 'StopExecution' }),
      deliverEnd: (run) => this.#post(run.parent, endStimulus(run)),
      forget: (parent, mapRun) => void this.#forget(parent, mapRun).catch(() => undefined), // the next start asks again
      report: onQuarantine,
    });
  }

  /** The command of this record is done with. */
  async #forget(id: ExecutionId, seq: number): Promise<void> {
    const live = await this.#activate(id);
    if (live === null) return;
    await writeEntry(this.options.store, bareEntry(live.execution, id, [seq]));
  }

  #turnEnded(live: LiveExecution): void {
    live.isBusy = false;
    if (live.mailbox.length > 0) this.#startTurn(live);
    else if (live.execution.status !== 'RUNNING') this.#live.delete(live.id);
    else for (const idle of this.#live.idle(live)) void this.#writeSnapshot(idle);
  }

  async #writeSnapshot(live: LiveExecution): Promise<void> {
    const { seq } = live.execution;
    if (seq - live.snapshotSeq < SNAPSHOT_RECORDS_MIN) return;
    const entry = bareEntry(live.execution, live.id);
    const snapshot = { seq, data: encodeSnapshot(live.execution, live.numbers) };
    await writeEntry(this.options.store, { ...entry, snapshot }).catch(() => undefined); // only a cache
  }

  async #quarantine(id: ExecutionId, arn: string, fault: Error): Promise<void> {
    this.#quarantined.add(id);
    this.options.onQuarantine(arn, fault);
    const reason = putJson(QUARANTINE, String(id), { arn, message: fault.message, at: this.options.clock.now() });
    await this.options.store.records.write([reason]).catch(() => undefined); // it is found again at the next turn
  }

  /** Takes up what was under way when the last host stopped, and fires the timers that came due meanwhile. */
  async recover(): Promise<Recovery> {
    const recovery = await recoverCommands(this.options.store.executions, (row) => this.#takeUp(row));
    return { ...recovery, timersOverdue: await this.#timers.open() };
  }

  /** Performs a command again that nobody performs now. False when there is no room for more. */
  async #takeUp({ execution, seq }: OutboxRow): Promise<boolean> {
    if (this.#quarantined.has(execution)) return true;
    try {
      const live = await this.#activate(execution);
      if (live === null) return true;
      const invocation = pendingInvocation(live.execution, seq);
      if (invocation !== null) return this.#invoke(live, invocation);
      // While a decision is being committed, what memory holds does not say what is left to do: looked at later.
      const again = (): void => this.#insist(() => this.#takeUp({ execution, seq }));
      if (live.isBusy) this.options.clock.after(pauseMs(0), again);
      if (live.isBusy || awaitedTask(live.execution, seq) !== null || this.#startMapRun(live, seq)) return true;
      if (await this.mapRuns.stopLeft(execution, seq)) return true;
      if (await this.#callees.stopLeft(execution, seq)) return true;
      if (live.execution.status === 'RUNNING') {
        live.continueSeq = seq;
        this.#post(execution, { type: 'Continue' });
      } else this.#callees.notify(execution, live.execution, seq);
    } catch (fault) {
      if (!(fault instanceof ExecutionQuarantined)) throw fault;
    }
    return true;
  }
}
