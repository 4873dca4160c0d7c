import type { Action, ApiService } from '../port.js';
import { activityActions } from './activity-actions.js';
import { aliasActions } from './alias-actions.js';
import { executionActions } from './execution-actions.js';
import type { ExecutionActionsOptions } from './execution-input.js';
import { expressActions } from './express-actions.js';
import { machineActions } from './machine-actions.js';
import { mapRunActions } from './map-run-actions.js';
import { tagActions } from './tag-actions.js';
import { taskActions } from './task-actions.js';
import { type TestStateOptions, testStateAction } from './test-state/test-state.js';
import { versionActions } from './version-actions.js';

export { Activities } from './activities.js';
export { aliasActions } from './alias-actions.js';
export type { ExecutionActionsOptions } from './execution-input.js';
export { historyEvent } from './history-event.js';
export { isLogged, logEvent } from './log-event.js';
export { readExecutionArn } from './names.js';
export { startForTask } from './start-for-task.js';
export { type StateMachine, StateMachines } from './state-machines.js';
export { StoredExecutions } from './stored-executions.js';
export { type CountedCall, statesThrottling } from './throttling.js';

/** AWS Step Functions, as far as docs/compatibility.md says. */
export function statesService(options: ExecutionActionsOptions & TestStateOptions): ApiService {
  const actions: Readonly<Record<string, Action>> = {
    ...machineActions(options),
    ...versionActions(options.machines),
    ...aliasActions(options.machines, options.now),
    ...activityActions(options),
    ...tagActions(options.machines, options.activities),
    ...executionActions(options),
    ...expressActions(options),
    ...mapRunActions(options),
    ...taskActions(options),
    TestState: testStateAction(options),
  };
  return { name: 'states', actions: new Map(Object.entries(actions)) };
}
