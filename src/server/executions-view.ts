import { readExecutionArn, type StateMachines, type StoredExecutions } from '../api/states/index.js';
import {
  type ExecutionsPage,
  type ExecutionsQuery,
  FollowBuffer,
  type FollowedRecord,
  followedRecord,
  type MachineRow,
  type Why,
} from '../api/treadle/index.js';
import { executionArn } from '../arn.js';
import type { EmbeddedHost } from '../host/index.js';
import { identityOf } from '../host/index.js';
import { explain, type HistoryRecord, isEnd } from '../interpreter/index.js';
import { END_WAIT_MS_MAX, PAGE_ITEMS_MAX } from '../limits.js';
import type { ExecutionRow, ExecutionStore } from '../store/ports.js';

/** Executions as people see them: over all regions and machines, live, and with the reason of their end. */
export class ExecutionsView {
  constructor(
    private readonly store: ExecutionStore,
    private readonly engine: {
      readonly host: EmbeddedHost;
      readonly machines: StateMachines;
      readonly executions: StoredExecutions;
    },
  ) {}

  async machineRows(): Promise<readonly MachineRow[]> {
    const machines = await this.engine.machines.listAll(PAGE_ITEMS_MAX);
    return machines.map(({ arn, name, type, createdAt }) => ({ arn, name, type, createdAt }));
  }

  async page({ machine, status, limit, after }: ExecutionsQuery): Promise<ExecutionsPage> {
    const arn = machine === null || machine.startsWith('arn:') ? machine : await this.#arnOf(machine);
    if (machine !== null && arn === null) return { executions: [], next: null };
    const [startAt, execution] = (after ?? '').split('.').map(Number);
    const position = startAt === undefined || execution === undefined ? null : { startAt, execution };
    const rows = await this.store.list({ machine: arn, status, after: position, limit: limit + 1 });
    const shown = rows.slice(0, limit);
    const last = shown.at(-1);
    return {
      executions: shown.map((row) => ({
        arn: executionArn(row.machine, row.name),
        name: row.name,
        machineArn: row.machine,
        machineName: row.machine.split(':').at(-1) ?? row.machine,
        status: row.status,
        startAt: row.startAt,
        stopAt: row.stopAt,
      })),
      next: rows.length > limit && last ? `${last.startAt}.${last.execution}` : null,
    };
  }

  async #arnOf(name: string): Promise<string | null> {
    const machines = await this.engine.machines.listAll(PAGE_ITEMS_MAX);
    return machines.find((machine) => machine.name === name)?.arn ?? null;
  }

  async why(arn: string): Promise<Why | null> {
    const row = await this.#row(arn);
    if (row === null) return null;
    const revision = await this.engine.machines.load(row.revision);
    if (revision === null) return null;
    const records = await this.engine.executions.records(row);
    const { sentence, state } = explain(revision.definition, identityOf(revision, row.name), records);
    const end = records.findLast((record) => record.type.startsWith('Execution'));
    const failure = end?.type === 'ExecutionFailed' || end?.type === 'ExecutionAborted' ? end.details : {};
    return { arn, status: row.status, sentence, state, error: failure.error ?? null, cause: failure.cause ?? null };
  }

  /** First what is stored, then what becomes durable; nothing twice, nothing left out. */
  async follow(arn: string, after: number, signal: AbortSignal): Promise<AsyncIterable<FollowedRecord> | null> {
    const row = await this.#row(arn);
    if (row === null) return null;
    const buffer = new FollowBuffer<FollowedRecord>();
    let seen = after;
    const push = (records: readonly HistoryRecord[]): void => {
      for (const record of records) {
        if (record.seq <= seen) continue;
        seen = record.seq;
        buffer.push(followedRecord(record));
        if (isEnd(record)) buffer.end();
      }
    };
    let pending: HistoryRecord[] | null = [];
    const isRunning = row.status === 'RUNNING';
    const stop = isRunning
      ? this.engine.host.follow(row.execution, (records) =>
          pending === null ? push(records) : pending.push(...records),
        )
      : () => undefined;
    push(await this.engine.executions.records(row));
    push(pending);
    pending = null;
    if (!isRunning) buffer.end();
    signal.addEventListener('abort', () => buffer.end(), { once: true });
    return stopping(buffer, stop);
  }

  /** The record that has ended the execution; null where it is still running after END_WAIT_MS_MAX. */
  async end(arn: string, signal: AbortSignal): Promise<{ readonly end: FollowedRecord | null } | null> {
    const row = await this.#row(arn);
    if (row === null) return null;
    const end =
      (row.status === 'RUNNING' ? await this.#comingEnd(arn, row, signal) : null) ?? (await this.#storedEnd(arn));
    return { end: end === null ? null : followedRecord(end) };
  }

  /** Null where it does not come in time, or has come before anybody listened. */
  async #comingEnd(arn: string, { execution }: ExecutionRow, signal: AbortSignal): Promise<HistoryRecord | null> {
    let giveUp = (): void => undefined;
    const gone = new Promise<null>((resolve) => {
      giveUp = () => resolve(null);
    });
    let unfollow = (): void => undefined;
    const coming = new Promise<HistoryRecord>((resolve) => {
      unfollow = this.engine.host.follow(execution, (records) => {
        const end = records.find(isEnd);
        if (end !== undefined) resolve(end);
      });
    });
    const late = setTimeout(giveUp, END_WAIT_MS_MAX);
    signal.addEventListener('abort', giveUp, { once: true });
    try {
      if ((await this.#row(arn))?.status !== 'RUNNING') return null;
      return await Promise.race([coming, gone]);
    } finally {
      unfollow();
      clearTimeout(late);
      signal.removeEventListener('abort', giveUp);
    }
  }

  async #storedEnd(arn: string): Promise<HistoryRecord | null> {
    const row = await this.#row(arn);
    if (row === null || row.status === 'RUNNING') return null;
    return (await this.engine.executions.records(row)).findLast(isEnd) ?? null;
  }

  async #row(arn: string): Promise<ExecutionRow | null> {
    const { machineArn, name } = readExecutionArn(arn);
    return this.store.find(machineArn, name);
  }
}

async function* stopping<Item>(items: AsyncIterable<Item>, stop: () => void): AsyncGenerator<Item> {
  try {
    yield* items;
  } finally {
    stop();
  }
}
