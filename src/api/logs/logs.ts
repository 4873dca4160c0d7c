import { z } from 'zod';
import {
  LOG_BATCH_BYTES_MAX,
  LOG_BATCH_EVENTS_MAX,
  LOG_EVENT_BYTES_MAX,
  LOG_PAGE_EVENTS_MAX,
} from '../../limits/services.js';
import { LogsFault, noSuchStream } from '../../services/logs/fault.js';
import { compileFilterPattern } from '../../services/logs/filter-pattern.js';
import type { LogGroup } from '../../services/logs/log-groups.js';
import type { EventPage, EventQuery, FoundEvent, Logs } from '../../services/logs/logs.js';
import type { Action, ApiCall, ApiService } from '../port.js';
import { ApiError } from '../port.js';
import { serviceOf } from '../service.js';
import { groupActions } from './group-actions.js';
import { groupOf, read } from './members.js';

/** Amazon CloudWatch Logs, as far as docs/compatibility.md says. */
export function logsService(logs: Logs, now: () => number): ApiService {
  const actions: Readonly<Record<string, Action>> = {
    ...groupActions(logs),
    PutLogEvents: (call) => putEvents(logs, now, call),
    GetLogEvents: (call) => getEvents(logs, call),
    FilterLogEvents: (call) => filterEvents(logs, call),
  };
  return serviceOf('logs', actions, errorOf);
}

const errorOf = (fault: unknown): ApiError | null =>
  fault instanceof LogsFault ? new ApiError(fault.code, fault.message) : null;

const GROUP = { logGroupName: z.string().optional(), logGroupIdentifier: z.string().optional() };
const EVENT = z.object({ timestamp: z.number().int().min(0), message: z.string().min(1) });
/** AWS: events may be two hours ahead of the clock, and fourteen days behind. */
const AHEAD_MS = 2 * 60 * 60_000;
const BEHIND_MS = 14 * 24 * 60 * 60_000;

async function putEvents(logs: Logs, now: () => number, call: ApiCall): Promise<object> {
  const shape = z.object({
    logGroupName: z.string(),
    logStreamName: z.string(),
    logEvents: z.array(EVENT).min(1).max(LOG_BATCH_EVENTS_MAX),
    sequenceToken: z.string().optional(),
  });
  const { logStreamName, logEvents } = read(shape, call);
  const group = await groupOf(logs, call);
  if ((await logs.groups.findStream(group, logStreamName)) === null) throw noSuchStream();
  checkBatch(logEvents);
  const at = now();
  const isTooNew = ({ timestamp }: { readonly timestamp: number }): boolean => timestamp > at + AHEAD_MS;
  const isTooOld = ({ timestamp }: { readonly timestamp: number }): boolean => timestamp < at - BEHIND_MS;
  const taken = logEvents.filter((event) => !isTooNew(event) && !isTooOld(event));
  if (taken.length > 0) await logs.put(group, logStreamName, taken);
  const firstTooNew = logEvents.findIndex(isTooNew);
  const tooOld = logEvents.filter(isTooOld).length;
  return {
    nextSequenceToken: String(at).padStart(56, '0'),
    ...((firstTooNew >= 0 || tooOld > 0) && {
      rejectedLogEventsInfo: {
        ...(firstTooNew >= 0 && { tooNewLogEventStartIndex: firstTooNew }),
        ...(tooOld > 0 && { tooOldLogEventEndIndex: tooOld }),
      },
    }),
  };
}

function checkBatch(events: readonly { readonly timestamp: number; readonly message: string }[]): void {
  let bytes = 0;
  let last = 0;
  for (const { timestamp, message } of events) {
    const own = Buffer.byteLength(message) + 26; // AWS counts 26 bytes for each event besides its text
    if (own > LOG_EVENT_BYTES_MAX)
      throw invalid(`Log event too large: ${own} bytes exceeds limit of ${LOG_EVENT_BYTES_MAX}`);
    if (timestamp < last) throw invalid('Log events in a single PutLogEvents request must be in chronological order.');
    last = timestamp;
    bytes += own;
  }
  if (bytes > LOG_BATCH_BYTES_MAX)
    throw invalid(`Upload too large: ${bytes} bytes exceeds limit of ${LOG_BATCH_BYTES_MAX}`);
}

