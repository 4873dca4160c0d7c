import type { State } from '../../../language/index.js';
import { isArray, isObject, JsonSyntaxError, type Payload, parsePayload } from '../../../payload/index.js';
import { schemaFault } from './mock-schema.js';
import { mockedApi } from './mocked-api.js';
import { invalid, type Mock, type TestStateRequest } from './request.js';
import { findState } from './subject.js';

/** What may be asked of a state of this type. Throws ValidationException with AWS's texts, where they are recorded. */
export function checkRequest(request: TestStateRequest, state: State): void {
  if (request.mock === null) checkWithoutMock(request, state);
  else if (state.type !== 'Task' && state.type !== 'Map' && state.type !== 'Parallel') {
    throw invalid(`State type '${state.type}' is not supported when a mock is specified`);
  } else if (request.revealSecrets) {
    throw invalid('TestState does not support RevealSecrets when a mock is specified.');
  } else checkOrigin(request.configuration.errorCausedByState, state);
}

/** A Map or Parallel fails by one of its own states. */
function checkOrigin(name: string | undefined, state: State): void {
  if (name === undefined) return;
  const inside = state.type === 'Map' ? [state.processor] : state.type === 'Parallel' ? state.branches : [];
  if (inside.some((block) => findState(block, name) !== null)) return;
  throw invalid(
    `ErrorCausedByState must name a state inside the ${state.type} state, but there is no state '${name}'.`,
  );
}

/** What only a mock makes possible, in the order of the messages that AWS was recorded to give first. */
function checkWithoutMock({ configuration, context, roleArn }: TestStateRequest, state: State): void {
  const { retrierRetryCount, errorCausedByState, mapIterationFailureCount, mapItemReaderData } = configuration;
  const mockOnly = [
    ['MapIterationFailureCount', mapIterationFailureCount],
    ['RetrierRetryCount', retrierRetryCount],
    ['ErrorCausedByState', errorCausedByState],
    ['MapItemReaderData', mapItemReaderData],
    ['Context', context],
  ] as const;
  for (const [name, value] of mockOnly) {
    if (value !== undefined) throw invalid(`TestState does not support ${name} when a mock is not specified.`);
  }
  if (state.type === 'Map' || state.type === 'Parallel') {
    const types = '[Task, Wait, Pass, Succeed, Fail, Choice]';
    throw invalid(`TestState API does not support Map or Parallel states. Supported state types include: ${types}`);
  }
  if (state.type !== 'Task') return;
  const { resource } = state;
  if (resource.type === 'activity' || (resource.type === 'integration' && resource.pattern !== 'requestResponse')) {
    const what = resource.type === 'activity' ? 'Activity' : `'.${resource.pattern}'`;
    throw invalid(`TestState does not support ${what} tasks when a mock is not specified.`);
  }
  if (roleArn === undefined) throw invalid('RoleArn must be specified when testing a Task state');
}

/** The mocked result, which must be what the state could give. Throws ValidationException. */
export function readMockedResult(mock: Mock & { type: 'result' }, state: State): Payload {
  const result = parseMocked(mock.result);
  if (state.type === 'Task') checkSchema(result, mock, state);
  if (state.type === 'Parallel') {
    if (!isArray(result.value)) throw invalid('Mocked result must be an array.');
    if (result.value.length !== state.branches.length) {
      throw invalid('Mocked result must contain the same number of items as number of Parallel branches.');
    }
  }
  if (state.type === 'Map') {
    const isExported = state.distributed !== null && state.distributed.writer?.resource != null;
    if (isExported && !isObject(result.value)) throw invalid('Mocked result must be a JSON object.');
    if (!isExported && !isArray(result.value)) throw invalid('Mocked result must be an array.');
  }
  return result;
}

function parseMocked(text: string): Payload {
  try {
    return parsePayload(text);
  } catch (fault) {
    if (fault instanceof JsonSyntaxError) throw invalid('Mocked result must be valid JSON');
    throw fault;
  }
}

function checkSchema({ value }: Payload, mock: Mock & { type: 'result' }, state: State & { type: 'Task' }): void {
  const api = mock.validation === 'NONE' ? null : mockedApi(state.resource);
  if (mock.validation === 'NONE' || api === null) return;
  if (!isObject(value)) throw invalid('Mocked result must be a JSON object.');
  const fault = schemaFault(value, api.output, { mode: mock.validation, memberName: api.memberName });
  if (fault !== null) throw invalid(`Mock result schema validation error: ${fault}`);
}
