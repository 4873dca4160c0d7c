import type { Place } from '../../arn.js';
import type { Tables } from '../../services/dynamodb/tables.js';
import type {
  GlobalIndex,
  LocalIndex,
  TableAttribute,
  TableBilling,
  TableFeatures,
  TableKey,
  TablePort,
  TableSettings,
} from '../../templates/index.js';
import { type DescribedFeatures, featuresOf, setFeatures } from './table-features.js';

/** A table is looked at this often until it can be used, for at most this long. */
const LOOK_EVERY_MS = 50;
const READY_MS_MAX = 30_000;

/** Tables of one account and region, as templates deploy them, through DynamoDB's own operations. */
export function tablePort(tables: Tables, place: Place): TablePort {
  const call = async (operation: string, input: object): Promise<Record<string, unknown>> => {
    const { status, body } = await tables.call(operation, input, place);
    if (status === 200) return body;
    throw new TableFault(
      String(body.__type ?? '')
        .split('#')
        .at(-1) ?? '',
      String(body.message ?? body.Message ?? ''),
    );
  };
  const describe = async (name: string): Promise<TableDescription | null> => {
    try {
      return (await call('DescribeTable', { TableName: name })).Table as TableDescription; // DynamoDB's own shape
    } catch (fault) {
      if (fault instanceof TableFault && fault.code === 'ResourceNotFoundException') return null;
      throw fault;
    }
  };
  const ready = async (name: string): Promise<void> => {
    for (let waited = 0; waited < READY_MS_MAX; waited += LOOK_EVERY_MS) {
      const table = await describe(name);
      const indexes = table?.GlobalSecondaryIndexes ?? [];
      if (table?.TableStatus === 'ACTIVE' && indexes.every((index) => index.IndexStatus === 'ACTIVE')) return;
      await new Promise((next) => setTimeout(next, LOOK_EVERY_MS));
    }
    throw new Error(`Expected table '${name}' to become ACTIVE within ${READY_MS_MAX / 1000} s, but it did not.`);
  };
  return {
    async describe(name) {
      const table = await describe(name);
      return table === null ? null : settingsOf(table, await featuresOf(call, table));
    },
    async create(desired) {
      await call('CreateTable', tableInput(desired));
      await ready(desired.name);
      const table = await describe(desired.name);
      if (table !== null) await setFeatures(call, table, desired.features);
    },
    async change(name, change) {
      try {
        const table = change.type === 'setFeatures' ? await describe(name) : null;
        if (change.type !== 'setFeatures') await call('UpdateTable', { TableName: name, ...changeInput(change) });
        else if (table !== null) await setFeatures(call, table, change.features);
      } catch (fault) {
        if (fault instanceof TableFault) return { type: 'notApplied', reason: fault.message };
        throw fault;
      }
      await ready(name);
      return { type: 'applied' };
    },
  };
}

class TableFault extends Error {
  constructor(
    readonly code: string,
    text: string,
  ) {
    super(`${code}: ${text}`);
  }
}

interface IndexDescription {
  readonly IndexName: string;
  readonly IndexStatus?: string;
  readonly KeySchema: ReadonlyArray<{ readonly AttributeName: string; readonly KeyType: 'HASH' | 'RANGE' }>;
  readonly Projection: {
    readonly ProjectionType: 'ALL' | 'KEYS_ONLY' | 'INCLUDE';
    readonly NonKeyAttributes?: string[];
  };
  readonly ProvisionedThroughput?: Throughput;
}

interface Throughput {
  readonly ReadCapacityUnits: number;
  readonly WriteCapacityUnits: number;
}

interface TableDescription extends DescribedFeatures {
  readonly TableStatus: string;
  readonly AttributeDefinitions: ReadonlyArray<{
    readonly AttributeName: string;
    readonly AttributeType: 'S' | 'N' | 'B';
  }>;
  readonly KeySchema: IndexDescription['KeySchema'];
  readonly BillingModeSummary?: { readonly BillingMode: string };
  readonly ProvisionedThroughput?: Throughput;
  readonly GlobalSecondaryIndexes?: readonly IndexDescription[];
  readonly LocalSecondaryIndexes?: readonly IndexDescription[];
}

