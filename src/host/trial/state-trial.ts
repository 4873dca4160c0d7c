import type { TaskAnswer } from '../../integrations/port.js';
import {
  type Command,
  decide,
  type ErrorDetails,
  type Execution,
  type ExecutionIdentity,
  frameOf,
  type HistoryRecord,
  type Inspection,
  newExecution,
  type Outcome,
  type Policy,
  ROOT_FRAME,
  type Stimulus,
  type StimulusBody,
} from '../../interpreter/index.js';
import type { Definition } from '../../language/definition.js';
import { isObject, memberOf, type Payload } from '../../payload/index.js';
import { faultOf } from '../map-runs/fault.js';
import type { Clock, MapData, Performer, SeedSource } from '../ports.js';
import { answerStimulus, taskCall } from '../task-call.js';
import { mapItems } from './map-items.js';

/** One state to be tried by itself. */
export interface StateTrial {
  /** Starts at the state. */
  readonly definition: Definition;
  /** What the state's expressions see as the execution. */
  readonly identity: ExecutionIdentity;
  readonly input: Payload;
  /** With `trial` set, and inspecting: what went wrong is told by the inspection. */
  readonly policy: Policy;
  /** What the state's work comes to instead of being done, asked when the data flow has come so far; null: it is done. */
  readonly mock: ((soFar: TrialSoFar) => Outcome) | null;
  /** What a distributed Map's ItemReader would find in its object; null: nobody says. */
  readonly readerData: string | null;
  /** Gives up what is under way. */
  readonly signal: AbortSignal;
}

export interface TrialSoFar {
  /** Of a Map; null where nobody knows, and for other states. */
  readonly iterations: number | null;
  readonly inspection: readonly Inspection[];
}

export interface TrialPorts {
  readonly performer: Performer;
  readonly clock: Clock;
  readonly seed: SeedSource;
  /** Reads every object of a store as this text. */
  readonly mapDataOf: (text: string) => MapData;
}

export interface TriedState {
  readonly end:
    | { readonly type: 'succeeded'; readonly output: Payload; readonly next: string | null }
    | { readonly type: 'caught'; readonly output: Payload; readonly next: string; readonly error: ErrorDetails }
    | { readonly type: 'retriable' | 'failed'; readonly error: ErrorDetails };
  readonly inspection: readonly Inspection[];
  readonly execution: Execution;
}

/**
 * Drives the interpreter through one state: a Task is performed or mocked, the children of a Map or Parallel are always mocked, a
 * Wait is over at once, and a Retry is not waited for. Nothing is stored.
 */
export async function tryState(trial: StateTrial, ports: TrialPorts): Promise<TriedState> {
  const execution = newExecution(trial.identity);
  const records: HistoryRecord[] = [];
  const inspection: Inspection[] = [];
  let body: StimulusBody | null = { type: 'StartExecution', input: trial.input };
  while (body !== null) {
    const stimulus = { ...body, at: ports.clock.now(), seed: ports.seed() } as Stimulus; // the two halves of a Stimulus
    const decision = decide(trial.definition, execution, [stimulus], trial.policy);
    records.push(...decision.records);
    inspection.push(...decision.inspection);
    body = await nextStimulus({ trial, ports, execution, inspection, commands: decision.commands });
  }
  return { end: endOf(execution, records, inspection), inspection, execution };
}

/** A trial after a decision. */
interface TrialRun {
  readonly trial: StateTrial;
  readonly ports: TrialPorts;
  readonly execution: Execution;
  readonly inspection: Inspection[];
  /** Of the last decision. */
  readonly commands: readonly Command[];
}

/** What the state waits for, brought about; null when it has been left, has failed or would be tried again. */
async function nextStimulus(run: TrialRun): Promise<StimulusBody | null> {
  const { trial, execution, inspection } = run;
  if (execution.status !== 'RUNNING') return null;
  const { awaits } = frameOf(execution, ROOT_FRAME);
  switch (awaits?.type) {
    case 'timer':
      return { type: 'TimerFired', timer: awaits.seq, dueAt: awaits.dueAt };
    case 'task':
      if (trial.mock !== null) return mockedAnswer(awaits.seq, trial.mock({ iterations: null, inspection }));
      return performTask(run);
    case 'children':
      return { type: 'ChildrenMocked', outcome: mockOf(trial)({ iterations: awaits.map && awaits.total, inspection }) };
    case 'mapRun':
      return mapRunEnd(run, awaits.seq);
    default:
      return null;
  }
}

