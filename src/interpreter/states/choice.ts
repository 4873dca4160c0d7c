import type { ChoiceState } from '../../language/definition.js';
import { StatesError } from '../../language/states-error.js';
import { applyTemplate, effectiveInput, evaluateAssign, selectByPath } from '../data-flow.js';
import type { Draft } from '../draft.js';
import type { Frame } from '../execution.js';
import { StateScope } from '../scope.js';
import { leaveState } from '../transition.js';

export function enterChoice(draft: Draft, frame: Frame, state: ChoiceState): void {
  const input = effectiveInput(draft, frame, state);
  const scope = new StateScope(draft, frame, input);
  const rule = state.choices.find((candidate) => candidate.test(scope));
  const next = rule?.next ?? state.default;
  if (next === null) {
    throw new StatesError(
      'States.NoChoiceMatched',
      'Failed to transition out of the state: no rule matched and there is no Default.',
    );
  }
  const exit = rule ?? state;
  const assigned = evaluateAssign(draft, frame, exit.assign, input);
  const output = applyTemplate(draft, frame, exit.output, selectByPath(draft, frame, state.outputPath, input));
  leaveState(draft, frame, state, { output, next, assigned });
}
