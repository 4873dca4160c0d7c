import { TABLE_GLOBAL_INDEXES_MAX, TABLE_LOCAL_INDEXES_MAX, TABLE_UNITS_MAX } from '../../../limits/services.js';
import { invalidValues, validationFault } from '../fault.js';
import type { CreateTableInput, GlobalIndexInput, LocalIndexInput, ThroughputInput } from './table-members.js';

type KeySchema = ReadonlyArray<{ readonly AttributeName: string; readonly KeyType: string }>;

/** What AWS refuses of a table, in its order. Throws TableFault. */
export function checkCreateTable(input: CreateTableInput): void {
  checkBilling(input);
  const definitions = input.AttributeDefinitions.map(({ AttributeName }) => AttributeName);
  const { KeySchema: schema, LocalSecondaryIndexes: locals, GlobalSecondaryIndexes: globals } = input;
  if (schema.length > definitions.length) {
    throw validationFault('Invalid KeySchema: Some index key attribute have no definition');
  }
  checkDefined(schema, definitions);
  checkSchema(schema);
  if (locals === undefined && globals === undefined && schema.length !== definitions.length) {
    throw invalidValues(
      'Number of attributes in KeySchema does not exactly match number of attributes defined in AttributeDefinitions',
    );
  }
  const names = new Set<string>();
  if (locals !== undefined) checkLocalIndexes(locals, { schema, definitions, names });
  if (globals !== undefined) checkGlobalIndexes(globals, { definitions, names, billing: input.BillingMode });
  checkUsed(input, definitions);
  if (input.StreamSpecification !== undefined) checkStream(input.StreamSpecification);
  checkUndone(input);
}

function checkBilling({ BillingMode: mode, ProvisionedThroughput: throughput }: CreateTableInput): void {
  if (mode === 'PAY_PER_REQUEST') {
    if (throughput === undefined) return;
    throw invalidValues(
      'Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST',
    );
  }
  if (throughput === undefined) {
    throw invalidValues(
      'ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED',
    );
  }
  checkUnits(throughput);
}

export function checkUnits({ ReadCapacityUnits: reads, WriteCapacityUnits: writes }: ThroughputInput): void {
  for (const [name, units] of [
    ['ReadCapacityUnits', reads],
    ['WriteCapacityUnits', writes],
  ] as const) {
    if (units > TABLE_UNITS_MAX) throw validationFault(`Given value ${units} for ${name} is out of bounds`);
  }
}

export function checkDefined(schema: KeySchema, definitions: readonly string[]): void {
  const keys = schema.map(({ AttributeName }) => AttributeName);
  if (keys.every((key) => definitions.includes(key))) return;
  throw invalidValues(
    'Some index key attributes are not defined in AttributeDefinitions. ' +
      `Keys: [${keys.join(', ')}], AttributeDefinitions: [${definitions.join(', ')}]`,
  );
}

export function checkSchema([hash, range]: KeySchema): void {
  if (hash?.AttributeName === range?.AttributeName) {
    throw validationFault('Both the Hash Key and the Range Key element in the KeySchema have the same name');
  }
  if (hash?.KeyType !== 'HASH') {
    throw validationFault('Invalid KeySchema: The first KeySchemaElement is not a HASH key type');
  }
  if (range !== undefined && range.KeyType !== 'RANGE') {
    throw validationFault('Invalid KeySchema: The second KeySchemaElement is not a RANGE key type');
  }
}

interface Checking {
  readonly definitions: readonly string[];
  readonly names: Set<string>;
}

