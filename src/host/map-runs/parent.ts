import {
  awaitedMapRun,
  type Execution,
  itemSelection,
  type Policy,
  type Seed,
  type StimulusBody,
} from '../../interpreter/index.js';
import { Payload } from '../../payload/index.js';
import type { ExecutionId } from '../../store/ports.js';
import type { Revision } from '../ports.js';
import type { MapRunDocument } from './documents.js';
import type { MapRunOrder } from './live-map-run.js';

/** What an execution asks for with its MapRunStarted of this seq; null when it does not await that run any more. */
export function mapRunOrder(
  parent: { readonly id: ExecutionId; readonly revision: Revision; readonly execution: Execution },
  mapRun: number,
  seed: Seed,
  policy: Policy,
): MapRunOrder | null {
  const { id, revision, execution } = parent;
  if (execution.status !== 'RUNNING') return null; // its frames stay as they were
  const select = itemSelection(revision.definition, execution, mapRun, { at: execution.at, seed, policy });
  const awaits = awaitedMapRun(execution, mapRun)?.awaits;
  if (select === null || awaits === undefined) return null;
  const { mapRunArn, plan, items, redriveCount, redrivenAt } = awaits;
  const parentArn = execution.identity.arn;
  const run = { mapRunArn, mapRun, plan, items, select, redriveCount, redrivenAt };
  return { ...run, ...{ parent: id, parentArn, revision: revision.id } };
}

/** What the run's end is for its parent. */
export function endStimulus({ awaitedAs: mapRun, end }: MapRunDocument): StimulusBody {
  if (end?.outcome.status === 'FAILED') {
    const { error, cause } = end.outcome;
    return { type: 'MapRunFailed', mapRun, error, cause };
  }
  return { type: 'MapRunSucceeded', mapRun, result: Payload.ofText(end?.result ?? '[]') };
}
