import type { Connections } from '../../services/events/connections.js';
import type { Events } from '../../services/events/events.js';
import { EventsFault } from '../../services/events/fault.js';
import { type Action, ApiError, type ApiService } from '../port.js';
import { serviceOf } from '../service.js';
import { busActions } from './bus-actions.js';
import { connectionActions } from './connection-actions.js';
import { eventActions } from './event-actions.js';
import { ruleActions } from './rule-actions.js';
import { targetActions } from './target-actions.js';

/** EventBridge, as far as docs/compatibility.md says. */
export function eventsService(events: Events, connections: Connections): ApiService {
  const actions: Readonly<Record<string, Action>> = {
    ...busActions(events.rules),
    ...ruleActions(events.rules),
    ...targetActions(events.rules),
    ...eventActions(events),
    ...connectionActions(connections),
  };
  return serviceOf('events', actions, errorOf);
}

const errorOf = (fault: unknown): ApiError | null =>
  fault instanceof EventsFault ? new ApiError(fault.code, fault.message) : null;
