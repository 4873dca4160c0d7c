import { STREAM_RETENTION_MS } from '../../../limits/services.js';
import type { ChangeStreams, StreamChange } from '../../ports.js';
import { sequenceAt, sequenceBefore } from './sequences.js';
import { readStream, type StreamParts } from './stream-operations.js';

/** Streams as event sources read them: from a place that they keep, on and on. */
export class StreamReader implements ChangeStreams {
  constructor(private readonly parts: StreamParts) {}

  exists(arn: string): boolean {
    return this.parts.streams.find(arn) !== null;
  }

  start(arn: string, position: 'TRIM_HORIZON' | 'LATEST'): string {
    const stream = this.parts.streams.find(arn);
    const horizon = Math.max(stream?.createdAt ?? 0, this.parts.clock.now() - STREAM_RETENTION_MS);
    const first = sequenceBefore(sequenceAt(horizon));
    const { last } = this.parts.sequences;
    return position === 'LATEST' && last > first ? last : first;
  }

  async read(arn: string, after: string, most: number): Promise<readonly StreamChange[]> {
    const stream = this.parts.streams.find(arn);
    if (stream === null) return [];
    const records = await readStream(this.parts.records, stream, { after, limit: most });
    return records.map((record) => ({
      sequence: record.dynamodb.SequenceNumber,
      at: record.dynamodb.ApproximateCreationDateTime * 1000,
      text: JSON.stringify({ ...record, eventSourceARN: stream.arn }),
    }));
  }
}
