import type { PassState } from '../../language/definition.js';
import { applyTemplate, effectiveInput, evaluateAssign, placeResult, selectByPath, workInput } from '../data-flow.js';
import type { Draft } from '../draft.js';
import type { Frame } from '../execution.js';
import { leaveState } from '../transition.js';

export function enterPass(draft: Draft, frame: Frame, state: PassState): void {
  const input = effectiveInput(draft, frame, state);
  const result = state.result ?? workInput(draft, frame, state, input);
  draft.inspect(frame, 'result', result);
  draft.inspect(frame, 'afterResultSelector', result);
  const assigned = evaluateAssign(draft, frame, state.assign, result);
  const placed = placeResult(state.resultPath, frame.input, result);
  draft.inspect(frame, 'afterResultPath', placed);
  const selected = selectByPath(draft, frame, state.outputPath, placed);
  const output = applyTemplate(draft, frame, state.output, selected);
  leaveState(draft, frame, state, { output, next: state.next, assigned });
}
