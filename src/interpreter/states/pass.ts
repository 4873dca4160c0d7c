import type { PassState } from '../../language/definition.js';
import { applyTemplate, evaluateAssign, placeResult, selectByPath } from '../data-flow.js';
import type { Draft } from '../draft.js';
import type { Frame } from '../execution.js';
import { leaveState } from '../transition.js';

export function enterPass(draft: Draft, frame: Frame, state: PassState): void {
  const input = selectByPath(draft, frame, state.inputPath, frame.input);
  const result = state.result ?? applyTemplate(draft, frame, state.parameters, input);
  const assigned = evaluateAssign(draft, frame, state.assign, result);
  const placed = placeResult(state.resultPath, frame.input, result);
  const output = selectByPath(draft, frame, state.outputPath, placed);
  leaveState(draft, frame, state, { output, next: state.next, assigned });
}