/** A distributed Map's run ends as the mock says, unless its items cannot be read. */
async function mapRunEnd(run: TrialRun, mapRun: number): Promise<StimulusBody> {
  const { trial, ports, execution, inspection } = run;
  let iterations: number | null;
  try {
    const read = await mapItems({
      ...{ definition: trial.definition, execution, mapRun, policy: trial.policy },
      ...{ at: ports.clock.now(), seed: ports.seed() },
      ...{ mapData: ports.mapDataOf(trial.readerData ?? ''), hasReaderData: trial.readerData !== null },
    });
    inspection.push(...read.inspection);
    iterations = read.iterations;
  } catch (thrown) {
    return { type: 'MapRunFailed', mapRun, ...faultOf(thrown, 'States.ItemReaderFailed') };
  }
  return { type: 'ChildrenMocked', outcome: mockOf(trial)({ iterations, inspection }) };
}

function mockOf({ mock }: StateTrial): NonNullable<StateTrial['mock']> {
  if (mock !== null) return mock;
  throw new Error('Broken invariant: the children of a tried state need a mock');
}

const mockedAnswer = (task: number, outcome: Outcome): StimulusBody =>
  outcome.type === 'succeeded'
    ? { type: 'TaskSucceeded', task, output: outcome.result }
    : { type: 'TaskFailed', task, phase: 'call', ...outcome.error };

/** The answer, or the first time-out of the task or of the execution, whichever comes first. */
async function performTask({ trial, ports, commands }: TrialRun): Promise<StimulusBody> {
  const { identity, signal } = trial;
  const { performer, clock } = ports;
  const invoke = commands.find((command) => command.type === 'InvokeTask');
  if (invoke === undefined) throw new Error('Broken invariant: a task that nobody performs');
  const abort = new AbortController();
  const giveUp = (): void => abort.abort();
  signal.addEventListener('abort', giveUp);
  const stops: (() => void)[] = [];
  try {
    const timeOuts = commands.map((command) =>
      command.type === 'StartTimer' ? firing(command, clock, stops) : new Promise<never>(() => undefined),
    );
    const answer = performer.perform(taskCall({ identity, traceHeader: null }, invoke), abort).catch(notPerformed);
    return await Promise.race([answer.then((given) => answerStimulus(invoke, given)), ...timeOuts]);
  } finally {
    for (const stop of stops) stop();
    signal.removeEventListener('abort', giveUp);
    abort.abort();
  }
}

/** Our own fault is the task's failure, as in an execution. */
function notPerformed(thrown: unknown): TaskAnswer {
  const cause = thrown instanceof Error ? thrown.message : String(thrown);
  return { type: 'failed', error: 'States.TaskFailed', cause: `Treadle could not perform the task: ${cause}` };
}

function firing(
  { timer, dueAt }: Command & { type: 'StartTimer' },
  clock: Clock,
  stops: (() => void)[],
): Promise<StimulusBody> {
  return new Promise((fire) => {
    stops.push(clock.after(Math.max(0, dueAt - clock.now()), () => fire({ type: 'TimerFired', timer, dueAt })));
  });
}

type Exit = Extract<HistoryRecord, { readonly type: `${string}StateExited` }>;

const isExit = (record: HistoryRecord): record is Exit => record.type.endsWith('StateExited');

function endOf(
  execution: Execution,
  records: readonly HistoryRecord[],
  inspection: readonly Inspection[],
): TriedState['end'] {
  const exit = records.find(isExit);
  const error = errorOf(execution, inspection);
  if (exit === undefined) {
    return { type: records.some(({ type }) => type === 'RetryScheduled') ? 'retriable' : 'failed', error: error ?? {} };
  }
  const { output } = exit.details;
  const { next } = exit.private;
  // Only a Catch leaves a state after a failure, and it always leads on.
  return error === null || next === null
    ? { type: 'succeeded', output, next }
    : { type: 'caught', output, next, error };
}

/** The execution's own end says it, else the failure that was retried or caught does. */
function errorOf(execution: Execution, inspection: readonly Inspection[]): ErrorDetails | null {
  if (execution.status === 'TIMED_OUT') return { error: 'States.Timeout' };
  if (execution.failure !== null) return execution.failure;
  const failure = inspection.findLast(({ step }) => step === 'failure')?.value.value;
  if (!isObject(failure)) return null;
  const [error, cause] = [memberOf(failure, 'error'), memberOf(failure, 'cause')];
  return { ...(typeof error === 'string' && { error }), ...(typeof cause === 'string' && { cause }) };
}
