import { type AwaitsTask, type Execution, notRedrivable, type StimulusBody } from '../../interpreter/index.js';
import { CALLER_LOOK_MS } from '../../limits.js';
import { type JsonValue, objectOf, Payload, writeJson } from '../../payload/index.js';
import type { ExecutionId, RecordStore, RecordWrite } from '../../store/ports.js';
import { putJson } from '../../store/record-writes.js';
import { type Clock, HostClosed } from '../ports.js';
import { pauseMs } from '../retry-pause.js';

/** `<caller>.<task>` → the execution that this task has started and waits for. */
const CALLEES = 'callee';
/** How long the start of an execution takes at most, once it has been asked for. */
const START_MS = 1000;

interface CalleesOptions {
  readonly records: RecordStore;
  readonly clock: Clock;
  readonly awaitedTask: (execution: ExecutionId, task: number) => Promise<Readonly<AwaitsTask> | null>;
  /** Resolves when what it leads to is durable. */
  readonly deliver: (execution: ExecutionId, stimulus: StimulusBody) => Promise<void>;
  /** The command of this record is done with. */
  readonly forget: (execution: ExecutionId, seq: number) => Promise<void>;
}

/** Executions that a Task has started and waits for (`startExecution.sync`): told to their callers when they end, and stopped with them. */
export class Callees {
  constructor(private readonly options: CalleesOptions) {}

  /** As `notify`, for an execution that may go on, or that nobody waits for. */
  tellEnd(id: ExecutionId, execution: Execution): void {
    if (execution.caller !== null && execution.status !== 'RUNNING') this.notify(id, execution, execution.seq);
  }

  /** Tells the caller how the execution has ended. Its outbox row stands until the caller's commit. */
  notify(id: ExecutionId, execution: Execution, seq: number): void {
    void this.#notify(id, execution, seq).catch((fault: unknown) => {
      if (fault instanceof HostClosed) return; // the next start tells it
      this.options.clock.after(CALLER_LOOK_MS * 100, () => this.notify(id, execution, seq));
    });
  }

  async #notify(id: ExecutionId, execution: Execution, seq: number): Promise<void> {
    const { caller } = execution;
    const { awaitedTask, deliver, forget, records, clock } = this.options;
    if (caller !== null) {
      const awaited = await awaitedTask(caller.execution, caller.task);
      if (awaited !== null && !awaited.isSubmitted) {
        // The start has not been answered yet: history shows it first.
        clock.after(CALLER_LOOK_MS, () => this.notify(id, execution, seq));
        return;
      }
      await deliver(caller.execution, answerOf(execution, caller.task));
      await records.write([{ type: 'delete', collection: CALLEES, key: keyOf(caller.execution, caller.task) }]);
    }
    await forget(id, seq);
  }

  /** Nobody waits for the execution any more: it is stopped. Its start may still be under way, so it is looked for twice. */
  stop(caller: ExecutionId, task: number, { isLast = false, attempt = 0 } = {}): void {
    this.#stop(caller, task, isLast).catch((fault: unknown) => {
      if (fault instanceof HostClosed) return; // the next start stops it
      this.options.clock.after(pauseMs(attempt), () => this.stop(caller, task, { isLast, attempt: attempt + 1 }));
    });
  }

  async #stop(caller: ExecutionId, task: number, isLast: boolean): Promise<void> {
    if (await this.stopLeft(caller, task)) return;
    if (isLast) await this.options.forget(caller, task);
    else this.options.clock.after(START_MS, () => this.stop(caller, task, { isLast: true }));
  }

  /** False when the task has started no execution that is still awaited. */
  async stopLeft(caller: ExecutionId, task: number): Promise<boolean> {
    const { records, deliver, forget } = this.options;
    const key = keyOf(caller, task);
    const text = await records.get(CALLEES, key);
    if (text === null) return false;
    const { execution } = JSON.parse(text) as { readonly execution: ExecutionId }; // our own text
    await deliver(execution, { type: 'StopExecution' });
    await records.write([{ type: 'delete', collection: CALLEES, key }]);
    await forget(caller, task);
    return true;
  }
}

const keyOf = (caller: ExecutionId, task: number): string => `${caller}.${task}`;

/** What the start of an awaited execution writes in its own commit. */
export function calleeWrites(
  { caller }: Execution,
  id: ExecutionId,
  { isStart }: { readonly isStart: boolean },
): readonly RecordWrite[] {
  if (caller === null || !isStart) return [];
  return [putJson(CALLEES, keyOf(caller.execution, caller.task), { execution: id })];
}

/** The description of the ended execution as AWS gives it to the caller: with texts (`sync`) or with values (`sync:2`). */
function answerOf(execution: Execution, task: number): StimulusBody {
  const isParsed = execution.caller?.pattern === 'sync:2';
  const shown = (payload: Payload | null): JsonValue | undefined =>
    payload === null ? undefined : isParsed ? payload.value : payload.text;
  const { identity, input, output, failure } = execution;
  const reason = notRedrivable(execution.status);
  const members: readonly (readonly [string, JsonValue | undefined])[] = [
    ['Cause', failure?.cause],
    ['Error', failure?.error],
    ['ExecutionArn', identity.arn],
    ['Input', shown(input)],
    ['InputDetails', { Included: true }],
    ['Name', identity.name],
    ['Output', shown(output)],
    ['OutputDetails', output === null ? undefined : { Included: true }],
    ['RedriveCount', execution.redriveCount],
    ['RedriveDate', execution.redrivenAt ?? undefined],
    ['RedriveStatus', reason === null ? 'REDRIVABLE' : 'NOT_REDRIVABLE'],
    ['RedriveStatusReason', reason ?? undefined],
    ['StartDate', execution.startedAt],
    ['StateMachineArn', identity.stateMachineArn],
    ['Status', execution.status],
    ['StopDate', execution.at],
  ];
  const given = members.filter((member): member is readonly [string, JsonValue] => member[1] !== undefined);
  const description = objectOf([...given]);
  if (execution.status === 'SUCCEEDED') return { type: 'TaskSucceeded', task, output: Payload.ofValue(description) };
  const cause = writeJson(description);
  return { type: 'TaskFailed', task, error: 'States.TaskFailed', cause, phase: 'call' };
}
