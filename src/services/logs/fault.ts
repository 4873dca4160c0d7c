/** What CloudWatch Logs refuses; `code` is the exception of the service model. */
export class LogsFault extends Error {
  override readonly name = 'LogsFault';
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

export const noSuchGroup = (): LogsFault =>
  new LogsFault('ResourceNotFoundException', 'The specified log group does not exist.');

export const noSuchStream = (): LogsFault =>
  new LogsFault('ResourceNotFoundException', 'The specified log stream does not exist.');
