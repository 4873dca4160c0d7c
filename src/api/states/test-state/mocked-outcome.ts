import type { StateTrial } from '../../../host/index.js';
import { type ErrorDetails, errorDetails, type Inspection } from '../../../interpreter/index.js';
import type { State } from '../../../language/index.js';
import { isNumber, numberOf } from '../../../payload/index.js';
import { readMockedResult } from './checks.js';
import { invalid, type TestStateRequest } from './request.js';

/**
 * What the mock makes of the state's work; null without a mock. A mocked result is checked at once, the count of a Map's failed
 * iterations when it is known how many iterations there are. Throws ValidationException, both times.
 */
export function mockedOutcome({ mock, configuration }: TestStateRequest, state: State): StateTrial['mock'] {
  if (mock === null) return null;
  const result = mock.type === 'result' ? readMockedResult(mock, state) : null;
  return ({ iterations, inspection }) => {
    const failures = configuration.mapIterationFailureCount ?? 0;
    if (iterations !== null && failures > iterations) {
      throw invalid('Map iteration failure count must be less than or equal to the number of Map iterations');
    }
    if (mock.type === 'error') return { type: 'failed', error: errorDetails(mock) };
    if (isTolerated(failures, iterations, inspection) && result !== null) return { type: 'succeeded', result };
    return { type: 'failed', error: TOLERANCE_EXCEEDED };
  };
}

const TOLERANCE_EXCEEDED: ErrorDetails = {
  error: 'States.ExceedToleratedFailureThreshold',
  cause: 'The specified tolerated failure threshold was exceeded',
};

/** Recorded: without a tolerance of its own, a Map takes any number of failed iterations here. */
function isTolerated(failures: number, iterations: number | null, inspection: readonly Inspection[]): boolean {
  const count = toleranceOf(inspection, 'toleratedFailureCount');
  if (count !== null && failures > count) return false;
  const percentage = toleranceOf(inspection, 'toleratedFailurePercentage');
  return percentage === null || iterations === null || failures * 100 <= percentage * iterations;
}

function toleranceOf(
  inspection: readonly Inspection[],
  step: 'toleratedFailureCount' | 'toleratedFailurePercentage',
): number | null {
  const value = inspection.find((seen) => seen.step === step)?.value.value;
  return isNumber(value) ? numberOf(value) : null;
}
