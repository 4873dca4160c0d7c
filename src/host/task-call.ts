import type { TaskAnswer, TaskCall } from '../integrations/port.js';
import type { Command, Execution, StimulusBody } from '../interpreter/index.js';

/** What a performer gets for a task: the key is the same each time the task is performed. */
export function taskCall(
  { identity, traceHeader }: Pick<Execution, 'identity' | 'traceHeader'>,
  command: Command & { readonly type: 'InvokeTask' },
): TaskCall {
  return {
    key: `${identity.arn}#${command.task}`,
    executionArn: identity.arn,
    stateMachineArn: identity.stateMachineArn,
    stateName: command.stateName,
    region: identity.region,
    account: identity.arn.split(':')[4] ?? '',
    resourceType: command.resourceType,
    resource: command.resource,
    parameters: command.parameters,
    ...(traceHeader !== null && { traceHeader }),
  };
}

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
