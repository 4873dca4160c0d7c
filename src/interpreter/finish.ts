import type { MapState } from '../language/definition.js';
import { StatesError } from '../language/states-error.js';
import { type Draft, stateOf } from './draft.js';
import { type Frame, frameOf } from './execution.js';
import { failByError, releaseExecutionTimer } from './failure.js';
import { openIterations } from './states/map.js';

/** The frame's last state has been left: its output goes to whoever opened it. */
export function finishFrame(draft: Draft, frame: Frame): void {
  if (frame.parent === null) {
    draft.recordExecution({ type: 'ExecutionSucceeded', details: { output: frame.input }, private: null }, frame.last);
    releaseExecutionTimer(draft);
    return;
  }
  const parent = frameOf(draft.execution, frame.parent);
  const state = stateOf(draft, parent);
  if (state.type === 'Map') {
    const details = { name: state.name, index: frame.index };
    draft.record(parent, { type: 'MapIterationSucceeded', details, private: null }, { previous: frame.last });
    openNextIteration(draft, parent, state, frame.last);
  }
  if (parent.awaits?.type === 'children' && parent.awaits.resultCount === parent.awaits.total) draft.makeReady(parent);
}

/** An ItemSelector that fails is the Map's failure, not the finished iteration's. */
function openNextIteration(draft: Draft, parent: Frame, state: MapState, previous: number): void {
  try {
    openIterations(draft, parent, state, previous);
  } catch (fault) {
    if (!(fault instanceof StatesError)) throw fault;
    failByError(draft, parent, fault);
  }
}
