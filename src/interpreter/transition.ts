import type { State } from '../language/definition.js';
import type { Payload } from '../payload/index.js';
import { resultSizeError } from './data-flow.js';
import type { Draft } from './draft.js';
import type { Frame } from './execution.js';
import { type AssignedVariables, EXITED } from './history.js';

/** Records the exit; the frame is between two states then, or at its end. */
export function leaveState(
  draft: Draft,
  frame: Frame,
  state: Exclude<State, { type: 'Fail' }>,
  exit: {
    readonly output: Payload;
    /** Null ends the frame. */
    readonly next: string | null;
    readonly assigned?: AssignedVariables | undefined;
  },
): void {
  const tooLarge = resultSizeError(draft, state.name, exit.output);
  if (tooLarge !== null) throw tooLarge;
  draft.record(frame, {
    type: EXITED[state.type],
    details: { name: state.name, output: exit.output, ...(exit.assigned && { assigned: exit.assigned }) },
    private: { next: exit.next },
  });
}