function settingsOf(table: TableDescription, features: TableFeatures): TableSettings {
  const byRequest = table.BillingModeSummary?.BillingMode === 'PAY_PER_REQUEST';
  const billing: TableBilling = byRequest
    ? { mode: 'PAY_PER_REQUEST' }
    : { mode: 'PROVISIONED', ...unitsOf(table.ProvisionedThroughput) };
  return {
    name: table.TableName,
    attributes: table.AttributeDefinitions.map(({ AttributeName: name, AttributeType: type }) => ({ name, type })),
    keySchema: keysOf(table.KeySchema),
    billing,
    globalIndexes: (table.GlobalSecondaryIndexes ?? []).map((index) => ({
      ...indexOf(index),
      throughput: byRequest ? null : unitsOf(index.ProvisionedThroughput),
    })),
    localIndexes: (table.LocalSecondaryIndexes ?? []).map(indexOf),
    features,
  };
}

const unitsOf = (throughput: Throughput | undefined) => ({
  readUnits: throughput?.ReadCapacityUnits ?? 0,
  writeUnits: throughput?.WriteCapacityUnits ?? 0,
});

const keysOf = (schema: IndexDescription['KeySchema']): readonly TableKey[] =>
  schema.map(({ AttributeName: name, KeyType: type }) => ({ name, type }));

const indexOf = (index: IndexDescription): LocalIndex => ({
  name: index.IndexName,
  keySchema: keysOf(index.KeySchema),
  projection: { type: index.Projection.ProjectionType, attributes: index.Projection.NonKeyAttributes ?? [] },
});

const attributeInputs = (attributes: readonly TableAttribute[]): object[] =>
  attributes.map(({ name, type }) => ({ AttributeName: name, AttributeType: type }));

const keyInputs = (keys: readonly TableKey[]): object[] =>
  keys.map(({ name, type }) => ({ AttributeName: name, KeyType: type }));

const throughputInput = (units: { readonly readUnits: number; readonly writeUnits: number }): object => ({
  ProvisionedThroughput: { ReadCapacityUnits: units.readUnits, WriteCapacityUnits: units.writeUnits },
});

const billingInput = (billing: TableBilling): object => ({
  BillingMode: billing.mode,
  ...(billing.mode === 'PROVISIONED' && throughputInput(billing)),
});

const indexInput = ({ name, keySchema, projection }: LocalIndex): object => ({
  IndexName: name,
  KeySchema: keyInputs(keySchema),
  Projection: {
    ProjectionType: projection.type,
    ...(projection.type === 'INCLUDE' && { NonKeyAttributes: projection.attributes }),
  },
});

const globalIndexInput = (index: GlobalIndex): object => ({
  ...indexInput(index),
  ...(index.throughput !== null && throughputInput(index.throughput)),
});

function tableInput(desired: TableSettings): object {
  const { name, attributes, keySchema, billing, globalIndexes, localIndexes } = desired;
  return {
    TableName: name,
    AttributeDefinitions: attributeInputs(attributes),
    KeySchema: keyInputs(keySchema),
    ...billingInput(billing),
    ...(globalIndexes.length > 0 && { GlobalSecondaryIndexes: globalIndexes.map(globalIndexInput) }),
    ...(localIndexes.length > 0 && { LocalSecondaryIndexes: localIndexes.map(indexInput) }),
  };
}

function changeInput(change: Exclude<Parameters<TablePort['change']>[1], { readonly type: 'setFeatures' }>): object {
  switch (change.type) {
    case 'setBilling':
      return billingInput(change.billing);
    case 'createIndex':
      return {
        AttributeDefinitions: attributeInputs(change.desired.attributes),
        GlobalSecondaryIndexUpdates: [{ Create: globalIndexInput(change.index) }],
      };
    case 'deleteIndex':
      return { GlobalSecondaryIndexUpdates: [{ Delete: { IndexName: change.indexName } }] };
    default:
      return change satisfies never;
  }
}
