import type { StoredChild } from '../../interpreter/index.js';
import { REDRIVE_MS_MAX } from '../../limits.js';
import type { ExecutionStatus } from '../../store/ports.js';
import type { ChildDocument, MapRunDocument } from './documents.js';
import type { MapRunOrder } from './live-map-run.js';

/**
 * A run that has ended, as its redrive takes it up: with the children that it has, or at its source where it never came to
 * them. One that has succeeded without its parent knowing stays as it is.
 */
export function redrivenRun(ended: MapRunDocument, { mapRun, redriveCount, redrivenAt }: MapRunOrder): MapRunDocument {
  const redriven = { ...ended, awaitedAs: mapRun, redriveCount, redrivenAt };
  if (ended.end?.outcome.status === 'SUCCEEDED') return redriven;
  return { ...redriven, phase: ended.childCount > 0 ? 'running' : 'reading', end: null };
}

/** A child's document as its run counts it. `status` is the execution's own, which a refused redrive leaves behind its document. */
export function storedChild(child: ChildDocument, run: MapRunDocument, status: ExecutionStatus): StoredChild {
  const { index, itemCount, runRedrive, stoppedAt, execution } = child;
  const redrivenAt = run.redrivenAt ?? 0;
  const isExpired = execution !== null && stoppedAt !== null && redrivenAt - stoppedAt > REDRIVE_MS_MAX;
  const isRedrivable = child.isRedrivable && !isExpired;
  const isBehind = runRedrive < run.redriveCount || child.status === 'RUNNING';
  const hasFailed = status !== 'SUCCEEDED' && status !== 'RUNNING';
  return { index, itemCount, status, isRedrivable, awaitsRedrive: hasFailed && isBehind && isRedrivable };
}
