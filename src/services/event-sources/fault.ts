/** What Lambda refuses of an event source mapping; `code` is the exception's name in its service model. */
export class EventSourceFault extends Error {
  override readonly name = 'EventSourceFault';
  constructor(
    readonly code: string,
    message: string,
    readonly status: number,
  ) {
    super(message);
  }
}

export const invalidMapping = (message: string): EventSourceFault =>
  new EventSourceFault('InvalidParameterValueException', message, 400);

export const mappingNotFound = (): EventSourceFault =>
  new EventSourceFault('ResourceNotFoundException', 'The resource you requested does not exist.', 404);
