import type { ParallelState } from '../../language/definition.js';
import { applyTemplate, selectByPath } from '../data-flow.js';
import type { Draft } from '../draft.js';
import type { Frame } from '../execution.js';

/** Also a retry's new attempt. */
export function startParallel(draft: Draft, frame: Frame, state: ParallelState): void {
  const selected = selectByPath(draft, frame, state.inputPath, frame.input);
  const input = applyTemplate(draft, frame, state.parameters, selected, { hasRetryCount: true });
  const started = draft.record(frame, {
    type: 'ParallelStateStarted',
    details: null,
    private: { branches: state.branches.length },
  });
  for (const [index, branch] of state.branches.entries()) {
    const opening = { parent: frame.id, index, startAt: branch.startAt.name, input };
    draft.makeReady(draft.recordOpening({ type: 'BranchStarted', details: null, private: opening }, started.id ?? 0));
  }
}
