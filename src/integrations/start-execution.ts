import { type JsonObject, type JsonValue, keysOf, memberOf, type Payload, writeJson } from '../payload/index.js';
import type { Clock } from '../services/ports.js';
import type { Integration, TaskAnswer, TaskCall } from './port.js';
import { foreignFields, requestIdOf, sdkFailure, sdkOutput, withParameters } from './sdk.js';

/** Starts executions for Tasks. Throws a fault with AWS's `code` and `message` for what cannot be started. */
export interface ExecutionStarter {
  start(request: {
    readonly stateMachineArn: string;
    readonly name: string;
    readonly input: string;
    /** The same each time the Task is performed: the same start, and no second one. */
    readonly key: string;
    /** The Task's TraceHeader, else that of its execution. */
    readonly traceHeader: string | null;
    /** Set where the Task waits for the end of the execution. */
    readonly caller: {
      readonly executionArn: string;
      readonly task: number;
      readonly pattern: 'sync' | 'sync:2';
    } | null;
  }): Promise<{ readonly executionArn: string; readonly startedAt: number }>;
}

/** What a start is refused with. */
export class StartFault extends Error {
  override readonly name = 'StartFault';
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

const FIELDS: ReadonlySet<string> = new Set(['StateMachineArn', 'Input', 'Name', 'TraceHeader']);

/** `states:startExecution`, also with `.sync`, `.sync:2` and `.waitForTaskToken`. */
export const startExecution = (starter: ExecutionStarter, clock: Clock): Integration => ({
  resource: 'states:startExecution',
  perform: (call) =>
    withParameters(call, faultsOf, async (parameters) => {
      try {
        return started(call, await starter.start(requestOf(call, parameters)), clock);
      } catch (fault) {
        if (fault instanceof StartFault) return failure(call, fault);
        throw fault;
      }
    }),
});

function faultsOf(parameters: JsonObject): readonly string[] {
  const faults = [...foreignFields(keysOf(parameters), FIELDS)];
  for (const name of ['StateMachineArn', 'Name', 'TraceHeader']) {
    const value = memberOf(parameters, name);
    if (value !== undefined && value !== null && typeof value !== 'string') {
      faults.push(`The value for the field '${name}' must be a STRING`);
    }
  }
  if (typeof memberOf(parameters, 'StateMachineArn') !== 'string') {
    faults.push("The field 'StateMachineArn' is required but was missing");
  }
  return faults;
}

function requestOf(call: TaskCall, parameters: JsonObject): Parameters<ExecutionStarter['start']>[0] {
  const name = memberOf(parameters, 'Name');
  const traceHeader = memberOf(parameters, 'TraceHeader');
  const pattern = call.resource.split('.')[1];
  const task = Number(call.key.slice(call.key.lastIndexOf('#') + 1));
  const isAwaited = pattern === 'sync' || pattern === 'sync:2';
  return {
    stateMachineArn: String(memberOf(parameters, 'StateMachineArn')),
    name: typeof name === 'string' ? name : requestIdOf(call),
    input: inputText(memberOf(parameters, 'Input')),
    key: call.key,
    traceHeader: typeof traceHeader === 'string' ? traceHeader : (call.traceHeader ?? null),
    caller: isAwaited ? { executionArn: call.executionArn, task, pattern } : null,
  };
}

/** Nothing and null are an empty object; a text is the input's own text. */
function inputText(value: JsonValue | undefined): string {
  if (value === undefined || value === null) return '{}';
  return typeof value === 'string' ? value : writeJson(value);
}

function started(
  call: TaskCall,
  { executionArn, startedAt }: { readonly executionArn: string; readonly startedAt: number },
  clock: Clock,
): TaskAnswer {
  const members = new Map<string, JsonValue>([
    ['ExecutionArn', executionArn],
    ['StartDate', startedAt],
  ]);
  const headers = { 'Content-Type': 'application/x-amz-json-1.0' };
  const output: Payload = sdkOutput(members, { status: 200, requestId: requestIdOf(call), at: clock.now(), headers });
  return { type: call.resource === 'startExecution' ? 'succeeded' : 'submitted', output };
}

const failure = (call: TaskCall, { code, message }: StartFault): TaskAnswer =>
  sdkFailure({
    error: `StepFunctions.${code}Exception`,
    message,
    service: 'AWSStepFunctions',
    status: 400,
    code,
    requestId: requestIdOf(call),
  });
