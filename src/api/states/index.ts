import type { Action, ApiService } from '../port.js';
import { executionActions } from './execution-actions.js';
import type { ExecutionActionsOptions } from './execution-input.js';
import { expressActions } from './express-actions.js';
import { machineActions } from './machine-actions.js';
import { mapRunActions } from './map-run-actions.js';
import { taskActions } from './task-actions.js';

export { historyEvent } from './history-event.js';
export { readExecutionArn } from './names.js';
export { type StateMachine, StateMachines } from './state-machines.js';
export { StoredExecutions } from './stored-executions.js';

/** AWS Step Functions, as far as docs/compatibility.md says. */
export function statesService(options: ExecutionActionsOptions): ApiService {
  const actions: Readonly<Record<string, Action>> = {
    ...machineActions(options.machines, options.executions),
    ...executionActions(options),
    ...expressActions(options),
    ...mapRunActions(options),
    ...taskActions(options),
  };
  return { name: 'states', actions: new Map(Object.entries(actions)) };
}
