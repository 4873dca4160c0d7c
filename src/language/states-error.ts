/**
 * An error of the language: what Retry and Catch see. Thrown by expressions and states, caught in one place in `decide`.
 * `cause` has no "An error occurred while executing the state …" prefix yet: the interpreter adds it.
 */
export class StatesError extends Error {
  constructor(
    readonly error: string,
    override readonly cause: string,
  ) {
    super(`${error}: ${cause}`);
    this.name = 'StatesError';
  }
}

/** An interpreter error: never retried, never caught, ends the execution. */
export const runtimeError = (cause: string): StatesError => new StatesError('States.Runtime', cause);
