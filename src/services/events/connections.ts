import { randomUUID } from 'node:crypto';
import { type Place, parseArn } from '../../arn.js';
import { CONNECTIONS_OF_EVENTS_MAX } from '../../limits.js';
import { RecordConflict, type RecordStore } from '../../store/ports.js';
import { everyRecord } from '../../store/record-pages.js';
import { putJson } from '../../store/record-writes.js';
import type { Clock } from '../ports.js';
import { EventsFault, notFound } from './fault.js';

const CONNECTIONS = 'events.connections';
const PAGE = 500;

/** One header, parameter of the query or of the body. */
export interface HttpParameter {
  readonly key: string;
  readonly value: string;
  readonly isSecret: boolean;
}

export interface HttpParameters {
  readonly headers: readonly HttpParameter[];
  readonly query: readonly HttpParameter[];
  readonly body: readonly HttpParameter[];
}

export type Authorization =
  | { readonly type: 'BASIC'; readonly username: string; readonly password: string }
  | { readonly type: 'API_KEY'; readonly name: string; readonly value: string }
  | {
      readonly type: 'OAUTH_CLIENT_CREDENTIALS';
      readonly clientId: string;
      readonly clientSecret: string;
      readonly endpoint: string;
      readonly method: 'GET' | 'POST' | 'PUT';
      readonly parameters: HttpParameters;
    };

export interface ConnectionSettings {
  readonly description: string | null;
  /** Null: it was taken away (DeauthorizeConnection). */
  readonly authorization: Authorization | null;
  /** Goes with every request. */
  readonly invocation: HttpParameters;
}

export interface Connection extends ConnectionSettings {
  readonly arn: string;
  readonly name: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly modifiedAt: number;
  readonly authorizedAt: number | null;
}

/**
 * EventBridge's connections: how HTTP Tasks authorise themselves. Secrets lie in the data folder as they are, not encrypted, and are
 * never shown again. Throws EventsFault for what AWS refuses.
 */
export class Connections {
  constructor(
    private readonly records: RecordStore,
    private readonly clock: Clock,
  ) {}

  async create(place: Place, name: string, settings: ConnectionSettings): Promise<Connection> {
    const others = await this.list(place);
    if (others.length >= CONNECTIONS_OF_EVENTS_MAX) {
      const message = `The requested resource exceeds the maximum number allowed. (${CONNECTIONS_OF_EVENTS_MAX} connections)`;
      throw new EventsFault('LimitExceededException', message);
    }
    const at = this.clock.now();
    const arn = `${prefixOf(place)}${name}/${randomUUID()}`;
    const connection = { ...settings, arn, name, createdAt: at, modifiedAt: at, authorizedAt: at };
    try {
      await this.records.write([putJson(CONNECTIONS, keyOf(place, name), connection, 'absent')]);
      return connection;
    } catch (fault) {
      if (!(fault instanceof RecordConflict)) throw fault;
      throw new EventsFault('ResourceAlreadyExistsException', `Connection ${name} already exists.`);
    }
  }

  /** What `change` leaves out stays. */
  async update(place: Place, name: string, change: Partial<ConnectionSettings>): Promise<Connection> {
    const before = await this.get(place, name);
    const at = this.clock.now();
    const authorizedAt = change.authorization === undefined ? before.authorizedAt : at;
    const connection = { ...before, ...change, modifiedAt: at, authorizedAt };
    await this.records.write([putJson(CONNECTIONS, keyOf(place, name), connection)]);
    return connection;
  }

  async get(place: Place, name: string): Promise<Connection> {
    const text = await this.records.get(CONNECTIONS, keyOf(place, name));
    if (text === null) throw notFound(`Connection '${name}' does not exist.`);
    return JSON.parse(text) as Connection; // our own text
  }

  /** Null where there is none of this ARN. */
  async find(arn: string): Promise<Connection | null> {
    const parsed = parseArn(arn);
    const [kind, name] = parsed?.resource.split('/') ?? [];
    if (parsed?.service !== 'events' || kind !== 'connection' || name === undefined) return null;
    const text = await this.records.get(CONNECTIONS, keyOf(parsed, name));
    const found = text === null ? null : (JSON.parse(text) as Connection); // our own text
    return found?.arn === arn ? found : null;
  }

  /** Sorted by name. */
  async list(place: Place): Promise<readonly Connection[]> {
    const all: Connection[] = [];
    const query = { collection: CONNECTIONS, prefix: keyOf(place, ''), limit: PAGE };
    for await (const { value } of everyRecord(this.records, query)) all.push(JSON.parse(value) as Connection); // our own text
    return all;
  }

  async remove(place: Place, name: string): Promise<Connection> {
    const connection = await this.get(place, name);
    await this.records.write([{ type: 'delete', collection: CONNECTIONS, key: keyOf(place, name) }]);
    return connection;
  }
}

const prefixOf = ({ region, account }: Place): string => `arn:aws:events:${region}:${account}:connection/`;
const keyOf = ({ region, account }: Place, name: string): string => `${region} ${account} ${name}`;
