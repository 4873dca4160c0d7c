import { z } from 'zod';
import { ASYNC_EVENT_BYTES_MAX } from '../../limits.js';
import { JsonSyntaxError, parseJson } from '../../payload/index.js';
import { withLogTail } from '../../services/log-tail.js';
import type { Invocation, InvocationResult } from '../../services/ports.js';
import { apiError } from '../errors.js';
import { type Action, ApiError } from '../port.js';
import { qualifiedName, read, refuseUndone } from './function-input.js';
import type { LambdaPorts } from './ports.js';

const INVOKE = z.object({
  FunctionName: z.string(),
  Qualifier: z.string().optional(),
  InvocationType: z.enum(['RequestResponse', 'Event', 'DryRun']).default('RequestResponse'),
  LogType: z.enum(['None', 'Tail']).default('None'),
  Payload: z.string().optional(),
});

/**
 * Invoke. A client that goes away does not stop the function, as on Lambda. Event answers 202 once the event is durable;
 * the function gets it at least once, and two more times when it fails.
 */
export function invokeAction(ports: LambdaPorts): Action {
  return async (call) => {
    refuseUndone(call.input, Object.keys(INVOKE.shape));
    const input = read(INVOKE, call);
    const event = eventOf(input.Payload);
    const trace = call.traceHeader === undefined ? {} : { traceHeader: call.traceHeader };
    // A mere name means a function in the request's region.
    const functionName = qualifiedName(input.FunctionName, input.Qualifier, call.place);
    switch (input.InvocationType) {
      case 'DryRun':
        ports.functions.find(functionName, call.place);
        return { StatusCode: 204 };
      case 'Event':
        ports.functions.find(functionName, call.place);
        checkEventSize(event);
        await ports.events.enqueue({ functionName, event, requestId: call.requestId, ...trace });
        return { StatusCode: 202 };
      case 'RequestResponse':
        return invokeNow(ports, { functionName, event, requestId: call.requestId, ...trace }, input.LogType);
      default:
        return input.InvocationType satisfies never;
    }
  };
}

async function invokeNow(
  { functions }: LambdaPorts,
  invocation: Invocation,
  logType: 'None' | 'Tail',
): Promise<unknown> {
  if (logType === 'None') return answerMembers(await functions.invoke(invocation));
  const { answer, logResult } = await withLogTail(functions, invocation.requestId, () => functions.invoke(invocation));
  return { ...answerMembers(answer), LogResult: logResult };
}

function answerMembers(answer: InvocationResult): Readonly<Record<string, unknown>> {
  switch (answer.type) {
    case 'succeeded':
      return { StatusCode: 200, ExecutedVersion: answer.executedVersion, Payload: answer.payload };
    case 'failed':
      return {
        StatusCode: 200,
        ExecutedVersion: answer.executedVersion,
        FunctionError: 'Unhandled',
        Payload: answer.payload,
      };
    case 'refused':
      throw new ApiError(answer.code, answer.message, answer.status);
    default:
      return answer satisfies never;
  }
}

/** The event's text; nothing is an empty object. Throws InvalidRequestContentException. */
function eventOf(payload: string | undefined): string {
  if (payload === undefined || payload === '') return '{}';
  try {
    parseJson(payload);
    return payload;
  } catch (fault) {
    if (!(fault instanceof JsonSyntaxError)) throw fault;
    throw apiError('InvalidRequestContentException', `Could not parse request body into json: ${fault.message}`);
  }
}

function checkEventSize(event: string): void {
  if (Buffer.byteLength(event) <= ASYNC_EVENT_BYTES_MAX) return;
  const message = `Request must be smaller than ${ASYNC_EVENT_BYTES_MAX} bytes for the InvokeFunction operation`;
  throw apiError('RequestTooLargeException', message);
}
