import { StatesError } from '../language/states-error.js';
import { MAP_RUN_REDRIVES_MAX } from '../limits.js';
import type { Draft } from './draft.js';
import type { Frame, LastMapRun } from './execution.js';

/** AWS: after these a new run begins, with all items; an error of data would only come again. */
const NOT_REDRIVEN: ReadonlySet<string | null> = new Set(['States.DataLimitExceeded', 'States.Runtime']);

export const isRedrivable = ({ error }: LastMapRun): boolean => !NOT_REDRIVEN.has(error);

/** The same run goes on: what has succeeded in it stays. Throws StatesError. */
export function redriveMapRun(draft: Draft, frame: Frame, { mapRunArn, redriveCount }: LastMapRun): void {
  if (redriveCount >= MAP_RUN_REDRIVES_MAX) {
    throw new StatesError(
      'States.Runtime',
      `Expected a Map Run to be redriven at most ${MAP_RUN_REDRIVES_MAX} times, but '${mapRunArn}' has been.`,
    );
  }
  const details = { mapRunArn, redriveCount: redriveCount + 1 };
  const { seq } = draft.record(frame, { type: 'MapRunRedriven', details, private: null });
  draft.command({ type: 'StartMapRun', mapRun: seq, mapRunArn });
}
