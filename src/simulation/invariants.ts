import { historyEvent } from '../api/states/index.js';
import { restoreLiveExecution } from '../host/embedded/live-execution.js';
import type { Revision } from '../host/index.js';
import type { HistoryRecord } from '../interpreter/index.js';
import { parseDefinition } from '../language/index.js';
import { readHistory } from '../store/histories.js';
import type { ExecutionRow, ExecutionStore, RecordStore } from '../store/ports.js';
import { checkSequence, checkTimes } from '../testing/history-checks.js';
import { HistoryRules } from '../testing/history-rules.js';
import type { Reachable, Wish } from './clients.js';
import { executionArnOf, KINDS, machineArnOf, ROLE } from './machines.js';

export interface Everything {
  readonly ask: Reachable['ask'];
  readonly store: {
    readonly executions: Pick<ExecutionStore, 'load' | 'list' | 'outbox' | 'timers'>;
    readonly records: Pick<RecordStore, 'scan'>;
  };
  readonly wishes: readonly Wish[];
  /** Under which id each call was made. */
  readonly calls: ReadonlySet<string>;
  /** The id of a call with this key. */
  readonly idOf: (key: string) => string;
  /** Timers of ended executions (heartbeats that were put off) go when they are due. */
  readonly now: number;
  readonly report: (problem: string) => void;
}

/** What must hold when everything has come to rest. Returns how many events all histories have. */
export async function checkEverything(everything: Everything): Promise<number> {
  const { store, wishes, report } = everything;
  for (const wish of wishes) await checkWish(everything, wish);
  const calls: CallKeys = { scheduled: new Set(), answered: new Set() };
  let events = 0;
  const rows = await store.executions.list({ machine: null, status: null, after: null, limit: 1_000_000 });
  for (const row of rows) {
    try {
      const records = await readHistory(store.executions, row.execution);
      await checkHistory(everything, row, records);
      noteCalls(row, records, calls);
      events += records.filter(({ id }) => id !== null).length;
    } catch (fault) {
      report(`${row.machine} ${row.name}: ${fault instanceof Error ? fault.message : fault}`);
    }
  }
  checkCalls(everything, calls);
  await checkNothingLeft(everything, rows);
  return events;
}

/** What was acknowledged has ended as it must. */
async function checkWish({ ask, report }: Everything, { kind, name, input }: Wish): Promise<void> {
  try {
    const shown = await ask('DescribeExecution', { executionArn: executionArnOf(kind.machine, name) });
    const output = typeof shown.output === 'string' ? JSON.parse(shown.output) : null;
    const [got, wanted] = [
      [shown.status, output],
      [kind.status, kind.outputOf(input)],
    ].map((outcome) => JSON.stringify(outcome));
    if (got !== wanted)
      report(`${kind.machine} ${name}: expected ${wanted}, but it is ${got} ${shown.error ?? ''} ${shown.cause ?? ''}`);
  } catch (fault) {
    report(`${kind.machine} ${name} was acknowledged, but: ${fault instanceof Error ? fault.message : fault}`);
  }
}

async function checkHistory(
  { ask, store }: Everything,
  row: ExecutionRow,
  records: readonly HistoryRecord[],
): Promise<void> {
  checkSequence(
    records.filter(({ id }) => id !== null).map((record) => historyEvent(record, { includeExecutionData: true })),
  );
  checkTimes(records);
  const [machine = ''] = row.machine.split(':').slice(-1);
  const kind = KINDS.find((each) => each.machine === machine);
  const revision = kind === undefined ? null : revisionOf(kind.machine, kind.definition);
  if (revision === null) return; // a child of a Map: it runs a part of its parent's definition
  if (row.redriveCount === 0) {
    const rules = new HistoryRules(revision.definition);
    for (const record of records) rules.take(record);
  }
  const stored = await store.executions.load(row.execution, { from: 'start' });
  if (stored === null) throw new Error('Expected it to be stored');
  const { execution } = restoreLiveExecution(stored, revision);
  const shown = await ask('DescribeExecution', { executionArn: executionArnOf(machine, row.name) });
  const [replayed, api] = [
    [execution.status, execution.output?.text, execution.failure?.error],
    [shown.status, shown.output, shown.error],
  ].map((outcome) => JSON.stringify(outcome));
  if (replayed !== api || row.status !== execution.status)
    throw new Error(`replay gives ${replayed}, but the API ${api}`);
}

