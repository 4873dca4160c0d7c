/** Thrown inside the evaluator where the published module has no error of its own; `message` is what the user reads. */
export class EvaluationFault extends Error {
  override readonly name = 'EvaluationFault';
}

/** AWS's text. */
export const memoryExceeded = (): EvaluationFault => new EvaluationFault('Expression evaluation memory limit exceeded');

/** AWS's text. */
export const stackExceeded = (depth: number, max: number): EvaluationFault =>
  new EvaluationFault(
    `Stack overflow error: Check for non-terminating recursive function.  Consider rewriting as tail-recursive. Depth=${depth} max=${max}`,
  );

export const workExceeded = (): EvaluationFault =>
  new EvaluationFault('Expression evaluation timeout: Check for infinite loop');
