import type { ParallelState } from '../../language/definition.js';
import { effectiveInput, workInput } from '../data-flow.js';
import type { Draft } from '../draft.js';
import type { Frame } from '../execution.js';

/** Also a retry's new attempt. */
export function startParallel(draft: Draft, frame: Frame, state: ParallelState): void {
  const selected = effectiveInput(draft, frame, state);
  const input = workInput(draft, frame, state, selected, { hasRetryCount: true });
  const started = draft.record(frame, {
    type: 'ParallelStateStarted',
    details: null,
    private: { branches: state.branches.length },
  });
  if (draft.policy.trial !== null) return;
  for (const [index, branch] of state.branches.entries()) {
    const opening = { parent: frame.id, index, startAt: branch.startAt.name, input };
    draft.makeReady(draft.recordOpening({ type: 'BranchStarted', details: null, private: opening }, started.id ?? 0));
  }
}
