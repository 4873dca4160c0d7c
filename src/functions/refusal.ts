/** What Lambda's API refuses: `code` is the exception's name in its service model, `status` its HTTP status. */
export class FunctionRefusal extends Error {
  override readonly name = 'FunctionRefusal';
  constructor(
    readonly code: string,
    message: string,
    readonly status: number,
  ) {
    super(message);
  }
}

export const invalidParameter = (message: string): FunctionRefusal =>
  new FunctionRefusal('InvalidParameterValueException', message, 400);

export const functionNotFound = (arn: string): FunctionRefusal =>
  new FunctionRefusal('ResourceNotFoundException', `Function not found: ${arn}`, 404);
