import { randomUUID } from 'node:crypto';
import { logGroupArn, type Place } from '../../arn.js';
import { LOG_NAME_CHARS_MAX } from '../../limits/services.js';
import { RecordConflict, type RecordStore } from '../../store/ports.js';
import { putJson } from '../../store/record-writes.js';
import { LogsFault, noSuchGroup } from './fault.js';

export interface LogGroup {
  readonly arn: string;
  readonly name: string;
  /** One of the same name made later is another group: its events are apart. */
  readonly id: string;
  readonly createdAt: number;
  /** Null: kept for ever. */
  readonly retentionDays: number | null;
  readonly tags: Readonly<Record<string, string>>;
}

export interface LogStream {
  readonly name: string;
  readonly createdAt: number;
  /** Null before the first event. Epoch milliseconds. */
  readonly firstEventAt: number | null;
  readonly lastEventAt: number | null;
  readonly lastIngestionAt: number | null;
}

const GROUPS = 'logs.group';
const STREAMS = 'logs.stream';
/** AWS: the only lengths of time that there are. */
const RETENTION_DAYS: ReadonlySet<number> = new Set([
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
]);

/** Log groups and their streams, as records. Throws LogsFault for what AWS refuses. */
export class LogGroups {
  constructor(
    private readonly records: RecordStore,
    private readonly now: () => number,
  ) {}

  async create(place: Place, name: string, tags: Readonly<Record<string, string>>): Promise<LogGroup> {
    if (!/^[.\-_/#A-Za-z0-9]+$/.test(name) || name.length > LOG_NAME_CHARS_MAX) {
      throw invalid('logGroupName', name, '[\\.\\-_/#A-Za-z0-9]+');
    }
    const arn = logGroupArn(place, name);
    const group: LogGroup = { arn, name, id: randomUUID(), createdAt: this.now(), retentionDays: null, tags };
    try {
      await this.records.write([putJson(GROUPS, arn, group, 'absent')]);
      return group;
    } catch (fault) {
      if (!(fault instanceof RecordConflict)) throw fault;
      throw new LogsFault('ResourceAlreadyExistsException', 'The specified log group already exists');
    }
  }

  async find(arn: string): Promise<LogGroup | null> {
    const text = await this.records.get(GROUPS, arn);
    return text === null ? null : (JSON.parse(text) as LogGroup);
  }

  async get(place: Place, name: string): Promise<LogGroup> {
    const group = await this.find(logGroupArn(place, name));
    if (group === null) throw noSuchGroup();
    return group;
  }

  /** By name; names after `after`. */
  async list(place: Place, prefix: string, after: string | null, limit: number): Promise<readonly LogGroup[]> {
    const start = logGroupArn(place, '');
    const rows = await this.records.scan({
      collection: GROUPS,
      prefix: start + prefix,
      after: after === null ? null : start + after,
      limit,
    });
    return rows.map(({ value }) => JSON.parse(value) as LogGroup);
  }

  /** Of every region. */
  async all(after: string | null, limit: number): Promise<readonly LogGroup[]> {
    const rows = await this.records.scan({ collection: GROUPS, prefix: '', after, limit });
    return rows.map(({ value }) => JSON.parse(value) as LogGroup);
  }

  async setRetention(group: LogGroup, retentionDays: number | null): Promise<void> {
    if (retentionDays !== null && !RETENTION_DAYS.has(retentionDays)) {
      throw new LogsFault(
        'InvalidParameterException',
        `1 validation error detected: Value '${retentionDays}' at 'retentionInDays' failed to satisfy constraint: Member must satisfy enum value set: [${[...RETENTION_DAYS].join(', ')}]`,
      );
    }
    await this.#keep({ ...group, retentionDays });
  }

  setTags(group: LogGroup, tags: Readonly<Record<string, string>>): Promise<void> {
    return this.#keep({ ...group, tags });
  }

  async remove(group: LogGroup): Promise<void> {
    await this.records.write([{ type: 'delete', collection: GROUPS, key: group.arn }]);
  }

  async createStream(group: LogGroup, name: string): Promise<void> {
    if (!/^[^:*]{1,512}$/.test(name)) throw invalid('logStreamName', name, '[^:*]*');
    const stream: LogStream = {
      name,
      createdAt: this.now(),
      firstEventAt: null,
      lastEventAt: null,
      lastIngestionAt: null,
    };
    try {
      await this.records.write([putJson(STREAMS, `${group.id}/${name}`, stream, 'absent')]);
    } catch (fault) {
      if (!(fault instanceof RecordConflict)) throw fault;
      throw new LogsFault('ResourceAlreadyExistsException', 'The specified log stream already exists');
    }
  }

  async findStream(group: LogGroup, name: string): Promise<LogStream | null> {
    const text = await this.records.get(STREAMS, `${group.id}/${name}`);
    return text === null ? null : (JSON.parse(text) as LogStream);
  }

  /** By name; names after `after`. */
  async streams(group: LogGroup, prefix: string, after: string | null, limit: number): Promise<readonly LogStream[]> {
    const start = `${group.id}/`;
    const rows = await this.records.scan({
      collection: STREAMS,
      prefix: start + prefix,
      after: after === null ? null : start + after,
      limit,
    });
    return rows.map(({ value }) => JSON.parse(value) as LogStream);
  }

  /** The write that says when the stream got its last events; makes the stream where there is none. */
  async touch(group: LogGroup, name: string, events: readonly { readonly timestamp: number }[]) {
    const now = this.now();
    const known = await this.findStream(group, name);
    const times = events.map(({ timestamp }) => timestamp);
    const stream: LogStream = {
      name,
      createdAt: known?.createdAt ?? now,
      firstEventAt: Math.min(known?.firstEventAt ?? Number.POSITIVE_INFINITY, ...times),
      lastEventAt: Math.max(known?.lastEventAt ?? 0, ...times),
      lastIngestionAt: now,
    };
    return putJson(STREAMS, `${group.id}/${name}`, stream);
  }

  async removeStream(group: LogGroup, name: string): Promise<void> {
    await this.records.write([{ type: 'delete', collection: STREAMS, key: `${group.id}/${name}` }]);
  }

  async #keep(group: LogGroup): Promise<void> {
    await this.records.write([putJson(GROUPS, group.arn, group)]);
  }
}

const invalid = (member: string, value: string, pattern: string): LogsFault =>
  new LogsFault(
    'InvalidParameterException',
    `1 validation error detected: Value '${value.slice(0, 200)}' at '${member}' failed to satisfy constraint: Member must satisfy regular expression pattern: ${pattern}`,
  );
