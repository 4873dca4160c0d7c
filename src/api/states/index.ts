import type { Action, ApiService } from '../port.js';
import { activityActions } from './activity-actions.js';
import { aliasActions } from './alias-actions.js';
import { type ExecutionActionsOptions, executionActions } from './execution-actions.js';
import { machineActions } from './machine-actions.js';
import { tagActions } from './tag-actions.js';
import { taskActions } from './task-actions.js';
import { versionActions } from './version-actions.js';

export { Activities } from './activities.js';
export { historyEvent } from './history-event.js';
export { readExecutionArn } from './names.js';
export { type StateMachine, StateMachines } from './state-machines.js';
export { StoredExecutions } from './stored-executions.js';

/** AWS Step Functions, as far as docs/compatibility.md says. */
export function statesService(options: ExecutionActionsOptions): ApiService {
  const actions: Readonly<Record<string, Action>> = {
    ...machineActions(options.machines, options.executions),
    ...versionActions(options.machines),
    ...aliasActions(options.machines, Date.now),
    ...activityActions(options),
    ...tagActions(options.machines, options.activities),
    ...executionActions(options),
    ...taskActions(options.host, options.executions),
  };
  return { name: 'states', actions: new Map(Object.entries(actions)) };
}
