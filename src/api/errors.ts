import { ApiError } from './port.js';

/** One row of the table of errors that clients can see from the front, Lambda, DynamoDB's door, SNS and STS. */
export interface ApiErrorEntry {
  readonly code: string;
  readonly status: number;
  readonly meaning: string;
}

/** Step Functions' own exceptions are in `states/`; DynamoDB's come from the table service as they are. */
export const API_ERRORS: readonly ApiErrorEntry[] = [
  { code: 'AccessDenied', status: 403, meaning: 'The Host or Origin header is not this server’s.' },
  { code: 'BatchEntryIdsNotDistinct', status: 400, meaning: 'SNS: two entries of a batch have the same Id.' },
  { code: 'EmptyBatchRequest', status: 400, meaning: 'SNS: a batch without entries.' },
  { code: 'IncompleteSignature', status: 400, meaning: 'The credential scope of the signature cannot be read.' },
  { code: 'InternalFailure', status: 500, meaning: 'A fault of Treadle; its log has more.' },
  { code: 'InvalidAction', status: 400, meaning: 'Query protocol: no such operation.' },
  { code: 'InvalidParameter', status: 400, meaning: 'SNS: a parameter has a wrong value.' },
  { code: 'InvalidParameterValueException', status: 400, meaning: 'Lambda: a parameter has a wrong value.' },
  { code: 'InvalidRequestContentException', status: 400, meaning: 'Lambda: the event is not JSON.' },
  {
    code: 'InvalidRuntimeException',
    status: 502,
    meaning: 'Lambda: what runs the function is not installed on this machine.',
  },
  { code: 'MissingAction', status: 400, meaning: 'Query protocol: the parameter Action is missing.' },
  { code: 'NotFound', status: 404, meaning: 'SNS: no such topic or subscription.' },
  { code: 'NotImplemented', status: 501, meaning: 'A service or a feature that Treadle does not run.' },
  { code: 'ParameterValueInvalid', status: 400, meaning: 'SNS: a parameter is outside its bounds.' },
  {
    code: 'PolicyLengthExceededException',
    status: 400,
    meaning: 'Lambda: a function has more permissions than fit.',
  },
  {
    code: 'PreconditionFailedException',
    status: 412,
    meaning: 'Lambda: the function or alias has been changed since the client looked.',
  },
  { code: 'RequestTooLargeException', status: 413, meaning: 'The body is larger than the limit.' },
  {
    code: 'ResourceConflictException',
    status: 409,
    meaning: 'Lambda: what is to be made is there already, or in use.',
  },
  { code: 'ResourceNotFoundException', status: 404, meaning: 'Lambda: no such function, version, alias or mapping.' },
  { code: 'SerializationException', status: 400, meaning: 'The body is not what the protocol prescribes.' },
  {
    code: 'ServiceUnavailable',
    status: 503,
    meaning: 'The store could not write, or the server is stopping; send it again.',
  },
  { code: 'SlowDown', status: 503, meaning: 'S3: too much is under way at once; clients slow down and try again.' },
  { code: 'SubscriptionLimitExceeded', status: 403, meaning: 'SNS: the topic has too many subscriptions.' },
  { code: 'TooManyEntriesInBatchRequest', status: 400, meaning: 'SNS: a batch of more than ten entries.' },
  { code: 'TooManyRequestsException', status: 429, meaning: 'Lambda: the function is throttled.' },
  { code: 'UnknownOperationException', status: 404, meaning: 'No such operation in this service.' },
  { code: 'UnsupportedMediaTypeException', status: 415, meaning: 'A protocol that Treadle does not speak.' },
  { code: 'ValidationException', status: 400, meaning: 'A member of the request is missing or has a wrong type.' },
];

const STATUS = new Map(API_ERRORS.map((entry) => [entry.code, entry.status]));

/** An exception of the table above, with its status. */
export function apiError(code: string, message: string, members: Readonly<Record<string, unknown>> = {}): ApiError {
  const status = STATUS.get(code);
  if (status === undefined) throw new Error(`Expected '${code}' to be in the table of API errors, but it is not.`);
  return new ApiError(code, message, status, members);
}

/** Answers of 5xx that are no faults. */
const BY_DESIGN: ReadonlySet<string> = new Set(['NotImplemented', 'SlowDown']);

/** What clients see of anything thrown: our own faults show no detail, it goes to the log. */
export function visibleError(fault: unknown): { readonly error: ApiError; readonly isOurs: boolean } {
  if (fault instanceof ApiError) return { error: fault, isOurs: fault.status >= 500 && !BY_DESIGN.has(fault.code) };
  if (fault instanceof Error && fault.name === 'HostClosed') {
    return {
      error: apiError('ServiceUnavailable', 'The server is shutting down. Send the request again.'),
      isOurs: false,
    };
  }
  if (fault instanceof Error && fault.name === 'StoreUnavailable') {
    return {
      error: apiError('ServiceUnavailable', 'The store could not write. Send the request again.'),
      isOurs: true,
    };
  }
  return { error: apiError('InternalFailure', 'Treadle has failed on this request. Its log has more.'), isOurs: true };
}
