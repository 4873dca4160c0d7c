import {
  arnOf,
  type Index,
  indexArn,
  type Keys,
  streamArn,
  type Table,
  type TableStream,
  type Throughput,
} from './table.js';

/** A table as DescribeTable shows it. */
export function describeTable(table: Table, counted: Counted): Readonly<Record<string, unknown>> {
  const { billing, stream, restored } = table;
  const isByRequest = billing.mode === 'PAY_PER_REQUEST';
  return {
    AttributeDefinitions: table.attributes.map(({ name, type }) => ({ AttributeName: name, AttributeType: type })),
    TableName: table.name,
    KeySchema: keySchemaOf(table.keys),
    TableStatus: table.status,
    CreationDateTime: table.createdAt / 1000,
    ProvisionedThroughput: {
      ...(billing.increasedAt !== null && { LastIncreaseDateTime: billing.increasedAt / 1000 }),
      ...(billing.decreasedAt !== null && { LastDecreaseDateTime: billing.decreasedAt / 1000 }),
      NumberOfDecreasesToday: billing.decreases,
      ...unitsOf(billing.throughput),
    },
    TableSizeBytes: counted.bytes,
    ItemCount: counted.items,
    TableArn: arnOf(table),
    TableId: table.id,
    ...(billing.byRequestSince !== null && {
      BillingModeSummary: {
        BillingMode: billing.mode,
        LastUpdateToPayPerRequestDateTime: billing.byRequestSince / 1000,
      },
      TableThroughputModeSummary: {
        TableThroughputMode: billing.mode,
        LastUpdateToPayPerRequestDateTime: billing.byRequestSince / 1000,
      },
    }),
    ...(table.localIndexes.length > 0 && {
      LocalSecondaryIndexes: table.localIndexes.map((index) => describeIndex(table, index)),
    }),
    ...(table.globalIndexes.length > 0 && {
      GlobalSecondaryIndexes: table.globalIndexes.map((index) => ({
        ...describeIndex(table, index),
        IndexStatus: index.status,
        ...(index.status === 'CREATING' && { Backfilling: true }),
        ProvisionedThroughput: {
          NumberOfDecreasesToday: 0,
          ...unitsOf((isByRequest ? null : index.throughput) ?? { readUnits: 0, writeUnits: 0 }),
        },
      })),
    }),
    ...(stream !== null && describeStream(table, stream)),
    ...(table.onDemand !== null && { OnDemandThroughput: table.onDemand }),
    ...(table.tableClass !== null && { TableClassSummary: { TableClass: table.tableClass } }),
    ...(restored !== null && {
      RestoreSummary: {
        ...(restored.sourceBackupArn !== null && { SourceBackupArn: restored.sourceBackupArn }),
        SourceTableArn: restored.sourceTableArn,
        RestoreDateTime: restored.at / 1000,
        RestoreInProgress: table.status === 'CREATING',
      },
    }),
    DeletionProtectionEnabled: table.isProtected,
  };
}

/** How much is in a table, as it was counted last. */
export interface Counted {
  readonly items: number;
  readonly bytes: number;
}

export const keySchemaOf = ({ hash, range }: Keys): readonly object[] => [
  { AttributeName: hash, KeyType: 'HASH' },
  ...(range === null ? [] : [{ AttributeName: range, KeyType: 'RANGE' }]),
];

export const unitsOf = ({ readUnits, writeUnits }: Throughput): object => ({
  ReadCapacityUnits: readUnits,
  WriteCapacityUnits: writeUnits,
});

export const projectionOf = ({ projection: { type, attributes } }: Index): object => ({
  ProjectionType: type,
  ...(attributes.length > 0 && { NonKeyAttributes: attributes }),
});

const describeIndex = (table: Table, index: Index): object => ({
  IndexName: index.name,
  KeySchema: keySchemaOf(index.keys),
  Projection: projectionOf(index),
  IndexSizeBytes: 0,
  ItemCount: 0,
  IndexArn: indexArn(table, index),
});

function describeStream(table: Table, stream: TableStream): object {
  return {
    ...(stream.isEnabled && { StreamSpecification: { StreamEnabled: true, StreamViewType: stream.view } }),
    LatestStreamLabel: stream.label,
    LatestStreamArn: streamArn(table, stream),
  };
}
