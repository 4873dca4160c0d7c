/** What EventBridge refuses. `code` is the exception of the service model. */
export class EventsFault extends Error {
  override readonly name = 'EventsFault';
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

export const invalidEvents = (message: string): EventsFault => new EventsFault('ValidationException', message);

export const notFound = (message: string): EventsFault => new EventsFault('ResourceNotFoundException', message);

export const invalidPattern = (reason: string): EventsFault =>
  new EventsFault('InvalidEventPatternException', `Event pattern is not valid. Reason: ${reason}`);
