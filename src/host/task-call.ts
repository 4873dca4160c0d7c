import { accountOf } from '../arn.js';
import type { TaskAnswer, TaskCall } from '../integrations/port.js';
import type { Command, Execution, StimulusBody } from '../interpreter/index.js';

/**
 * What a performer gets for a task: the key is the same each time the task is performed, but another one each time that somebody
 * asks for the call to be made anew.
 */
export function taskCall(
  { identity, traceHeader }: Pick<Execution, 'identity' | 'traceHeader'>,
  command: Command & { readonly type: 'InvokeTask' },
): TaskCall {
  return {
    key: `${identity.arn}${command.send === undefined ? '' : `~${command.send}`}#${command.task}`,
    executionArn: identity.arn,
    stateMachineArn: identity.stateMachineArn,
    stateName: command.stateName,
    region: identity.region,
    account: accountOf(identity.arn),
    resourceType: command.resourceType,
    resource: command.resource,
    parameters: command.parameters,
    ...(traceHeader !== null && { traceHeader }),
  };
}

/** What the dispatcher and its answers know the call by. */
export const taskKey = (
  execution: number,
  { task, send }: Command & { readonly type: 'InvokeTask' },
): { readonly execution: number; readonly task: number; readonly send: number | undefined } => ({
  execution,
  task,
  send,
});

/** The part of a command or a key that says which call it was. */
interface AnsweredCall {
  readonly task: number;
  readonly send?: number | undefined;
}

/** What a call's answer is for the execution. */
export function answerStimulus({ task, send }: AnsweredCall, answer: TaskAnswer): StimulusBody {
  if (send !== undefined) {
    const isRefused = answer.type === 'failed';
    return { type: 'TaskSentAgain', task, ...(isRefused && { error: answer.error, cause: answer.cause }) };
  }
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
