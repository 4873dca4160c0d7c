import type { StartedBy, Stimulus } from '../../interpreter/index.js';
import type { TimerKey } from '../../store/ports.js';
import type { StartRequest } from '../ports.js';
import type { LiveExecution } from './live-execution.js';

/** Timers whose rows are done with, whatever the decision says. */
export const firedBy = (stimuli: readonly Stimulus[]): readonly TimerKey[] =>
  stimuli.flatMap((stimulus) =>
    stimulus.type === 'TimerFired' ? [{ seq: stimulus.timer, dueAt: stimulus.dueAt }] : [],
  );

/** The `Continue` that these stimuli bring is done with. */
export function takeContinue(live: LiveExecution, stimuli: readonly Stimulus[]): readonly number[] {
  const seq = live.continueSeq;
  if (seq === null || !stimuli.some((stimulus) => stimulus.type === 'Continue')) return [];
  live.continueSeq = null;
  return [seq];
}

/** As history names what the execution was started with. */
export function startedBy({ revision, version, alias }: StartRequest): StartedBy {
  return {
    ...(typeof version === 'number' && { stateMachineVersionArn: `${revision.machineArn}:${version}` }),
    ...(typeof alias === 'string' && { stateMachineAliasArn: `${revision.machineArn}:${alias}` }),
  };
}
