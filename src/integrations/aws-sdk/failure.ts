import { isObject, type JsonValue, memberOf, parseJson } from '../../payload/index.js';
import { type OperationModel, type ServiceModel, sdkClassName } from '../../services/models/index.js';
import type { TaskAnswer } from '../port.js';
import { childrenOf, readDocument, textOf } from './read-xml.js';
import type { WireAnswer } from './wire.js';

/** An error answer, in the words of AWS's SDK for Java 2: `DynamoDb.ResourceNotFoundException`. Never throws. */
export function sdkV2Failure(model: ServiceModel, operation: OperationModel, answer: WireAnswer): TaskAnswer {
  const service = sdkClassName(model.serviceId);
  const { code, message, requestId, extendedRequestId } = readError(model, answer);
  const extended = extendedRequestId === null ? '' : `, Extended Request ID: ${extendedRequestId}`;
  const said = code === null ? headMessage(operation, answer.status) : { code, message };
  return {
    type: 'failed',
    error: `${service}.${exceptionOf(model, said.code)}`,
    cause: `${said.message} (Service: ${service}, Status Code: ${answer.status}, Request ID: ${requestId}${extended})`,
  };
}

/** The call never reached a service. */
export const clientFailure = (model: ServiceModel, cause: string): TaskAnswer => ({
  type: 'failed',
  error: `${sdkClassName(model.serviceId)}.SdkClientException`,
  cause,
});

/** What an error answer says. Never throws. */
export const readError = (model: ServiceModel, answer: WireAnswer): ServiceError =>
  isXml(model) ? xmlError(answer) : jsonError(answer);

const isXml = ({ protocol }: ServiceModel): boolean => protocol !== 'json' && protocol !== 'rest-json';

/** Java's class for an error code; those that the model does not know are the service's own exception. */
export function exceptionOf(
  model: ServiceModel,
  code: string,
  others = `${sdkClassName(model.serviceId)}Exception`,
): string {
  const shape = model.exceptions.get(code) ?? [...model.exceptions.values()].find((name) => name === code);
  return shape === undefined ? others : `${sdkClassName(shape.replace(/(?:Fault|Exception)$/, ''))}Exception`;
}

export interface ServiceError {
  /** Null where the answer has no body. */
  readonly code: string | null;
  readonly message: string;
  readonly requestId: string;
  readonly extendedRequestId: string | null;
}

function jsonError({ headers, body }: WireAnswer): ServiceError {
  const content = quietly(() => parseJson(body.toString('utf8')));
  const text = (...names: readonly string[]): string | null => {
    for (const name of names) {
      const value: JsonValue | undefined = isObject(content ?? null) ? memberOf(content as never, name) : undefined;
      if (typeof value === 'string') return value;
    }
    return null;
  };
  const code = headers['x-amzn-errortype'] ?? text('__type', 'code', 'Code');
  return {
    // `com.amazonaws.sqs#QueueDoesNotExist`, `ValidationException:http://…`
    code: code === null ? null : (code.split(':')[0]?.split('#').at(-1) ?? ''),
    message: text('message', 'Message', 'errorMessage') ?? 'null',
    requestId: headers['x-amzn-requestid'] ?? headers['x-amz-request-id'] ?? 'null',
    extendedRequestId: null,
  };
}

function xmlError({ headers, body }: WireAnswer): ServiceError {
  const document = quietly(() => readDocument(body));
  const content = document?.content ?? '';
  const errors = childrenOf(content, 'Errors')[0] ?? content;
  const error = document?.root === 'Error' ? content : (childrenOf(errors, 'Error')[0] ?? '');
  const text = (name: string): string | null => {
    const found = childrenOf(error, name)[0] ?? childrenOf(content, name)[0];
    return found === undefined ? null : textOf(found);
  };
  return {
    code: text('Code'),
    message: text('Message') ?? 'null',
    requestId: headers['x-amzn-requestid'] ?? headers['x-amz-request-id'] ?? text('RequestId') ?? 'null',
    extendedRequestId: headers['x-amz-id-2'] ?? text('HostId'),
  };
}

function quietly<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}

/** Answers to HEAD have no body. */
function headMessage({ name }: OperationModel, status: number): { readonly code: string; readonly message: string } {
  if (status !== 404) return { code: '', message: 'null' };
  return { code: name === 'HeadBucket' ? 'NoSuchBucket' : 'NoSuchKey', message: 'null' };
}
