import type { Connections } from '../../services/events/connections.js';
import { EventsFault } from '../../services/events/fault.js';
import { type Action, ApiError, type ApiService } from '../port.js';
import { connectionActions } from './connection-actions.js';

/** EventBridge, as far as docs/compatibility.md says. */
export function eventsService(connections: Connections): ApiService {
  const actions: Readonly<Record<string, Action>> = { ...connectionActions(connections) };
  return {
    name: 'events',
    actions: new Map(Object.entries(actions).map(([name, action]) => [name, withWireErrors(action)])),
  };
}

const withWireErrors =
  (action: Action): Action =>
  async (call) => {
    try {
      return await action(call);
    } catch (fault) {
      if (fault instanceof EventsFault) throw new ApiError(fault.code, fault.message);
      throw fault;
    }
  };
