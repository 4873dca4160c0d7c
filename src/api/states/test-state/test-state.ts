import { type Place, stateMachineArn } from '../../../arn.js';
import { type TrialPorts, type TriedState, tryState } from '../../../host/index.js';
import { type ExecutionIdentity, type Policy, ROOT_FRAME } from '../../../interpreter/index.js';
import type { State } from '../../../language/index.js';
import { TEST_STATE_SECONDS_MAX, TEST_STATES_MAX } from '../../../limits.js';
import { entriesOf, isObject, JsonSyntaxError, Payload, parsePayload } from '../../../payload/index.js';
import type { Action, ApiCall } from '../../port.js';
import { rateExceeded, readInput } from '../execution-input.js';
import { checkRequest } from './checks.js';
import { readContext } from './given-context.js';
import { inspectionData } from './inspection-data.js';
import { mockedOutcome } from './mocked-outcome.js';
import { invalid, readRequest, type TestStateRequest } from './request.js';
import { readSubject } from './subject.js';

export interface TestStateOptions extends TrialPorts {
  /** Names of what has none. */
  readonly newName: () => string;
  /** Of executions: a tried state is held to the same quotas. */
  readonly policy: Policy;
}

export function testStateAction(options: TestStateOptions): Action {
  let underWay = 0;
  return async (call) => {
    if (underWay >= TEST_STATES_MAX) throw rateExceeded();
    underWay += 1;
    try {
      return await testState(options, call);
    } finally {
      underWay -= 1;
    }
  };
}

async function testState(options: TestStateOptions, { input, place, signal }: ApiCall): Promise<object> {
  const request = readRequest(input, options.policy.quotas);
  const subject = readSubject(request.definition, request.stateName);
  checkRequest(request, subject.state);
  const payload = readInput(request.input, options.policy.quotas);
  const variables = readVariables(request.variables);
  const policy: Policy = {
    ...options.policy,
    activities: null, // a mocked activity need not exist
    inspects: true,
    trial: {
      context: request.context === undefined ? null : readContext(request.context, subject.state),
      variables,
      retries: request.configuration.retrierRetryCount ?? 0,
      item: subject.isIterated ? payload.value : null,
    },
  };
  const tried = await tryState(
    {
      definition: { ...subject.definition, timeoutSeconds: TEST_STATE_SECONDS_MAX },
      identity: identityOf(options, place, request),
      input: payload,
      policy,
      mock: mockedOutcome(request, subject.state),
      readerData: request.configuration.mapItemReaderData ?? null,
      signal,
    },
    options,
  );
  return answer(tried, { state: subject.state, request, variables });
}

function readVariables(text: string | undefined): ReadonlyMap<string, Payload> {
  if (text === undefined) return new Map();
  try {
    const { value } = parsePayload(text);
    if (isObject(value)) return new Map(entriesOf(value).map(([name, of]) => [name, Payload.ofValue(of)]));
  } catch (fault) {
    if (!(fault instanceof JsonSyntaxError)) throw fault;
  }
  throw invalid('Variables must be a valid JSON object.');
}

/** Names are made up; the execution is an Express one, as on AWS. */
function identityOf({ newName }: TestStateOptions, place: Place, { roleArn }: TestStateRequest): ExecutionIdentity {
  const [machine, name] = [newName(), newName()];
  return {
    arn: `arn:aws:states:${place.region}:${place.account}:express:${machine}:${name}`,
    name,
    stateMachineArn: stateMachineArn(place, machine),
    stateMachineName: machine,
    roleArn: roleArn ?? '',
    region: place.region,
  };
}

/** `status` and what goes with it; the data flow where it was asked for. */
function answer(
  { end, inspection, execution }: TriedState,
  tested: {
    readonly state: State;
    readonly request: TestStateRequest;
    readonly variables: ReadonlyMap<string, Payload>;
  },
): object {
  const assigned = execution.frames.get(ROOT_FRAME)?.variables ?? new Map<string, Payload>();
  return {
    ...endMembers(end),
    ...(tested.request.inspectionLevel !== 'INFO' && {
      inspectionData: inspectionData(tested.state, inspection, new Map([...tested.variables, ...assigned])),
    }),
  };
}

function endMembers(end: TriedState['end']): object {
  switch (end.type) {
    case 'succeeded':
      return { status: 'SUCCEEDED', output: end.output.text, ...(end.next !== null && { nextState: end.next }) };
    case 'caught':
      return { status: 'CAUGHT_ERROR', output: end.output.text, nextState: end.next, ...end.error };
    case 'retriable':
      return { status: 'RETRIABLE', ...end.error };
    case 'failed':
      return { status: 'FAILED', ...end.error };
    default:
      return end satisfies never;
  }
}
