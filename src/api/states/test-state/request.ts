import { CAUSE_CHARS_MAX, ERROR_CHARS_MAX, NAME_CHARS_MAX, type Quotas } from '../../../limits.js';
import { ApiError } from '../../port.js';
import { readMembers } from '../members.js';

/** A TestState request whose members have the right types; what they say is not looked at yet. */
export interface TestStateRequest {
  readonly definition: string;
  readonly roleArn: string | undefined;
  readonly input: string | undefined;
  readonly inspectionLevel: 'INFO' | 'DEBUG' | 'TRACE';
  readonly revealSecrets: boolean;
  readonly variables: string | undefined;
  readonly stateName: string | undefined;
  readonly mock: Mock | null;
  readonly context: string | undefined;
  readonly configuration: StateConfiguration;
}

/** What the state's work comes to without being done. */
export type Mock =
  | { readonly type: 'result'; readonly result: string; readonly validation: 'STRICT' | 'PRESENT' | 'NONE' }
  | { readonly type: 'error'; readonly error: string | undefined; readonly cause: string | undefined };

export interface StateConfiguration {
  readonly retrierRetryCount: number | undefined;
  readonly errorCausedByState: string | undefined;
  readonly mapIterationFailureCount: number | undefined;
  readonly mapItemReaderData: string | undefined;
}

const STATE_NAME = { type: 'string', min: 1, max: NAME_CHARS_MAX } as const;
const COUNT = { type: 'integer', min: 0 } as const;

const dataRule = ({ payloadBytesMax }: Quotas) => ({ type: 'string', max: payloadBytesMax }) as const;

/** Throws ValidationException. */
export function readRequest(input: unknown, quotas: Quotas): TestStateRequest {
  const data = dataRule(quotas);
  const members = readMembers(input, {
    definition: { type: 'string', required: true, min: 1, max: quotas.definitionCharsMax },
    roleArn: { type: 'string', min: 1, max: 256 },
    input: data,
    inspectionLevel: { type: 'string', oneOf: ['INFO', 'DEBUG', 'TRACE'] },
    revealSecrets: { type: 'boolean' },
    variables: data,
    stateName: STATE_NAME,
    mock: { type: 'any' },
    context: data,
    stateConfiguration: { type: 'any' },
  });
  return {
    ...members,
    inspectionLevel: (members.inspectionLevel ?? 'INFO') as TestStateRequest['inspectionLevel'], // one of the three
    revealSecrets: members.revealSecrets === true,
    mock: members.mock === undefined ? null : readMock(members.mock, quotas),
    configuration: readMembers(
      members.stateConfiguration,
      {
        retrierRetryCount: COUNT,
        errorCausedByState: STATE_NAME,
        mapIterationFailureCount: COUNT,
        mapItemReaderData: data,
      },
      'stateConfiguration',
    ),
  };
}

function readMock(input: unknown, quotas: Quotas): Mock {
  const members = readMembers(
    input,
    {
      result: dataRule(quotas),
      errorOutput: { type: 'any' },
      fieldValidationMode: { type: 'string', oneOf: ['STRICT', 'PRESENT', 'NONE'] },
    },
    'mock',
  );
  const { result, errorOutput } = members;
  if ((result === undefined) === (errorOutput === undefined)) {
    const count = result === undefined ? 'one' : 'only one';
    throw invalid(`A test mock should have ${count} of the following fields: [result, errorOutput].`);
  }
  if (result !== undefined) {
    const validation = (members.fieldValidationMode ?? 'STRICT') as 'STRICT' | 'PRESENT' | 'NONE'; // one of the three
    return { type: 'result', result, validation };
  }
  const rules = {
    error: { type: 'string', max: ERROR_CHARS_MAX },
    cause: { type: 'string', max: CAUSE_CHARS_MAX },
  } as const;
  return { type: 'error', ...readMembers(errorOutput, rules, 'mock.errorOutput') };
}

export const invalid = (message: string): ApiError => new ApiError('ValidationException', message);
