import type { Stimulus, StimulusBody } from '../../interpreter/index.js';
import type { TimerKey } from '../../store/ports.js';
import type { StartRequest } from '../ports.js';
import type { LiveExecution } from './live-execution.js';

/** Timers whose rows are done with, whatever the decision says. */
export function firedBy(stimuli: readonly Stimulus[]): readonly TimerKey[] {
  const fired: TimerKey[] = [];
  for (const stimulus of stimuli) {
    if (stimulus.type === 'TimerFired') fired.push({ seq: stimulus.timer, dueAt: stimulus.dueAt });
  }
  return fired;
}

/** The `Continue` that these stimuli bring is done with. */
export function takeContinue(live: LiveExecution, stimuli: readonly Stimulus[]): readonly number[] {
  const seq = live.continueSeq;
  if (seq === null || !stimuli.some((stimulus) => stimulus.type === 'Continue')) return [];
  live.continueSeq = null;
  return [seq];
}

/** An execution's first stimulus. */
export function startStimulus({
  revision,
  input,
  child,
  caller,
  version,
  alias,
  traceHeader,
}: StartRequest): StimulusBody {
  return {
    type: 'StartExecution',
    input,
    ...(child && { child }),
    ...(caller && { caller }),
    ...(typeof traceHeader === 'string' && { traceHeader }),
    ...(typeof version === 'number' && { stateMachineVersionArn: `${revision.machineArn}:${version}` }),
    ...(typeof alias === 'string' && { stateMachineAliasArn: `${revision.machineArn}:${alias}` }),
  };
}
