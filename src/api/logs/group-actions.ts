import { z } from 'zod';
import type { LogGroup, LogStream } from '../../services/logs/log-groups.js';
import type { Logs } from '../../services/logs/logs.js';
import { type Action, type ApiCall, ApiError } from '../port.js';
import { groupArnOf, groupOf, read } from './members.js';

const TAGS = z.record(z.string(), z.string());
const PAGE = { nextToken: z.string().optional(), limit: z.number().int().min(1).max(50).optional() };
/** AWS: items of a page of groups or streams. */
const PAGE_ITEMS = 50;

export function groupActions(logs: Logs): Readonly<Record<string, Action>> {
  const { groups } = logs;
  return {
    CreateLogGroup: async (call) => {
      const shape = z.object({
        logGroupName: z.string(),
        tags: TAGS.optional(),
        kmsKeyId: z.string().optional(),
        logGroupClass: z.string().optional(),
      });
      const { logGroupName, tags = {}, kmsKeyId } = read(shape, call);
      if (kmsKeyId !== undefined) throw notHere('kmsKeyId', 'Treadle does not encrypt logs with a key of yours');
      await groups.create(call.place, logGroupName, tags);
      return undefined;
    },
    DeleteLogGroup: async (call) => {
      const group = await groupOf(logs, call);
      await groups.remove(group);
      await logs.empty(group);
      return undefined;
    },
    DescribeLogGroups: (call) => describeGroups(logs, call),
    PutRetentionPolicy: async (call) => {
      const { retentionInDays } = read(z.object({ retentionInDays: z.number().int() }), call);
      await groups.setRetention(await groupOf(logs, call), retentionInDays);
      return undefined;
    },
    DeleteRetentionPolicy: async (call) => {
      await groups.setRetention(await groupOf(logs, call), null);
      return undefined;
    },
    CreateLogStream: async (call) => {
      const { logStreamName } = read(z.object({ logStreamName: z.string() }), call);
      await groups.createStream(await groupOf(logs, call), logStreamName);
      return undefined;
    },
    DeleteLogStream: async (call) => {
      const { logStreamName } = read(z.object({ logStreamName: z.string() }), call);
      await groups.removeStream(await groupOf(logs, call), logStreamName);
      return undefined;
    },
    DescribeLogStreams: (call) => describeStreams(logs, call),
    ...tagActions(logs),
  };
}

function tagActions(logs: Logs): Readonly<Record<string, Action>> {
  const tagged = async (call: ApiCall): Promise<LogGroup> => {
    const { resourceArn } = read(z.object({ resourceArn: z.string() }), call);
    return groupOf(logs, { ...call, place: call.place, input: { logGroupIdentifier: groupArnOf(resourceArn) } });
  };
  return {
    TagResource: async (call) => {
      const { tags } = read(z.object({ tags: TAGS }), call);
      const group = await tagged(call);
      await logs.groups.setTags(group, { ...group.tags, ...tags });
      return undefined;
    },
    UntagResource: async (call) => {
      const { tagKeys } = read(z.object({ tagKeys: z.array(z.string()) }), call);
      const group = await tagged(call);
      const left = Object.entries(group.tags).filter(([key]) => !tagKeys.includes(key));
      await logs.groups.setTags(group, Object.fromEntries(left));
      return undefined;
    },
    ListTagsForResource: async (call) => ({ tags: (await tagged(call)).tags }),
  };
}

const notHere = (member: string, why: string): ApiError =>
  new ApiError('InvalidParameterException', `${why}: leave ${member} out.`);

async function describeGroups(logs: Logs, call: ApiCall): Promise<object> {
  const shape = z.object({
    ...PAGE,
    logGroupNamePrefix: z.string().optional(),
    logGroupNamePattern: z.string().optional(),
  });
  const { logGroupNamePrefix = '', logGroupNamePattern, nextToken, limit = PAGE_ITEMS } = read(shape, call);
  if (logGroupNamePattern !== undefined) throw notHere('logGroupNamePattern', 'Treadle finds groups by prefix only');
  const page = await logs.groups.list(call.place, logGroupNamePrefix, nextToken ?? null, limit + 1);
  const shown = page.slice(0, limit);
  return { logGroups: shown.map(groupMembers), ...(page.length > limit && { nextToken: shown.at(-1)?.name }) };
}

const groupMembers = ({ arn, name, createdAt, retentionDays }: LogGroup): object => ({
  logGroupName: name,
  creationTime: createdAt,
  ...(retentionDays !== null && { retentionInDays: retentionDays }),
  metricFilterCount: 0,
  arn: `${arn}:*`,
  storedBytes: 0,
  logGroupClass: 'STANDARD',
  logGroupArn: arn,
});

async function describeStreams(logs: Logs, call: ApiCall): Promise<object> {
  const shape = z.object({
    ...PAGE,
    logStreamNamePrefix: z.string().optional(),
    orderBy: z.enum(['LogStreamName', 'LastEventTime']).optional(),
    descending: z.boolean().optional(),
  });
  const { logStreamNamePrefix = '', orderBy, descending, nextToken, limit = PAGE_ITEMS } = read(shape, call);
  const group = await groupOf(logs, call);
  if (orderBy !== 'LastEventTime' && descending !== true) {
    const page = await logs.groups.streams(group, logStreamNamePrefix, nextToken ?? null, limit + 1);
    return streamsPage(group, page, limit, page.slice(0, limit).at(-1)?.name);
  }
  const all = await allStreams(logs, group, logStreamNamePrefix);
  if (orderBy === 'LastEventTime') all.sort((a, b) => (a.lastEventAt ?? 0) - (b.lastEventAt ?? 0));
  if (descending === true) all.reverse();
  const from = Number(nextToken ?? 0);
  return streamsPage(group, all.slice(from, from + limit + 1), limit, String(from + limit));
}

/** AWS does not order by time with a prefix either; a group has as many streams as senders. */
async function allStreams(logs: Logs, group: LogGroup, prefix: string): Promise<LogStream[]> {
  const all: LogStream[] = [];
  for (let after: string | null = null; ; ) {
    const page: readonly LogStream[] = await logs.groups.streams(group, prefix, after, 1000);
    all.push(...page);
    after = page.at(-1)?.name ?? null;
    if (page.length < 1000 || after === null) return all;
  }
}

const streamsPage = (group: LogGroup, page: readonly LogStream[], limit: number, next: string | undefined): object => ({
  logStreams: page.slice(0, limit).map((stream) => streamMembers(group, stream)),
  ...(page.length > limit && next !== undefined && { nextToken: next }),
});

const streamMembers = (group: LogGroup, stream: LogStream): object => ({
  logStreamName: stream.name,
  creationTime: stream.createdAt,
  ...(stream.firstEventAt !== null && { firstEventTimestamp: stream.firstEventAt }),
  ...(stream.lastEventAt !== null && { lastEventTimestamp: stream.lastEventAt }),
  ...(stream.lastIngestionAt !== null && { lastIngestionTime: stream.lastIngestionAt }),
  arn: `${group.arn}:log-stream:${stream.name}`,
  storedBytes: 0,
});
