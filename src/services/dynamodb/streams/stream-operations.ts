import {
  STREAM_ITERATOR_MS,
  STREAM_PAGE_CHARS,
  STREAM_PAGE_RECORDS,
  STREAM_RETENTION_MS,
} from '../../../limits/services.js';
import type { RecordStore } from '../../../store/ports.js';
import type { Clock } from '../../ports.js';
import type { Operation } from '../core.js';
import { expiredIterator, resourceNotFound, trimmedDataAccess, validationFault } from '../fault.js';
import { readRequest } from '../input/request.js';
import { atLeast, atMost, integer, required, text, word } from '../input/shape.js';
import { keySchemaOf } from '../table/describe.js';
import { isSequence, type Sequences, sequenceAt, sequenceBefore } from './sequences.js';
import { recordsOf, type Stream, type StreamDirectory } from './stream-directory.js';
import type { StreamRecord } from './stream-record.js';

export interface StreamParts {
  readonly records: Pick<RecordStore, 'scan'>;
  readonly clock: Clock;
  readonly streams: StreamDirectory;
  readonly sequences: Sequences;
}

const arn = required(text(atLeast(37), atMost(1024)));
const LIST_STREAMS = {
  TableName: text(atLeast(3), atMost(255)),
  Limit: integer('Integer', { min: 1, max: 100 }),
  ExclusiveStartStreamArn: text(atLeast(37), atMost(1024)),
};
const DESCRIBE_STREAM = {
  StreamArn: arn,
  Limit: integer('Integer', { min: 1, max: 100 }),
  ExclusiveStartShardId: text(atLeast(28), atMost(65)),
};
const GET_ITERATOR = {
  StreamArn: arn,
  ShardId: required(text(atLeast(28), atMost(65))),
  ShardIteratorType: required(word('TRIM_HORIZON', 'LATEST', 'AT_SEQUENCE_NUMBER', 'AFTER_SEQUENCE_NUMBER')),
  SequenceNumber: text(atLeast(21), atMost(40)),
};
const GET_RECORDS = {
  ShardIterator: required(text(atLeast(1), atMost(2048))),
  Limit: integer('Integer', { min: 1, max: STREAM_PAGE_RECORDS }),
};

/** Of DynamoDB Streams, by name. */
export const STREAM_OPERATIONS: readonly string[] = ['DescribeStream', 'GetRecords', 'GetShardIterator', 'ListStreams'];

export const streamOperations = (parts: StreamParts): Readonly<Record<string, Operation>> => ({
  ListStreams: listStreams(parts),
  DescribeStream: describeStream(parts),
  GetShardIterator: getShardIterator(parts),
  GetRecords: getRecords(parts),
});

const LIST_PAGE = 100;

const listStreams =
  ({ streams }: StreamParts): Operation =>
  ({ input, place }) => {
    const request = readRequest('ListStreams', LIST_STREAMS, input);
    const { TableName: name, Limit: limit = LIST_PAGE, ExclusiveStartStreamArn: start = '' } = request;
    const all = streams.list(place.region).filter(({ tableName }) => name === undefined || tableName === name);
    const left = all.filter((stream) => stream.arn > start);
    const page = left.slice(0, limit);
    return {
      Streams: page.map((stream) => ({
        StreamArn: stream.arn,
        TableName: stream.tableName,
        StreamLabel: stream.label,
      })),
      ...(left.length > limit && { LastEvaluatedStreamArn: page.at(-1)?.arn }),
    };
  };

/** A stream has one shard for as long as it is enabled. */
const shardOf = ({ createdAt, tableId }: Stream): string =>
  `shardId-${String(createdAt).padStart(20, '0')}-${tableId.slice(0, 8)}`;

const describeStream =
  ({ streams, sequences }: StreamParts): Operation =>
  ({ input }) => {
    const request = readRequest('DescribeStream', DESCRIBE_STREAM, input);
    const stream = streamAt(streams, request.StreamArn);
    const shard = {
      ShardId: shardOf(stream),
      SequenceNumberRange: {
        StartingSequenceNumber: sequenceAt(stream.createdAt),
        ...(stream.endedAt !== null && { EndingSequenceNumber: lastOf(stream, sequences) }),
      },
    };
    return {
      StreamDescription: {
        StreamArn: stream.arn,
        StreamLabel: stream.label,
        StreamStatus: stream.endedAt === null ? 'ENABLED' : 'DISABLED',
        StreamViewType: stream.view,
        CreationRequestDateTime: stream.createdAt / 1000,
        TableName: stream.tableName,
        KeySchema: keySchemaOf(stream.keys),
        Shards: request.ExclusiveStartShardId === shard.ShardId ? [] : [shard],
      },
    };
  };