function revisionOf(machineName: string, definition: object): Revision {
  const parsed = parseDefinition(JSON.stringify(definition), { type: 'STANDARD' });
  if (parsed.definition === null) throw new Error(JSON.stringify(parsed.diagnostics));
  const machineArn = machineArnOf(machineName);
  return { id: 'any', machineArn, machineName, roleArn: ROLE, definition: parsed.definition };
}

interface TaskDetails {
  readonly resourceType?: string;
}

/** Keys of calls of functions: which there may be, and which there must have been (a task may time out in line). */
interface CallKeys {
  readonly scheduled: Set<string>;
  readonly answered: Set<string>;
}

const SCHEDULED = /^(?:Task|LambdaFunction)Scheduled$/;
const ANSWERED = /^(?:Task|LambdaFunction)(?:Submitted|Succeeded|Failed)$/;

function noteCalls({ machine, name }: ExecutionRow, records: readonly HistoryRecord[], keys: CallKeys): void {
  const arn = executionArnOf(machine.split(':').slice(-1)[0] ?? '', name);
  const open = new Map<number, string>();
  for (const { type, seq, frame, details } of records) {
    const key = `${arn}#${seq}`;
    if (SCHEDULED.test(type) && (details as TaskDetails).resourceType !== 'states') {
      keys.scheduled.add(key);
      open.set(frame, key);
    }
    const answered = ANSWERED.test(type) ? open.get(frame) : undefined;
    if (answered !== undefined) keys.answered.add(answered);
    if (type.endsWith('StateExited')) open.delete(frame);
  }
}

/** Every call is one of a task that stands in a history, and every task that has an answer was called. */
function checkCalls({ calls, idOf, report }: Everything, { scheduled, answered }: CallKeys): void {
  const ids = new Set([...scheduled].map(idOf));
  const foreign = [...calls].filter((id) => !ids.has(id));
  if (foreign.length > 0) report(`Calls of tasks that no history knows: ${foreign.slice(0, 5).join(', ')}`);
  const missing = [...answered].filter((key) => !calls.has(idOf(key)));
  if (missing.length > 0)
    report(`Tasks with an answer whose function was never called: ${missing.slice(0, 5).join(', ')}`);
}

/** Documents that go with the executions they belong to. */
const PASSING = ['callee', 'open-wait', 'express-start', 'quarantine', 'map-run-input'];

async function checkNothingLeft({ store, now, report }: Everything, rows: readonly ExecutionRow[]): Promise<void> {
  const running = rows.filter(({ status }) => status === 'RUNNING');
  if (running.length > 0)
    report(`Still running: ${running.map(({ machine, name }) => `${machine} ${name}`).join(', ')}`);
  const outbox = await store.executions.outbox({ after: null, limit: 10 });
  if (outbox.length > 0) report(`Left in the outbox: ${JSON.stringify(outbox)}`);
  const timers = await store.executions.timers({ before: now, after: null, limit: 10 });
  if (timers.length > 0) report(`Timers left: ${JSON.stringify(timers)}`);
  for (const collection of PASSING) {
    const left = await store.records.scan({ collection, prefix: '', after: null, limit: 10 });
    // Inputs of Express children lie nowhere else.
    if (left.length > 0 && collection !== 'map-run-input')
      report(`Left in ${collection}: ${left.map(({ key }) => key)}`);
  }
}
