import type { Performer } from '../host/index.js';
import type { Integration, TaskAnswer, TaskCall } from '../integrations/port.js';

/** Finds the integration of a task's resource; one that Treadle does not have fails with a cause that says what to do. */
export function performerOf(
  integrations: ReadonlyMap<string, Integration>,
  missing: (resource: string) => TaskAnswer,
): Performer {
  return {
    perform(call: TaskCall, signal: AbortSignal): Promise<TaskAnswer> {
      const name = call.resourceType === 'function' ? 'function' : `${call.resourceType}:${call.resource}`;
      const integration = integrations.get(name);
      return integration === undefined ? Promise.resolve(missing(name)) : integration.perform(call, signal);
    },
  };
}
