import type { SucceedState } from '../../language/definition.js';
import { selectByPath } from '../data-flow.js';
import type { Draft } from '../draft.js';
import type { Frame } from '../execution.js';
import { leaveState } from '../transition.js';

export function enterSucceed(draft: Draft, frame: Frame, state: SucceedState): void {
  const input = selectByPath(draft, frame, state.inputPath, frame.input);
  leaveState(draft, frame, state, { output: selectByPath(draft, frame, state.outputPath, input), next: null });
}
