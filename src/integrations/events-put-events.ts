import type { Place } from '../arn.js';
import { isArray, isObject, type JsonObject, type JsonValue, keysOf, memberOf, writeJson } from '../payload/index.js';
import type { EventEntry } from '../services/events/event.js';
import type { EntryResult } from '../services/events/events.js';
import { EventsFault } from '../services/events/fault.js';
import type { Clock } from '../services/ports.js';
import { isTextOrNothing, textOf } from './message-attributes.js';
import type { Integration, TaskAnswer, TaskCall } from './port.js';
import { answered, foreignFields, requestIdOf, sdkFailure, sdkOutput, withParameters } from './sdk.js';

/** The events service, as far as it is needed here. */
export interface EventPutter {
  /** With the same key again: the first results, and nothing is put. Throws EventsFault. */
  put(place: Place, entries: readonly EventEntry[], options: { readonly key: string }): Promise<readonly EntryResult[]>;
}

const TEXTS = ['DetailType', 'EventBusName', 'Source', 'Time', 'TraceHeader'] as const;
const FIELDS: ReadonlySet<string> = new Set([...TEXTS, 'Detail', 'Resources']);

/**
 * `events:putEvents`: an object as Detail is sent as JSON text, and the machine and the execution are among the
 * Resources. Put once, however often it is performed. An entry that is refused fails the task.
 */
export const eventsPutEvents = (putter: EventPutter, clock: Clock): Integration => ({
  resource: 'events:putEvents',
  perform: (call) =>
    withParameters(call, faultsOf, async (parameters) => {
      const given = memberOf(parameters, 'Entries');
      const entries = isArray(given) ? given.filter(isObject).map((entry) => entryOf(call, entry)) : [];
      try {
        return answer(call, await putter.put(call, entries, { key: call.key }), clock);
      } catch (fault) {
        if (fault instanceof EventsFault) return failure(call, fault);
        throw fault;
      }
    }),
});

const faultsOf = (parameters: JsonObject): readonly string[] => [
  ...foreignFields(keysOf(parameters), new Set(['Entries'])),
  ...entryFaults(memberOf(parameters, 'Entries')),
];

function entryFaults(entries: JsonValue | undefined): readonly string[] {
  if (entries === undefined || entries === null) return ["The field 'Entries' is required but was missing"];
  if (!isArray(entries)) return ["The value for the field 'Entries' must be an ARRAY"];
  return entries.flatMap((entry) => {
    if (!isObject(entry)) return ["The value of the field 'Entries' has an invalid format"];
    const faults = [...foreignFields(keysOf(entry), FIELDS)];
    for (const name of TEXTS) {
      if (!isTextOrNothing(memberOf(entry, name))) faults.push(`The value for the field '${name}' must be a STRING`);
    }
    const time = textOf(entry, 'Time');
    if (time !== undefined && Number.isNaN(Date.parse(time))) {
      faults.push("The value for the field 'Time' must be a valid ISO-8601 formatted timestamp string");
    }
    const resources = memberOf(entry, 'Resources') ?? [];
    if (!isArray(resources) || !resources.every((resource) => typeof resource === 'string')) {
      faults.push("The value for the field 'Resources' must be an ARRAY of STRING");
    }
    return faults;
  });
}

/** Of checked parameters. */
function entryOf(call: TaskCall, entry: JsonObject): EventEntry {
  const detail = memberOf(entry, 'Detail') ?? undefined;
  const resources = memberOf(entry, 'Resources') ?? [];
  const time = textOf(entry, 'Time');
  return {
    source: textOf(entry, 'Source'),
    detailType: textOf(entry, 'DetailType'),
    detail: detail === undefined || typeof detail === 'string' ? detail : writeJson(detail),
    resources: [
      ...(isArray(resources) ? resources.filter((resource) => typeof resource === 'string') : []),
      call.stateMachineArn,
      call.executionArn,
    ],
    time: time === undefined ? undefined : Date.parse(time),
    busName: textOf(entry, 'EventBusName'),
  };
}

function answer(call: TaskCall, results: readonly EntryResult[], clock: Clock): TaskAnswer {
  const entries = results.map(
    (result): JsonObject =>
      'eventId' in result
        ? { EventId: result.eventId }
        : { ErrorCode: result.errorCode, ErrorMessage: result.errorMessage },
  );
  const failed = results.filter((result) => 'errorCode' in result).length;
  if (failed > 0) {
    const cause = writeJson({ Entries: entries, FailedEntryCount: failed });
    return { type: 'failed', error: 'EventBridge.FailedEntry', cause };
  }
  const members = new Map<string, JsonValue>([
    ['Entries', entries],
    ['FailedEntryCount', 0],
  ]);
  const headers = { 'Content-Type': 'application/x-amz-json-1.1' };
  return answered(call, sdkOutput(members, { status: 200, requestId: requestIdOf(call), at: clock.now(), headers }));
}

const failure = (call: TaskCall, { code, message }: EventsFault): TaskAnswer =>
  sdkFailure({
    error: 'EventBridge.AmazonEventBridgeException',
    message,
    service: 'AmazonEventBridge',
    status: 400,
    code,
    requestId: requestIdOf(call),
  });
