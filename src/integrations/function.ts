import { parsePayload } from '../payload/index.js';
import type { Invoker } from '../services/ports.js';
import { functionFailure, invocationRefusal } from './function-error.js';
import type { Integration } from './port.js';
import { requestIdOf, traceOf } from './sdk.js';

/** A function's ARN written directly as Resource: the input is the event, the function's answer the result, both as they are. */
export const functionIntegration = (invoker: Invoker): Integration => ({
  resource: 'function',
  perform: async (call, { signal }) => {
    const requestId = requestIdOf(call);
    const invocation = { functionName: call.resource, event: call.parameters.text, requestId, ...traceOf(call) };
    const answer = await invoker.invoke(invocation, signal);
    switch (answer.type) {
      case 'succeeded':
        return { type: 'succeeded', output: parsePayload(answer.payload) };
      case 'failed':
        return functionFailure(answer.payload);
      case 'refused':
        return invocationRefusal(answer, requestId);
      default:
        return answer satisfies never;
    }
  },
});
