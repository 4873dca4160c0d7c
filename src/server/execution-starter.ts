import { ApiError } from '../api/port.js';
import { type ExecutionActionsOptions, startForTask } from '../api/states/index.js';
import { type ExecutionStarter, StartFault } from '../integrations/index.js';
import type { Executions } from '../services/ports.js';

/** Starts executions for Tasks as the API does for clients. The host that runs them asks for it before it is there itself. */
export function executionStarter(options: () => ExecutionActionsOptions): ExecutionStarter {
  return {
    async start({ caller, ...request }) {
      const states = options();
      try {
        const row = caller === null ? null : await states.executions.row(caller.executionArn);
        const place = caller && row && { execution: row.execution, task: caller.task, pattern: caller.pattern };
        return await startForTask(states, { ...request, caller: place });
      } catch (fault) {
        throw fault instanceof ApiError ? new StartFault(fault.code, fault.message) : fault;
      }
    },
  };
}

/** Starts executions for events and schedules. A name that is taken is a start that was made before. */
export function executionStarts(options: () => ExecutionActionsOptions): Executions {
  return {
    async start(stateMachineArn, input, name) {
      try {
        const key = `${stateMachineArn}#${name}`;
        await startForTask(options(), { stateMachineArn, name, input, key, caller: null, traceHeader: null });
        return { type: 'started' };
      } catch (fault) {
        if (!(fault instanceof ApiError)) throw fault;
        if (fault.code === 'ExecutionAlreadyExists') return { type: 'started' };
        return { type: 'refused', code: fault.code, message: fault.message };
      }
    },
  };
}
