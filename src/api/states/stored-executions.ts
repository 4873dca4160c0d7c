import { identityOf } from '../../host/index.js';
import { type Execution, evolve, type HistoryRecord, newExecution } from '../../interpreter/index.js';
import { readSegments } from '../../store/histories.js';
import type { ExecutionRow, ExecutionStore } from '../../store/ports.js';
import { ApiError } from '../port.js';
import { EndedHistory } from './ended-history.js';
import { readExecutionArn } from './names.js';
import type { StateMachines } from './state-machines.js';

/** Reads executions back from the store: what is durable, no more. */
export class StoredExecutions {
  readonly #ended = new EndedHistory();

  constructor(
    private readonly store: ExecutionStore,
    private readonly machines: StateMachines,
  ) {}

  /** Throws InvalidArn. */
  find(arn: string): Promise<ExecutionRow | null> {
    const { machineArn, name } = readExecutionArn(arn);
    return this.store.find(machineArn, name);
  }

  /** Throws InvalidArn, ExecutionDoesNotExist. */
  async row(arn: string): Promise<ExecutionRow> {
    const row = await this.find(arn);
    if (row !== null) return row;
    throw new ApiError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
  }

  async records(row: ExecutionRow): Promise<readonly HistoryRecord[]> {
    const kept = this.#ended.find(row);
    if (kept !== null) return kept;
    const segments = (await this.store.load(row.execution, { from: 'start' }))?.segments ?? [];
    const records = readSegments(segments);
    this.#ended.keep(
      row,
      records,
      segments.reduce((sum, { data }) => sum + data.length, 0),
    );
    return records;
  }

  /** Where the execution stands after its last durable record. */
  async state(row: ExecutionRow): Promise<Execution> {
    const revision = await this.machines.load(row.revision);
    if (revision === null) throw new Error(`Broken invariant: there is no revision ${row.revision}`);
    const execution = newExecution(identityOf(revision, row.name));
    for (const record of await this.records(row)) evolve(execution, record);
    return execution;
  }
}
