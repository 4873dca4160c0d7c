import { TABLE_TAGS_MAX, TABLES_MAX } from '../../../limits/services.js';
import type { Core, Operation } from '../core.js';
import { limitExceeded, resourceInUse, validationFault } from '../fault.js';
import { readRequest } from '../input/request.js';
import { checkCreateTable } from './check-schema.js';
import { describeTable } from './describe.js';
import { newId } from './directory.js';
import type { Billing, Index, Keys, Table, TableStream } from './table.js';
import { tableLock } from './table-lock.js';
import {
  CREATE_TABLE,
  type CreateTableInput,
  type GlobalIndexInput,
  type LocalIndexInput,
  type ThroughputInput,
} from './table-members.js';

export const EMPTY = { items: 0, bytes: 0 };

/** A table can be used when the answer comes. */
export const createTable =
  ({ directory, clock, locks }: Core): Operation =>
  ({ input, place }) => {
    const request = readRequest('CreateTable', CREATE_TABLE, input);
    checkCreateTable(request);
    return locks.hold([tableLock(place.region, request.TableName)], async () => {
      if (directory.find(place.region, request.TableName) !== null) {
        throw resourceInUse(`Table already exists: ${request.TableName}`);
      }
      if (directory.list(place.region).length >= TABLES_MAX) {
        throw limitExceeded(`Subscriber limit exceeded: there is a limit of ${TABLES_MAX} tables per subscriber`);
      }
      const table = tableOf(request, { ...place, now: clock.now() });
      await directory.put(table);
      return { TableDescription: describeTable(table, EMPTY) };
    });
  };

function tableOf(
  request: CreateTableInput,
  { region, account, now }: { readonly region: string; readonly account: string; readonly now: number },
): Table {
  const tags = request.Tags ?? [];
  if (tags.length > TABLE_TAGS_MAX) throw validationFault('Too many tags: a table can have at most 50.');
  const { StreamSpecification: stream } = request;
  return {
    id: newId(),
    name: request.TableName,
    region,
    account,
    createdAt: now,
    status: 'ACTIVE',
    attributes: attributesOf(request.AttributeDefinitions),
    keys: keysOf(request.KeySchema),
    billing: billingOf(request, now),
    globalIndexes: (request.GlobalSecondaryIndexes ?? []).map((index) => indexOf(index, 'ACTIVE')),
    localIndexes: (request.LocalSecondaryIndexes ?? []).map((index) => indexOf(index, 'ACTIVE')),
    tags,
    isProtected: request.DeletionProtectionEnabled ?? false,
    tableClass: request.TableClass ?? null,
    onDemand: request.OnDemandThroughput === undefined ? null : unitsAsked(request.OnDemandThroughput),
    ttl: null,
    stream: stream === undefined ? null : newStream(stream, now),
    pointInTime: null,
    restored: null,
    restoring: null,
  };
}

export const attributesOf = (given: CreateTableInput['AttributeDefinitions']): Table['attributes'] =>
  given.map(({ AttributeName: name, AttributeType: type }) => ({ name, type }));

export function newStream(
  { StreamEnabled: isEnabled, StreamViewType: view }: NonNullable<CreateTableInput['StreamSpecification']>,
  now: number,
): TableStream | null {
  if (!isEnabled || view === undefined) return null;
  return { label: new Date(now).toISOString().replace('Z', ''), view, isEnabled };
}

export const unitsAsked = (asked: object): Readonly<Record<string, number>> =>
  Object.fromEntries(
    Object.entries(asked).flatMap(([name, units]) => (typeof units === 'number' ? [[name, units]] : [])),
  );

function billingOf(
  { BillingMode: mode = 'PROVISIONED', ProvisionedThroughput: given }: CreateTableInput,
  now: number,
): Billing {
  return {
    mode,
    throughput: throughputOf(given),
    increasedAt: null,
    decreasedAt: null,
    decreases: 0,
    byRequestSince: mode === 'PAY_PER_REQUEST' ? now : null,
  };
}

export const throughputOf = (given: ThroughputInput | undefined): Billing['throughput'] => ({
  readUnits: given?.ReadCapacityUnits ?? 0,
  writeUnits: given?.WriteCapacityUnits ?? 0,
});

type KeySchema = ReadonlyArray<{ readonly AttributeName: string }>;

function keysOf([hash, range]: KeySchema): Keys {
  if (hash === undefined) throw new Error('Broken invariant: a key schema was checked to have a hash key');
  return { hash: hash.AttributeName, range: range?.AttributeName ?? null };
}

export function indexOf(given: LocalIndexInput & Partial<GlobalIndexInput>, status: Index['status']): Index {
  const { IndexName: name, KeySchema: schema, Projection: projection, ProvisionedThroughput: throughput } = given;
  return {
    id: newId(),
    name,
    keys: keysOf(schema),
    projection: { type: projection.ProjectionType ?? 'ALL', attributes: projection.NonKeyAttributes ?? [] },
    throughput: throughput === undefined ? null : throughputOf(throughput),
    status,
  };
}
