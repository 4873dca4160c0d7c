import { z } from 'zod';
import { JsonSyntaxError, parseJson } from '../../payload/index.js';
import type { EventEntry } from '../../services/events/event.js';
import { parseEventPattern } from '../../services/events/event-pattern.js';
import type { EntryResult, Events } from '../../services/events/events.js';
import { EventsFault } from '../../services/events/fault.js';
import type { Action } from '../port.js';
import { read } from './members.js';

const ENTRY = z.strictObject({
  /** Epoch seconds. */
  Time: z.number().optional(),
  Source: z.string().optional(),
  Resources: z.array(z.string()).optional(),
  DetailType: z.string().optional(),
  Detail: z.string().optional(),
  EventBusName: z.string().optional(),
  TraceHeader: z.string().optional(),
});

export function eventActions(events: Events): Record<string, Action> {
  return {
    PutEvents: async (call) => {
      const { Entries } = read({ Entries: z.array(ENTRY) }, call);
      const results = await events.put(call.place, Entries.map(entryOf));
      return {
        FailedEntryCount: results.filter((result) => 'errorCode' in result).length,
        Entries: results.map(resultMembers),
      };
    },
    TestEventPattern: async (call) => {
      const { EventPattern, Event } = read({ EventPattern: z.string(), Event: z.string() }, call);
      return { Result: parseEventPattern(EventPattern).matches(readEvent(Event)) };
    },
  };
}

const entryOf = (given: z.infer<typeof ENTRY>): EventEntry => ({
  source: given.Source,
  detailType: given.DetailType,
  detail: given.Detail,
  resources: given.Resources ?? [],
  time: given.Time === undefined ? undefined : given.Time * 1000,
  busName: given.EventBusName,
});

const resultMembers = (result: EntryResult): object =>
  'eventId' in result
    ? { EventId: result.eventId }
    : { ErrorCode: result.errorCode, ErrorMessage: result.errorMessage };

function readEvent(text: string): ReturnType<typeof parseJson> {
  try {
    return parseJson(text);
  } catch (fault) {
    if (!(fault instanceof JsonSyntaxError)) throw fault;
    throw new EventsFault('ValidationException', `Parameter Event is not valid. Reason: ${fault.message}`);
  }
}
