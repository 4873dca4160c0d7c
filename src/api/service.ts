import type { Action, ApiError, ApiService } from './port.js';

/** A service of these actions. `errorOf` says what clients see of the service's own faults; null = it is not one of them. */
export function serviceOf(
  name: string,
  actions: Readonly<Record<string, Action>>,
  errorOf: (fault: unknown) => ApiError | null,
): ApiService {
  const shown =
    (action: Action): Action =>
    async (call) => {
      try {
        return await action(call);
      } catch (fault) {
        throw errorOf(fault) ?? fault;
      }
    };
  return { name, actions: new Map(Object.entries(actions).map(([operation, action]) => [operation, shown(action)])) };
}
