import { expressExecutionArn } from '../../arn.js';
import type { ExecutionIdentity, Policy } from '../../interpreter/index.js';
import { EXPRESS_STARTS_WAITING_MAX } from '../../limits.js';
import { Payload } from '../../payload/index.js';
import type { RecordStore } from '../../store/ports.js';
import { putJson } from '../../store/record-writes.js';
import { identityOf } from '../embedded/live-execution.js';
import { type Clock, HostClosed, type Revision, type Revisions, type StartRequest } from '../ports.js';
import { type TransientHost, TransientHostFull } from './transient-host.js';

export interface ExpressStartsOptions {
  readonly records: RecordStore;
  readonly revisions: Revisions;
  readonly host: TransientHost;
  readonly policy: Policy;
  readonly clock: Clock;
  /** UUIDs that sort by time: the last part of an Express execution's ARN, and its row's key. */
  readonly newId: () => string;
  /** A line for the operator: an execution that cannot go on. */
  readonly report: (line: string) => void;
  /** Starts that may wait for room in memory; EXPRESS_STARTS_WAITING_MAX unless given. */
  readonly waitingMax?: number;
}

/** A start as it is kept until its execution has ended. */
interface StartRow {
  readonly revision: string;
  readonly name: string;
  readonly input: string;
  readonly traceHeader?: string | null;
}

const STARTS = 'express-start';
const PAGE_ROWS = 1000;
/** A store that refuses is asked again after 10 ms, 20 ms, … up to this. */
const RETRY_MS_MAX = 5_000;

export function expressIdentity(revision: Revision, name: string, id: string): ExecutionIdentity {
  return identityOf(revision, name, expressExecutionArn(revision.machineArn, name, id));
}

/**
 * Asynchronous Express executions: one durable row each, which goes when the execution has ended. After a crash they run
 * again from their start (at least once, as on AWS). What finds no room in memory waits in the store.
 */
export class ExpressStarts {
  /** Keys of rows that no execution runs for yet, oldest first. */
  readonly #waiting = new Set<string>();
  #isTakingUp = false;
  #isClosed = false;

  constructor(private readonly options: ExpressStartsOptions) {}

  get waiting(): number {
    return this.#waiting.size;
  }

  /** Resolves when the start is durable. Throws TransientHostFull when too many wait already. */
  async start(request: StartRequest): Promise<{ readonly arn: string; readonly startedAt: number }> {
    const { revision, name, input, traceHeader = null } = request;
    const { records, clock, newId, host, waitingMax = EXPRESS_STARTS_WAITING_MAX } = this.options;
    if (this.#isClosed) throw new HostClosed('The server is shutting down.');
    if (this.#waiting.size >= waitingMax) {
      throw new TransientHostFull(`Expected fewer than ${waitingMax} starts to wait, but there are as many.`);
    }
    const id = newId();
    const startedAt = clock.now();
    const row: StartRow = { revision: revision.id, name, input: input.text, traceHeader };
    await records.write([putJson(STARTS, id, row, 'absent')]).catch((fault: unknown) => {
      this.#remove(id); // it may be written all the same, and nobody was told that it runs
      throw fault;
    });
    if (this.#waiting.size === 0 && host.hasRoom && !this.#isClosed) this.#run(id, request);
    else this.#wait(id);
    return { arn: expressExecutionArn(revision.machineArn, name, id), startedAt };
  }

  /** Runs again what had not ended when the last server stopped. Returns how many. */
  async recover(): Promise<number> {
    let count = 0;
    for (let after: string | null = null; ; ) {
      const query = { collection: STARTS, prefix: '', after, limit: PAGE_ROWS };
      const page = await this.options.records.scan(query);
      for (const { key } of page) this.#wait(key);
      count += page.length;
      after = page.at(-1)?.key ?? null;
      if (page.length < PAGE_ROWS || after === null) return count;
    }
  }

  /** What is under way runs again after the next start. */
  close(): void {
    this.#isClosed = true;
  }

  #wait(id: string): void {
    this.#waiting.add(id);
    void this.#takeUp();
  }

  async #takeUp(): Promise<void> {
    if (this.#isTakingUp) return;
    this.#isTakingUp = true;
    try {
      for (const id of this.#waiting) {
        if (this.#isClosed) return;
        if (!this.options.host.hasRoom) return this.options.host.onRoom(() => void this.#takeUp());
        await this.#runStored(id);
        this.#waiting.delete(id);
      }
    } catch {
      // The store failed, or somebody else took the room meanwhile.
      this.options.clock.after(RETRY_MS_MAX, () => void this.#takeUp());
    } finally {
      this.#isTakingUp = false;
    }
  }

  async #runStored(id: string): Promise<void> {
    const text = await this.options.records.get(STARTS, id);
    if (text === null) return;
    const row = JSON.parse(text) as StartRow; // written by start
    const revision = await this.options.revisions.load(row.revision);
    if (revision === null) {
      this.options.report(
        `Broken invariant: revision ${row.revision} of Express execution ${row.name} (${id}) is gone.`,
      );
      return this.#remove(id);
    }
    if (this.#isClosed) return;
    const { name, input, traceHeader = null } = row;
    this.#run(id, { revision, name, input: Payload.ofText(input), traceHeader });
  }

  #run(id: string, { revision, name, input, traceHeader = null }: StartRequest): void {
    const identity = expressIdentity(revision, name, id);
    const { host, policy, report } = this.options;
    const { ended } = host.run({ revision, identity, input, policy, traceHeader });
    ended.then(
      () => this.#remove(id),
      (fault: Error) => {
        if (fault instanceof HostClosed) return; // it runs again after the next start
        report(`${identity.arn} cannot go on and was given up. ${fault.stack ?? fault.message}`);
        this.#remove(id);
      },
    );
  }

  /** Where the store does not take it, it is tried again; after a crash the execution would run again. */
  #remove(id: string, attempt = 0): void {
    if (this.#isClosed) return;
    this.options.records.write([{ type: 'delete', collection: STARTS, key: id }]).catch(() => {
      this.options.clock.after(Math.min(10 * 2 ** attempt, RETRY_MS_MAX), () => this.#remove(id, attempt + 1));
    });
  }
}
