import { STREAM_RETENTION_MS } from '../../../limits/services.js';
import type { RecordStore, RecordWrite } from '../../../store/ports.js';
import { everyRecord } from '../../../store/record-pages.js';
import { putJson } from '../../../store/record-writes.js';
import type { Clock } from '../../ports.js';
import type { Keys, StreamView, Table } from '../table/table.js';
import { streamArn } from '../table/table.js';
import { sequenceAt } from './sequences.js';

/** A stream, which outlives its end by a day. */
export interface Stream {
  readonly arn: string;
  readonly label: string;
  readonly tableId: string;
  readonly tableName: string;
  readonly region: string;
  readonly keys: Keys;
  readonly view: StreamView;
  readonly createdAt: number;
  /** Null while changes come. */
  readonly endedAt: number | null;
}

const STREAMS = 'dynamodb.stream';
const PAGE = 200;
const SWEEP_ROWS = 500;

export const recordsOf = ({ tableId, label }: Pick<Stream, 'tableId' | 'label'>): string =>
  `dynamodb.record/${tableId}/${label}`;

/** All streams, in memory as in the store. */
export class StreamDirectory {
  readonly #streams = new Map<string, Stream>();

  private constructor(
    private readonly records: Pick<RecordStore, 'scan' | 'write'>,
    private readonly clock: Clock,
  ) {}

  static async open(records: Pick<RecordStore, 'scan' | 'write'>, clock: Clock): Promise<StreamDirectory> {
    const directory = new StreamDirectory(records, clock);
    for await (const { key, value } of everyRecord(records, { collection: STREAMS, limit: PAGE }))
      directory.#streams.set(key, JSON.parse(value) as Stream); // our own text
    return directory;
  }

  /** `…/stream/latest` is the table's stream of now: what templates say, which are read before the stream begins. */
  find(arn: string): Stream | null {
    const found = this.#streams.get(arn);
    if (found !== undefined || !arn.endsWith(LATEST)) return found ?? null;
    const own = arn.slice(0, -LATEST.length);
    return this.all().find((stream) => stream.endedAt === null && stream.arn.startsWith(`${own}/stream/`)) ?? null;
  }

  /** By ARN. */
  list(region: string): readonly Stream[] {
    return [...this.#streams.values()]
      .filter((stream) => stream.region === region)
      .sort((left, right) => (left.arn < right.arn ? -1 : 1));
  }

  all(): readonly Stream[] {
    return [...this.#streams.values()];
  }

  /** What goes with a change of a table: its stream begins or ends in the same transaction. `table` null: it is deleted. */
  writes(before: Table | null, table: Table | null): readonly RecordWrite[] {
    return this.#changes(before, table).map((stream) => putJson(STREAMS, stream.arn, stream));
  }

  /** Called when the writes are durable. */
  apply(before: Table | null, table: Table | null): void {
    for (const stream of this.#changes(before, table)) this.#streams.set(stream.arn, stream);
  }

  #changes(before: Table | null, table: Table | null): readonly Stream[] {
    const changes: Stream[] = [];
    const ended = before?.stream?.isEnabled === true ? before.stream : null;
    const begun = table?.stream?.isEnabled === true ? table.stream : null;
    if (ended !== null && ended.label !== begun?.label && before !== null) {
      const stream = this.#streams.get(streamArn(before, ended));
      if (stream !== undefined) changes.push({ ...stream, endedAt: this.clock.now() });
    }
    if (table !== null && begun !== null && begun.label !== ended?.label) {
      changes.push({
        arn: streamArn(table, begun),
        label: begun.label,
        tableId: table.id,
        tableName: table.name,
        region: table.region,
        keys: table.keys,
        view: begun.view,
        createdAt: this.clock.now(),
        endedAt: null,
      });
    }
    return changes;
  }

  /** Deletes records older than a day, and streams that have ended before. */
  async sweep(isOpen: () => boolean): Promise<void> {
    const before = this.clock.now() - STREAM_RETENTION_MS;
    for (const stream of this.all()) {
      const collection = recordsOf(stream);
      for (;;) {
        if (!isOpen()) return;
        const query = { collection, prefix: '', after: null, before: sequenceAt(before), limit: SWEEP_ROWS };
        const rows = await this.records.scan({ ...query, charsMax: SWEEP_CHARS });
        if (rows.length === 0) break;
        await this.records.write(rows.map(({ key }) => ({ type: 'delete', collection, key })));
      }
      if (stream.endedAt === null || stream.endedAt >= before) continue;
      await this.records.write([{ type: 'delete', collection: STREAMS, key: stream.arn }]);
      this.#streams.delete(stream.arn);
    }
  }
}

const LATEST = '/stream/latest';
const SWEEP_CHARS = 1_048_576;
