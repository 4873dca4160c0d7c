import { z } from 'zod';
import type { Index, Keys, Table } from '../table/table.js';

const KEY_SCHEMA = z.array(z.object({ AttributeName: z.string() })).min(1);
const THROUGHPUT = z.object({ ReadCapacityUnits: z.number(), WriteCapacityUnits: z.number() });
const INDEX = z.object({
  IndexName: z.string(),
  KeySchema: KEY_SCHEMA,
  Projection: z.object({
    ProjectionType: z.enum(['ALL', 'KEYS_ONLY', 'INCLUDE']),
    NonKeyAttributes: z.array(z.string()).optional(),
  }),
  ProvisionedThroughput: THROUGHPUT.optional(),
});
const TABLE = z.object({
  TableName: z.string(),
  TableId: z.string(),
  CreationDateTime: z.number(),
  AttributeDefinitions: z.array(z.object({ AttributeName: z.string(), AttributeType: z.enum(['S', 'N', 'B']) })),
  KeySchema: KEY_SCHEMA,
  ProvisionedThroughput: THROUGHPUT.optional(),
  BillingModeSummary: z.object({ BillingMode: z.string() }).optional(),
  GlobalSecondaryIndexes: z.array(INDEX).optional(),
  LocalSecondaryIndexes: z.array(INDEX).optional(),
});

/** A table as an older release described it. Throws when it is none. */
export function tableOf(given: unknown, of: Pick<Table, 'region' | 'account' | 'tags'>): Table {
  const old = TABLE.parse(given);
  const isByRequest = old.BillingModeSummary?.BillingMode === 'PAY_PER_REQUEST';
  const createdAt = Math.round(old.CreationDateTime * 1000);
  const indexes = (all: z.infer<typeof INDEX>[] | undefined): readonly Index[] =>
    (all ?? []).map((index) => indexOf(index, { tableId: old.TableId, isByRequest }));
  return {
    ...of,
    id: old.TableId,
    name: old.TableName,
    createdAt,
    status: 'ACTIVE',
    attributes: old.AttributeDefinitions.map(({ AttributeName: name, AttributeType: type }) => ({ name, type })),
    keys: keysOf(old.KeySchema),
    billing: {
      mode: isByRequest ? 'PAY_PER_REQUEST' : 'PROVISIONED',
      throughput: unitsOf(isByRequest ? undefined : old.ProvisionedThroughput),
      increasedAt: null,
      decreasedAt: null,
      decreases: 0,
      byRequestSince: isByRequest ? createdAt : null,
    },
    globalIndexes: indexes(old.GlobalSecondaryIndexes),
    localIndexes: indexes(old.LocalSecondaryIndexes),
    isProtected: false,
    tableClass: null,
    onDemand: null,
    ttl: null,
    stream: null,
    pointInTime: null,
    restored: null,
    restoring: null,
  };
}

/** Ids are the same whenever it is read: what a migration that was cut off has written is written again, not twice. */
function indexOf(
  index: z.infer<typeof INDEX>,
  { tableId, isByRequest }: { readonly tableId: string; readonly isByRequest: boolean },
): Index {
  return {
    id: `${tableId}/${index.IndexName}`,
    name: index.IndexName,
    keys: keysOf(index.KeySchema),
    projection: { type: index.Projection.ProjectionType, attributes: index.Projection.NonKeyAttributes ?? [] },
    throughput: isByRequest ? null : unitsOf(index.ProvisionedThroughput),
    status: 'ACTIVE',
  };
}

function keysOf([hash, range]: z.infer<typeof KEY_SCHEMA>): Keys {
  return { hash: hash?.AttributeName ?? '', range: range?.AttributeName ?? null };
}

const unitsOf = (units: z.infer<typeof THROUGHPUT> | undefined) => ({
  readUnits: units?.ReadCapacityUnits ?? 0,
  writeUnits: units?.WriteCapacityUnits ?? 0,
});
