/**
 * The test is wrong, not the state machine: a task without a mock, a mock that names nothing, a wait for what never comes.
 * It rejects the test; the machine's own Catch never sees it.
 */
export class ScenarioError extends Error {
  override readonly name = 'ScenarioError';
}