/** Nothing of the stream is newer. */
const lastOf = ({ endedAt }: Stream, sequences: Sequences): string =>
  endedAt === null ? sequences.last : sequenceBefore(sequenceAt(endedAt + 1));

function streamAt(streams: StreamDirectory, wanted: string): Stream {
  const stream = streams.find(wanted);
  if (stream === null) {
    throw resourceNotFound(`Requested resource not found: Stream: ${wanted} not found`);
  }
  return stream;
}

interface Iterator {
  readonly arn: string;
  /** The records behind this one come next. */
  readonly after: string;
  readonly madeAt: number;
}

const iteratorText = (iterator: Iterator): string =>
  `${iterator.arn}|1|${Buffer.from(JSON.stringify([iterator.after, iterator.madeAt])).toString('base64')}`;

function readIterator(given: string): Iterator {
  const [streamArn = '', version, data = ''] = given.split('|');
  const decoded = Buffer.from(data, 'base64').toString();
  const match = version === '1' ? /^\["(1\d{20})",(\d{1,15})\]$/.exec(decoded) : null;
  if (match === null) throw validationFault('Invalid ShardIterator');
  return { arn: streamArn, after: match[1] ?? '', madeAt: Number(match[2]) };
}

const getShardIterator =
  ({ streams, sequences, clock }: StreamParts): Operation =>
  ({ input }) => {
    const request = readRequest('GetShardIterator', GET_ITERATOR, input);
    const stream = streamAt(streams, request.StreamArn);
    if (request.ShardId !== shardOf(stream)) {
      throw resourceNotFound(
        `Requested resource not found: Shard does not exist: ${request.ShardId} in stream ${stream.arn}`,
      );
    }
    const { ShardIteratorType: type, SequenceNumber: number } = request;
    const now = clock.now();
    const horizon = sequenceBefore(sequenceAt(Math.max(stream.createdAt, now - STREAM_RETENTION_MS)));
    if (type === 'TRIM_HORIZON')
      return { ShardIterator: iteratorText({ arn: stream.arn, after: horizon, madeAt: now }) };
    if (type === 'LATEST') {
      return { ShardIterator: iteratorText({ arn: stream.arn, after: maxText(sequences.last, horizon), madeAt: now }) };
    }
    if (number === undefined || !isSequence(number)) {
      throw validationFault(`Invalid SequenceNumber: ${number ?? null}`);
    }
    if (number <= horizon && number < sequenceAt(now - STREAM_RETENTION_MS)) {
      throw trimmedDataAccess('The operation attempted to read past the oldest stream record in a shard.');
    }
    const after = type === 'AT_SEQUENCE_NUMBER' ? sequenceBefore(number) : number;
    return { ShardIterator: iteratorText({ arn: stream.arn, after, madeAt: now }) };
  };

const maxText = (left: string, right: string): string => (left > right ? left : right);

const getRecords =
  (parts: StreamParts): Operation =>
  async ({ input }) => {
    const request = readRequest('GetRecords', GET_RECORDS, input);
    const iterator = readIterator(request.ShardIterator);
    const now = parts.clock.now();
    if (now - iterator.madeAt > STREAM_ITERATOR_MS) throw expiredIterator('Iterator expired.');
    const stream = streamAt(parts.streams, iterator.arn);
    const rows = await readStream(parts.records, stream, { after: iterator.after, limit: request.Limit });
    const after = rows.at(-1)?.dynamodb.SequenceNumber ?? iterator.after;
    const isOver = stream.endedAt !== null && rows.length === 0;
    return {
      Records: rows.map(shownRecord),
      ...(!isOver && { NextShardIterator: iteratorText({ arn: stream.arn, after, madeAt: now }) }),
    };
  };

/** Functions see who has made a change in small letters, clients of this API do not. */
function shownRecord({ userIdentity, ...record }: StreamRecord): object {
  if (userIdentity === undefined) return record;
  return { ...record, userIdentity: { Type: userIdentity.type, PrincipalId: userIdentity.principalId } };
}

/** The next changes behind `after`, as far as they fit into one answer. */
export async function readStream(
  records: Pick<RecordStore, 'scan'>,
  stream: Pick<Stream, 'tableId' | 'label'>,
  { after, limit = STREAM_PAGE_RECORDS }: { readonly after: string; readonly limit?: number | undefined },
): Promise<readonly StreamRecord[]> {
  const query = { collection: recordsOf(stream), prefix: '', after, limit, charsMax: STREAM_PAGE_CHARS };
  const rows = await records.scan(query);
  return rows.map(({ value }) => JSON.parse(value) as StreamRecord); // our own text
}
