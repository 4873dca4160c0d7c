import type { EmbeddedHost } from '../../host/index.js';
import { errorDetails } from '../../interpreter/index.js';
import { CAUSE_CHARS_MAX, ERROR_CHARS_MAX } from '../../limits.js';
import { JsonSyntaxError, type Payload, parsePayload } from '../../payload/index.js';
import { type Action, ApiError } from '../port.js';
import { readMembers } from './members.js';
import type { StoredExecutions } from './stored-executions.js';
import { readTaskToken } from './task-token.js';

const TOKEN = { type: 'string', required: true, min: 1, max: 2048 } as const;

/** The answers to tasks that wait for a token (`.waitForTaskToken`). */
export function taskActions(host: EmbeddedHost, executions: StoredExecutions): Readonly<Record<string, Action>> {
  return {
    SendTaskSuccess: async ({ input }) => {
      const { taskToken, output } = readMembers(input, {
        taskToken: TOKEN,
        output: { type: 'string', required: true },
      });
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
  };
}

function readOutput(text: string): Payload {
  try {
    return parsePayload(text);
  } catch (fault) {
    if (fault instanceof JsonSyntaxError) throw new ApiError('InvalidOutput', `Invalid Output: '${fault.message}'`);
    throw fault;
  }
}

/** The token names the task; it is genuine when the task knows it: nobody else was told. */
async function awaitedTask(
  host: EmbeddedHost,
  executions: StoredExecutions,
  token: string,
): Promise<{ readonly execution: number; readonly task: number }> {
  const { executionArn, task } = readTaskToken(token);
  const row = await executions.find(executionArn).catch(() => null);
  const awaited = row?.status === 'RUNNING' ? await host.awaitedTask(row.execution, task) : null;
  if (row !== null && awaited !== null && (awaited.token === token || awaited.parameters.text.includes(token))) {
    return { execution: row.execution, task };
  }
  throw new ApiError('TaskTimedOut', "Task Timed Out: 'Provided task does not exist anymore'");
}
