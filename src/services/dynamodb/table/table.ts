import type { Place } from '../../../arn.js';
import { tableArn } from '../../../arn.js';
import type { KeyType } from '../values/attribute-value.js';

/** A table as it is kept; items and index entries lie in collections of their own, named by ids. */
export interface Table {
  readonly id: string;
  readonly name: string;
  readonly region: string;
  readonly account: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly status: 'CREATING' | 'ACTIVE';
  readonly attributes: readonly KeyAttribute[];
  readonly keys: Keys;
  readonly billing: Billing;
  readonly globalIndexes: readonly Index[];
  readonly localIndexes: readonly Index[];
  readonly tags: readonly Tag[];
  readonly isProtected: boolean;
  readonly tableClass: string | null;
  /** As asked for; nothing is throttled. */
  readonly onDemand: Readonly<Record<string, number>> | null;
  readonly ttl: TimeToLive | null;
  readonly stream: TableStream | null;
  readonly pointInTime: PointInTime | null;
  /** Where it was restored from, or null. */
  readonly restored: RestoreSummary | null;
  /** What its items still come from, while it is CREATING. */
  readonly restoring: RestoreSource | null;
}

export type RestoreSource =
  | { readonly type: 'backup'; readonly arn: string }
  | { readonly type: 'pointInTime'; readonly tableId: string; readonly logId: string; readonly at: number };

export interface KeyAttribute {
  readonly name: string;
  readonly type: KeyType;
}

export interface Keys {
  readonly hash: string;
  readonly range: string | null;
}

export interface Throughput {
  readonly readUnits: number;
  readonly writeUnits: number;
}

export interface Billing {
  readonly mode: 'PROVISIONED' | 'PAY_PER_REQUEST';
  /** Zeros when paid by request. */
  readonly throughput: Throughput;
  readonly increasedAt: number | null;
  readonly decreasedAt: number | null;
  readonly decreases: number;
  /** Since when it is paid by request; null = it never was. */
  readonly byRequestSince: number | null;
}

export interface Index {
  readonly id: string;
  readonly name: string;
  readonly keys: Keys;
  readonly projection: { readonly type: 'ALL' | 'KEYS_ONLY' | 'INCLUDE'; readonly attributes: readonly string[] };
  readonly throughput: Throughput | null;
  readonly status: 'CREATING' | 'ACTIVE';
}

export interface Tag {
  readonly Key: string;
  readonly Value: string;
}

export interface TimeToLive {
  /** Of this list of what expires; another enabling begins another list. */
  readonly id: string;
  readonly attribute: string;
  /** Whether every item of the table stands in the list of what expires. */
  readonly isComplete: boolean;
}

export type StreamView = 'KEYS_ONLY' | 'NEW_IMAGE' | 'OLD_IMAGE' | 'NEW_AND_OLD_IMAGES';

export interface TableStream {
  /** ISO time; the last part of the stream's ARN. */
  readonly label: string;
  readonly view: StreamView;
  readonly isEnabled: boolean;
}

export interface PointInTime {
  /** Of this log of changes. */
  readonly id: string;
  readonly since: number;
  readonly days: number;
}

export interface RestoreSummary {
  readonly sourceTableArn: string;
  readonly sourceBackupArn: string | null;
  readonly at: number;
}

export const TABLES = 'dynamodb.table';

export const tableKey = (region: string, name: string): string => `${region}/${name}`;
export const itemsOf = (table: Pick<Table, 'id'>): string => `dynamodb.item/${table.id}`;
export const entriesOfIndex = (index: Pick<Index, 'id'>): string => `dynamodb.index/${index.id}`;
export const expiriesOf = (ttl: Pick<TimeToLive, 'id'>): string => `dynamodb.expiry/${ttl.id}`;
export const logOf = (pointInTime: Pick<PointInTime, 'id'>): string => `dynamodb.log/${pointInTime.id}`;

export const arnOf = ({ name, region, account }: Table): string => tableArn({ region, account }, name);
export const placeOf = ({ region, account }: Table): Place => ({ region, account });
export const indexArn = (table: Table, index: Pick<Index, 'name'>): string => `${arnOf(table)}/index/${index.name}`;
export const streamArn = (table: Table, stream: Pick<TableStream, 'label'>): string =>
  `${arnOf(table)}/stream/${stream.label}`;

export const keyNames = ({ hash, range }: Keys): readonly string[] => (range === null ? [hash] : [hash, range]);

export function keyTypeOf(table: Table, name: string): KeyType {
  const attribute = table.attributes.find((candidate) => candidate.name === name);
  if (attribute === undefined)
    throw new Error(`Broken invariant: the key ${name} of ${table.name} was checked to be defined`);
  return attribute.type;
}

/** Global ones first, as AWS looks at them. */
export const indexesOf = (table: Table): readonly Index[] => [...table.globalIndexes, ...table.localIndexes];