function checkLocalIndexes(
  indexes: readonly LocalIndexInput[],
  { schema, definitions, names }: Checking & { readonly schema: KeySchema },
): void {
  if (indexes.length === 0) throw invalidValues('List of LocalSecondaryIndexes is empty');
  if (schema.length !== 2) {
    throw invalidValues(
      'Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex',
    );
  }
  const tableHash = schema[0]?.AttributeName;
  for (const index of indexes) {
    checkDefined(index.KeySchema, definitions);
    checkSchema(index.KeySchema);
    const [hash, range] = index.KeySchema;
    if (range === undefined) {
      throw invalidValues(`Index KeySchema does not have a range key for index: ${index.IndexName}`);
    }
    if (hash?.AttributeName !== tableHash) {
      throw invalidValues(
        `Index KeySchema does not have the same leading hash key as table KeySchema for index: ${index.IndexName}. ` +
          `index hash key: ${hash?.AttributeName}, table hash key: ${tableHash}`,
      );
    }
    checkProjection(index);
    checkName(index.IndexName, names);
  }
  if (indexes.length > TABLE_LOCAL_INDEXES_MAX) {
    throw invalidValues(`Number of LocalSecondaryIndexes exceeds per-table limit of ${TABLE_LOCAL_INDEXES_MAX}`);
  }
}

function checkGlobalIndexes(
  indexes: readonly GlobalIndexInput[],
  { definitions, names, billing }: Checking & { readonly billing: CreateTableInput['BillingMode'] },
): void {
  if (indexes.length === 0) throw invalidValues('List of GlobalSecondaryIndexes is empty');
  for (const index of indexes) {
    checkGlobalIndex(index, definitions, billing);
    checkName(index.IndexName, names);
  }
  if (indexes.length > TABLE_GLOBAL_INDEXES_MAX) {
    throw invalidValues(`GlobalSecondaryIndex count exceeds the per-table limit of ${TABLE_GLOBAL_INDEXES_MAX}`);
  }
}

export function checkGlobalIndex(
  index: GlobalIndexInput,
  definitions: readonly string[],
  billing: CreateTableInput['BillingMode'],
): void {
  checkDefined(index.KeySchema, definitions);
  checkSchema(index.KeySchema);
  checkProjection(index);
  if (billing === 'PAY_PER_REQUEST' && index.ProvisionedThroughput !== undefined) {
    throw invalidValues(
      `ProvisionedThroughput should not be specified for index: ${index.IndexName} when BillingMode is PAY_PER_REQUEST`,
    );
  }
}

function checkProjection({ Projection: { ProjectionType: type, NonKeyAttributes: others } }: LocalIndexInput): void {
  if (type === undefined) throw invalidValues('Unknown ProjectionType: null');
  if (others !== undefined && type !== 'INCLUDE') {
    throw invalidValues(`ProjectionType is ${type}, but NonKeyAttributes is specified`);
  }
  if (others === undefined && type === 'INCLUDE') {
    throw invalidValues(`ProjectionType is ${type}, but NonKeyAttributes is not specified`);
  }
}

function checkName(name: string, names: Set<string>): void {
  if (names.has(name)) throw invalidValues(`Duplicate index name: ${name}`);
  names.add(name);
}

/** Attributes are defined for keys only. */
function checkUsed(input: CreateTableInput, definitions: readonly string[]): void {
  const indexes = [...(input.LocalSecondaryIndexes ?? []), ...(input.GlobalSecondaryIndexes ?? [])];
  const keys = [input.KeySchema, ...indexes.map((index) => index.KeySchema)].flat();
  const used = new Set(keys.map(({ AttributeName }) => AttributeName));
  if (used.size === new Set(definitions).size) return;
  throw invalidValues(
    'Some AttributeDefinitions are not used. ' +
      `AttributeDefinitions: [${definitions.join(', ')}], keys used: [${[...used].join(', ')}]`,
  );
}

export function checkStream(stream: NonNullable<CreateTableInput['StreamSpecification']>): void {
  if (stream.StreamEnabled && stream.StreamViewType === undefined) {
    throw invalidValues('StreamViewType must be specified when StreamEnabled is true');
  }
  if (!stream.StreamEnabled && stream.StreamViewType !== undefined) {
    throw invalidValues('StreamViewType cannot be specified when StreamEnabled is false');
  }
}

/** Nothing is encrypted here, so nobody is told that it is. */
export function checkUndone({ SSESpecification: encryption }: Pick<CreateTableInput, 'SSESpecification'>): void {
  if (encryption === undefined || encryption.Enabled === false) return;
  throw validationFault("Treadle's tables do not do 'SSESpecification': nothing is encrypted. Leave it out.");
}
