/** What SQS refuses. `code` is the exception of the service model, `queryCode` its older name, which clients of today still read first. */
export class SqsFault extends Error {
  override readonly name = 'SqsFault';
  constructor(
    readonly code: string,
    message: string,
    readonly queryCode: string = code,
  ) {
    super(message);
  }
}

export const queueDoesNotExist = (): SqsFault =>
  new SqsFault('QueueDoesNotExist', 'The specified queue does not exist.', 'AWS.SimpleQueueService.NonExistentQueue');

export const invalidParameter = (message: string): SqsFault =>
  new SqsFault('InvalidParameterValueException', message, 'InvalidParameterValue');

export const invalidAttributeValue = (name: string): SqsFault =>
  new SqsFault('InvalidAttributeValue', `Invalid value for the parameter ${name}.`);