const PAGE = {
  startTime: z.number().int().min(0).optional(),
  endTime: z.number().int().min(0).optional(),
  nextToken: z.string().optional(),
  limit: z.number().int().min(1).max(LOG_PAGE_EVENTS_MAX).optional(),
};

async function filterEvents(logs: Logs, call: ApiCall): Promise<object> {
  const shape = z.object({
    ...GROUP,
    ...PAGE,
    logStreamNames: z.array(z.string()).max(100).optional(),
    logStreamNamePrefix: z.string().optional(),
    filterPattern: z.string().max(1024).optional(),
    interleaved: z.boolean().optional(),
    unmask: z.boolean().optional(),
  });
  const input = read(shape, call);
  const group = await groupOf(logs, call);
  const { events, next, isEnd } = await logs.read(group, {
    streams: input.logStreamNames === undefined ? null : new Set(input.logStreamNames),
    streamPrefix: input.logStreamNamePrefix ?? '',
    from: input.startTime ?? 0,
    until: input.endTime ?? Number.POSITIVE_INFINITY,
    matches: compileFilterPattern(input.filterPattern ?? ''),
    after: readToken(input.nextToken),
    limit: input.limit ?? LOG_PAGE_EVENTS_MAX,
  });
  return {
    events: events.map(({ stream, timestamp, message, ingestedAt, id }) => ({
      logStreamName: stream,
      timestamp,
      message,
      ingestionTime: ingestedAt,
      eventId: id,
    })),
    searchedLogStreams: [],
    ...(!isEnd && { nextToken: `f/${next}` }),
  };
}

function readToken(token: string | undefined): string | null {
  if (token === undefined) return null;
  if (/^[fb]\/\d*\.\d+$/.test(token)) return token.slice(2);
  throw new LogsFault('InvalidParameterException', 'The specified nextToken is invalid.');
}

/** From the head: a page forward. Else the newest events of the stream, as the console shows them. */
async function getEvents(logs: Logs, call: ApiCall): Promise<object> {
  const shape = z.object({
    ...GROUP,
    ...PAGE,
    logStreamName: z.string(),
    startFromHead: z.boolean().optional(),
    unmask: z.boolean().optional(),
  });
  const input = read(shape, call);
  const group = await groupOf(logs, call);
  if ((await logs.groups.findStream(group, input.logStreamName)) === null) throw noSuchStream();
  const query: EventQuery = {
    streams: new Set([input.logStreamName]),
    streamPrefix: '',
    from: input.startTime ?? 0,
    until: input.endTime ?? Number.POSITIVE_INFINITY,
    matches: () => true,
    after: readToken(input.nextToken),
    limit: input.limit ?? LOG_PAGE_EVENTS_MAX,
  };
  if (input.nextToken?.startsWith('b/')) {
    throw new LogsFault(
      'InvalidParameterException',
      'Treadle does not page backward: use nextForwardToken, with startFromHead.',
    );
  }
  const isForward = input.startFromHead === true || input.nextToken !== undefined;
  const { events, next } = isForward ? await logs.read(group, query) : await newest(logs, group, query);
  return {
    events: events.map(({ timestamp, message, ingestedAt }) => ({ timestamp, message, ingestionTime: ingestedAt })),
    nextForwardToken: `f/${next}`,
    nextBackwardToken: `b/${next}`,
  };
}

async function newest(logs: Logs, group: LogGroup, query: EventQuery): Promise<EventPage> {
  let events: readonly FoundEvent[] = [];
  for (let after = query.after; ; ) {
    const page = await logs.read(group, { ...query, after, limit: LOG_PAGE_EVENTS_MAX });
    events = [...events, ...page.events].slice(-query.limit);
    if (page.isEnd) return { ...page, events };
    after = page.next;
  }
}

const invalid = (why: string): LogsFault => new LogsFault('InvalidParameterException', why);
