import { parseArn } from '../../arn.js';
import { functionIntegration } from '../../integrations/function.js';
import { lambdaInvoke } from '../../integrations/lambda-invoke.js';
import type { TaskAnswer, TaskCall } from '../../integrations/port.js';
import { isObject, memberOf } from '../../payload/index.js';
import type { Clock, Invocation, InvocationResult, Invoker } from '../../services/ports.js';

/** What a handler gets besides its event: what Lambda's Node.js context has and a test can have. */
export interface FunctionContext {
  readonly functionName: string;
  readonly invokedFunctionArn: string;
  readonly awsRequestId: string;
  readonly getRemainingTimeInMillis: () => number;
}

/** A Lambda handler. What it throws is the function's error, as on Lambda: its name is the error's, the cause an error object. */
export type FunctionHandler = (event: never, context: FunctionContext) => unknown;

/** By the function's name, as the definition calls it. */
export type FunctionHandlers = Readonly<Record<string, FunctionHandler>>;

/** Real handlers behind `lambda:invoke` and functions' ARNs: results and errors are shaped as the server shapes them. */
export class LocalFunctions {
  readonly #function;
  readonly #lambda;

  constructor(
    private readonly handlers: FunctionHandlers,
    clock: Clock,
  ) {
    const invoker: Invoker = { invoke: (invocation) => this.#invoke(invocation) };
    this.#function = functionIntegration(invoker);
    this.#lambda = lambdaInvoke({
      invoker,
      lines: { onLine: () => () => undefined },
      events: { enqueue: async (invocation) => void (await this.#invoke(invocation)) },
      clock,
    });
  }

  /** The handler's name, or null where the call is for none of them. */
  nameFor({ resourceType, resource, parameters }: TaskCall): string | null {
    if (resourceType === 'function') return this.#known(resource);
    if (resourceType !== 'lambda' || !resource.startsWith('invoke')) return null;
    const name = isObject(parameters.value) ? memberOf(parameters.value, 'FunctionName') : undefined;
    return typeof name === 'string' ? this.#known(name) : null;
  }

  perform(call: TaskCall): Promise<TaskAnswer> {
    const integration = call.resourceType === 'function' ? this.#function : this.#lambda;
    return integration.perform(call, new AbortController());
  }

  #known(reference: string): string | null {
    const name = functionNameOf(reference);
    return Object.hasOwn(this.handlers, name) ? name : null;
  }

  async #invoke({ functionName, event, requestId }: Invocation): Promise<InvocationResult> {
    const name = functionNameOf(functionName);
    const handler = this.handlers[name];
    if (handler === undefined) {
      const message = `Expected a handler for the function '${name}' in 'functions', but there is none`;
      return { type: 'refused', code: 'ResourceNotFoundException', message, status: 404 };
    }
    const context: FunctionContext = {
      functionName: name,
      invokedFunctionArn: functionName,
      awsRequestId: requestId,
      getRemainingTimeInMillis: () => REMAINING_MS,
    };
    try {
      const answer = await handler(JSON.parse(event) as never, context); // the handler knows what it takes
      return { type: 'succeeded', payload: JSON.stringify(answer ?? null), executedVersion: '$LATEST' };
    } catch (fault) {
      return { type: 'failed', payload: JSON.stringify(errorObject(fault)), executedVersion: '$LATEST' };
    }
  }
}

/** Virtual time stands still while a handler works. */
const REMAINING_MS = 60_000;

function functionNameOf(reference: string): string {
  const resource = parseArn(reference)?.resource ?? reference;
  const [first = '', second = ''] = resource.split(':');
  return first === 'function' ? second : first;
}

/** As the Node.js runtime of Lambda writes it. */
function errorObject(fault: unknown): object {
  if (!(fault instanceof Error)) return { errorType: typeof fault, errorMessage: String(fault), trace: [] };
  return { errorType: fault.name, errorMessage: fault.message, trace: (fault.stack ?? '').split('\n') };
}
