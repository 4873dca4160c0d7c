import { executionArn, regionOf } from '../../arn.js';
import {
  type Command,
  type Execution,
  type ExecutionIdentity,
  evolve,
  newExecution,
  type Stimulus,
} from '../../interpreter/index.js';
import type { ExecutionId, StoredExecution } from '../../store/ports.js';
import { PayloadNumbers, SegmentReader } from '../../store/segment.js';
import { decodeSnapshot } from '../../store/snapshot.js';
import type { Revision } from '../ports.js';

/** One stimulus in line, and who waits until what it leads to is durable. */
export interface Letter {
  readonly stimulus: Stimulus;
  readonly done: () => void;
  readonly failed: (error: Error) => void;
}

/** A decision that is in the store or not, and who waits for it. */
export interface LostTurn {
  readonly letters: readonly Letter[];
  readonly commands: readonly Command[];
}

/** An execution in memory, with its mailbox. */
export interface LiveExecution {
  readonly id: ExecutionId;
  readonly revision: Revision;
  readonly execution: Execution;
  readonly numbers: PayloadNumbers;
  readonly mailbox: Letter[];
  /** A decision of it is being committed. */
  isBusy: boolean;
  /** Seq that the stored snapshot covers; 0 = there is none. */
  snapshotSeq: number;
  /** Text of its records, about what it holds in memory. */
  chars: number;
  /** Seq under which a `Continue` stands in the outbox; null = none. */
  continueSeq: number | null;
}

export function identityOf(
  revision: Revision,
  name: string,
  arn: string = executionArn(revision.machineArn, name),
): ExecutionIdentity {
  return {
    arn,
    name,
    stateMachineArn: revision.machineArn,
    stateMachineName: revision.machineName,
    roleArn: revision.roleArn,
    region: regionOf(revision.machineArn),
  };
}

export function newLiveExecution(id: ExecutionId, revision: Revision, name: string): LiveExecution {
  const execution = newExecution(identityOf(revision, name));
  return liveExecution({ id, revision, execution, numbers: new PayloadNumbers(), snapshotSeq: 0, chars: 0 });
}

/** Rebuilds an execution from its snapshot and the records after it. */
export function restoreLiveExecution(stored: StoredExecution, revision: Revision): LiveExecution {
  const numbers = new PayloadNumbers();
  const reader = new SegmentReader(numbers);
  const identity = identityOf(revision, stored.row.name);
  const restored = stored.snapshot === null ? null : decodeSnapshot(stored.snapshot.data, identity, reader);
  const execution = restored ?? newExecution(identity);
  for (const segment of stored.segments) {
    for (const record of reader.read(segment.data)) if (record.seq > execution.seq) evolve(execution, record);
  }
  return liveExecution({
    id: stored.row.execution,
    revision,
    execution,
    numbers,
    snapshotSeq: restored === null ? 0 : (stored.snapshot?.seq ?? 0),
    chars: stored.segments.reduce((sum, { data }) => sum + data.length, stored.snapshot?.data.length ?? 0),
  });
}

function liveExecution(
  parts: Pick<LiveExecution, 'id' | 'revision' | 'execution' | 'numbers' | 'snapshotSeq' | 'chars'>,
): LiveExecution {
  const { id, revision, execution, numbers, snapshotSeq, chars } = parts;
  return { id, revision, execution, numbers, mailbox: [], isBusy: false, snapshotSeq, chars, continueSeq: null };
}
