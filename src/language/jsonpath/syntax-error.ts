/** A path, intrinsic function call or choice rule that cannot be compiled. The message says what was expected and where. */
export class ExpressionSyntaxError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ExpressionSyntaxError';
  }
}
