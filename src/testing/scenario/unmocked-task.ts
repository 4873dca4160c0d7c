import type { TaskCall } from '../../integrations/port.js';
import { isObject, memberOf } from '../../payload/index.js';
import type { AwaitedTask } from './awaited-task.js';
import type { MockCall } from './mock.js';
import { inIteration } from './mock-table.js';
import { ScenarioError } from './scenario-error.js';

const PARAMETERS_CHARS_MAX = 500;

/** Says which task nothing answers, what it was given, and what to write. */
export function unmockedTask(call: MockCall, { state, isDeferred }: AwaitedTask, taskCall: TaskCall): ScenarioError {
  const text = taskCall.parameters.text;
  const parameters = text.length > PARAMETERS_CHARS_MAX ? `${text.slice(0, PARAMETERS_CHARS_MAX)}…` : text;
  const functionName =
    taskCall.resourceType === 'function' ? state.resource.arn.split(':')[6] : invokedFunction(taskCall);
  const cures = [`mocks: { ${quoted(call.path)}: { result: ${sampleResult(taskCall)} } }`];
  if (functionName !== undefined)
    cures.push(`functions: { ${quoted(functionName)}: (event) => … }   // for loadMachine`);
  if (isDeferred) cures.push(`mocks: { ${quoted(call.path)}: { pending: true } }   // answered by the test, or never`);
  return new ScenarioError(
    `Expected a mock for the task '${call.path}'${inIteration(call)} (call ${call.attempt}), for nothing is called for real, but there is none.\n` +
      `  It calls ${call.resource} with ${parameters}\n` +
      `  Add ${cures.join('\n   or ')}\n`,
  );
}

function invokedFunction({ resourceType, parameters }: TaskCall): string | undefined {
  const name =
    resourceType === 'lambda' && isObject(parameters.value) ? memberOf(parameters.value, 'FunctionName') : undefined;
  return typeof name === 'string' ? name.replace(/^arn:[^:]*:lambda:[^:]*:[^:]*:function:/, '') : undefined;
}

const sampleResult = ({ resourceType }: TaskCall): string => (resourceType === 'lambda' ? '{ Payload: {} }' : '{}');

const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
