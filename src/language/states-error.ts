/**
 * An error of the language: what Retry and Catch see. Thrown by expressions and states, caught in one place in `decide`.
 * `cause` has no "An error occurred while executing the state …" prefix yet: the interpreter adds it.
 */
export class StatesError extends Error {
  constructor(
    readonly error: string,
    override readonly cause: string,
    /** For States.QueryEvaluationError: the field that the faulty expression stands in, e.g. `Output/a/b[0]`; null where none is to blame. */
    readonly location: string | null = null,
  ) {
    super(`${error}: ${cause}`);
    this.name = 'StatesError';
  }
}

/** An interpreter error: never retried, never caught, ends the execution. */
export const runtimeError = (cause: string): StatesError => new StatesError('States.Runtime', cause);

/** A JSONata state that cannot be evaluated: it may be retried and caught. */
export const queryError = (cause: string, location: string | null): StatesError =>
  new StatesError(QUERY_EVALUATION_ERROR, cause, location);

export const QUERY_EVALUATION_ERROR = 'States.QueryEvaluationError';
