import { type EmbeddedHost, TooManyHeartbeats } from '../../host/index.js';
import { errorDetails } from '../../interpreter/index.js';
import { CAUSE_CHARS_MAX, ERROR_CHARS_MAX } from '../../limits.js';
import { JsonSyntaxError, type Payload, parsePayload } from '../../payload/index.js';
import { type Action, ApiError } from '../port.js';
import { checkPayloadSize, type ExecutionActionsOptions, rateExceeded } from './execution-input.js';
import { readMembers } from './members.js';
import type { StoredExecutions } from './stored-executions.js';
import { readTaskToken } from './task-token.js';

const TOKEN = { type: 'string', required: true, min: 1, max: 2048 } as const;

/** The answers to tasks that wait for a token (`.waitForTaskToken`), and their signs of life. */
export function taskActions({ host, executions, quotas }: ExecutionActionsOptions): Readonly<Record<string, Action>> {
  return {
    SendTaskSuccess: async ({ input }) => {
      const { taskToken, output } = readMembers(input, {
        taskToken: TOKEN,
        output: { type: 'string', required: true },
      });
      checkPayloadSize('output', output, quotas.payloadBytesMax);
      const result = readOutput(output);
      const { execution, task } = await awaitedTask(host, executions, taskToken);
      await host.deliver(execution, { type: 'TaskSucceeded', task, output: result });
      return {};
    },
    SendTaskFailure: async ({ input }) => {
      const { taskToken, error, cause } = readMembers(input, {
        taskToken: TOKEN,
        error: { type: 'string', max: ERROR_CHARS_MAX },
        cause: { type: 'string', max: CAUSE_CHARS_MAX },
      });
      const { execution, task } = await awaitedTask(host, executions, taskToken);
      await host.deliver(execution, { type: 'TaskFailed', task, phase: 'call', ...errorDetails({ error, cause }) });
      return {};
    },
    SendTaskHeartbeat: async ({ input }) => {
      const { taskToken } = readMembers(input, { taskToken: TOKEN });
      const { execution, task, takesBeats } = await awaitedTask(host, executions, taskToken);
      if (takesBeats) beat(host, { execution, task });
      return {};
    },
  };
}

function beat(host: EmbeddedHost, key: { readonly execution: number; readonly task: number }): void {
  try {
    host.beat(key);
  } catch (fault) {
    throw fault instanceof TooManyHeartbeats ? rateExceeded() : fault;
  }
}

function readOutput(text: string): Payload {
  try {
    return parsePayload(text);
  } catch (fault) {
    if (fault instanceof JsonSyntaxError) throw new ApiError('InvalidOutput', `Invalid Output: '${fault.message}'`);
    throw fault;
  }
}

interface AwaitedTask {
  readonly execution: number;
  readonly task: number;
  /** It has HeartbeatSeconds. */
  readonly takesBeats: boolean;
}

/** The token names the task; it is genuine when the task knows it: nobody else was told. */
async function awaitedTask(host: EmbeddedHost, executions: StoredExecutions, token: string): Promise<AwaitedTask> {
  const { executionArn, task } = readTaskToken(token);
  const row = await executions.find(executionArn).catch(missing);
  if (row === null) throw new ApiError('TaskDoesNotExist', "Task Does Not Exist: 'Provided task does not exist'");
  const awaited = row.status === 'RUNNING' ? await durablyAwaited(host, row.execution, task) : null;
  if (awaited !== null && (awaited.token === token || awaited.parameters.text.includes(token))) {
    return { execution: row.execution, task, takesBeats: awaited.heartbeatDueAt !== null };
  }
  throw new ApiError('TaskTimedOut', "Task Timed Out: 'Provided task does not exist anymore'");
}

/** A task that is not awaited in memory may still be in the store: what has been decided is waited for, and may come to nothing. */
async function durablyAwaited(
  host: EmbeddedHost,
  execution: number,
  task: number,
): ReturnType<EmbeddedHost['awaitedTask']> {
  const awaited = await host.awaitedTask(execution, task);
  if (awaited !== null) return awaited;
  await host.deliver(execution, { type: 'TaskStarted', task });
  return await host.awaitedTask(execution, task);
}

/** No token of ours names such an execution; a store that does not answer says nothing about the task. */
function missing(fault: unknown): null {
  if (fault instanceof ApiError) return null;
  throw fault;
}
