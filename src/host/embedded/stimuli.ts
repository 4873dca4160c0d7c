import type { TaskAnswer } from '../../integrations/port.js';
import type { Stimulus, StimulusBody } from '../../interpreter/index.js';
import type { TimerKey } from '../../store/ports.js';
import type { LiveExecution } from './live-execution.js';

/** What a call's answer is for the execution. */
export function answerStimulus(task: number, answer: TaskAnswer): StimulusBody {
  switch (answer.type) {
    case 'succeeded':
      return { type: 'TaskSucceeded', task, output: answer.output };
    case 'submitted':
      return { type: 'TaskSubmitted', task, output: answer.output };
    case 'queued':
      return { type: 'ActivityQueued', task };
    case 'failed':
      return { type: 'TaskFailed', task, error: answer.error, cause: answer.cause, phase: answer.phase ?? 'call' };
    default:
      return answer satisfies never;
  }
}

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
