import { randomUUID } from 'node:crypto';
import {
  baseRevision,
  type Clock,
  childRevision,
  EmbeddedHost,
  expressRunner,
  type Revision,
  seedSource,
  systemClock,
  TransientHost,
} from '../host/index.js';
import { mapData, noObjects } from '../integrations/map-data/index.js';
import type { TaskAnswer, TaskCall } from '../integrations/port.js';
import { EXPRESS_POLICY, type HistoryRecord } from '../interpreter/index.js';
import { formatInvalidDefinition, parseDefinition } from '../language/index.js';
import { parsePayload } from '../payload/index.js';
import { readHistory } from '../store/histories.js';
import type { ExecutionId } from '../store/ports.js';
import { openSqliteStore, type SqliteStoreOptions } from '../store/sqlite/index.js';
import { memoryStore } from './memory-store.js';

export interface EngineOptions {
  /** Where executions are kept, durably; null keeps them in memory. */
  readonly folder: string | null;
  /** ASL as JSON text. Rejects with AWS's text when it is not valid. */
  readonly definition: string;
  /** Answers every Task. */
  readonly perform: (call: TaskCall) => Promise<TaskAnswer>;
  /** Added to each commit, as if the disk were slow: one transaction at a time all the same. */
  readonly commitDelayMs?: number;
  /** The machine's own clock unless given. */
  readonly clock?: Clock;
}

export interface Engine {
  /** Resolves when the start is durable. `name` must be new. */
  start(input: string, name?: string): Promise<void>;
  /** Starts an execution and waits until its end is durable. `name` must be new. */
  execute(input: string, name?: string): Promise<void>;
  /** Every record of an execution, those too that AWS does not show. */
  history(name: string): Promise<readonly HistoryRecord[]>;
  close(): Promise<void>;
}

const MACHINE_ARN = 'arn:aws:states:us-east-1:000000000000:stateMachine:machine';
const ROLE_ARN = 'arn:aws:iam::000000000000:role/test';

/** One state machine in this process, without a server: the engine itself, for tests and measurements. */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  const { definition, diagnostics } = parseDefinition(options.definition, { type: 'STANDARD' });
  if (definition === null) throw new Error(formatInvalidDefinition(diagnostics));
  const revision: Revision = {
    id: 'r1',
    machineArn: MACHINE_ARN,
    machineName: 'machine',
    roleArn: ROLE_ARN,
    definition,
  };
  const store = options.folder === null ? memoryStore() : await openSqliteStore(storeOptions(options.folder, options));
  const clock = options.clock ?? systemClock;
  const seed = seedSource();
  const transient = new TransientHost({ performer: { perform: options.perform }, clock, seed });
  const host = await EmbeddedHost.open({
    store,
    revisions: { load: async (id) => revisionOf(revision, id) },
    performer: { perform: options.perform },
    mapData: mapData(noObjects),
    express: expressRunner(transient, EXPRESS_POLICY),
    clock,
    seed,
    onQuarantine: (arn, fault) => {
      throw new Error(`${arn} cannot go on: ${fault.message}`);
    },
  });
  await host.recover();
  const start = async (input: string, name: string): Promise<ExecutionId> => {
    const started = await host.start({ revision, name, input: parsePayload(input) });
    if (started.type === 'nameTaken') throw new Error(`Expected a new name, but there is an execution '${name}'.`);
    return started.execution;
  };
  return {
    async start(input, name = randomUUID()) {
      await start(input, name);
    },
    async execute(input, name = randomUUID()) {
      await host.ended(await start(input, name));
    },
    async history(name) {
      const row = await store.executions.find(MACHINE_ARN, name);
      if (row === null) throw new Error(`Expected an execution '${name}', but there is none.`);
      return readHistory(store.executions, row.execution);
    },
    async close() {
      transient.close();
      await host.close();
      await store.close();
    },
  };
}

function storeOptions(folder: string, { commitDelayMs = 0 }: EngineOptions): SqliteStoreOptions {
  if (commitDelayMs === 0) return { folder };
  return { folder, hooks: { onCommitted: () => new Promise((resolve) => setTimeout(resolve, commitDelayMs)) } };
}

function revisionOf(revision: Revision, id: string): Revision {
  const { label } = baseRevision(id);
  return label === null ? revision : childRevision(revision, label);
}
