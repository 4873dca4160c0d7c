import type { SucceedState } from '../../language/definition.js';
import { applyTemplate, effectiveInput, selectByPath } from '../data-flow.js';
import type { Draft } from '../draft.js';
import type { Frame } from '../execution.js';
import { leaveState } from '../transition.js';

export function enterSucceed(draft: Draft, frame: Frame, state: SucceedState): void {
  const selected = selectByPath(draft, frame, state.outputPath, effectiveInput(draft, frame, state));
  leaveState(draft, frame, state, { output: applyTemplate(draft, frame, state.output, selected), next: null });
}
