import type { TaskAnswer, TaskCall } from '../integrations/port.js';
import { Payload } from '../payload/index.js';

/** What functions do in the world outside; it outlives every process. */
export interface Outside {
  /** The keys of all calls: how often each was made. */
  readonly calls: Map<string, number>;
  /** Tokens that workers were asked to answer, with what they answer. */
  readonly tokens: Map<string, number>;
}

export const newOutside = (): Outside => ({ calls: new Map(), tokens: new Map() });

/** The answer of a function, the same each time the same call is made; null = it never answers. */
export function answerOf({ key, resource, parameters }: TaskCall, outside: Outside): TaskAnswer | null {
  outside.calls.set(key, (outside.calls.get(key) ?? 0) + 1);
  const event = JSON.parse(parameters.text);
  switch (resource.split(':').at(-1)) {
    case 'echo':
    case 'express-echo':
      return { type: 'succeeded', output: parameters };
    case 'busy':
      return event.attempt < event.failures
        ? { type: 'failed', error: 'Busy', cause: 'not yet' }
        : { type: 'succeeded', output: Payload.ofText('"done"') };
    case 'declined':
      return { type: 'failed', error: 'Declined', cause: 'no funds' };
    case 'hang':
      return null;
    case 'invoke.waitForTaskToken':
      outside.tokens.set(event.Payload.token, event.Payload.n);
      return { type: 'submitted', output: Payload.ofText('{}') };
    default:
      throw new Error(`Expected a function of the simulation, but ${resource} was called.`);
  }
}
