import { field, list, structure } from '../input/composite-shapes.js';
import { toldTableName } from '../input/request.js';
import { atLeast, atMost, boolean, integer, pattern, required, type StructureOf, text, word } from '../input/shape.js';

/** The members of CreateTable and UpdateTable, in the order in which AWS tells what is wrong with them. */

const indexName = required(text(pattern('[a-zA-Z0-9_.-]+'), atLeast(3), atMost(255)));
const units = required(integer('Long', { min: 1 }));
export const throughput = field('ProvisionedThroughput', { WriteCapacityUnits: units, ReadCapacityUnits: units });

const projection = required(
  field('Projection', {
    ProjectionType: word('ALL', 'INCLUDE', 'KEYS_ONLY'),
    NonKeyAttributes: list(text(), atLeast(1)),
  }),
);

const indexKeySchema = required(
  list(
    structure('KeySchemaElement', { AttributeName: required(text()), KeyType: required(text()) }),
    atLeast(1),
    atMost(2),
  ),
);

const attributeDefinitions = list(
  structure('AttributeDefinition', {
    AttributeName: required(text()),
    AttributeType: required(word('B', 'N', 'S')),
  }),
);

const onDemandThroughput = field('OnDemandThroughput', {
  MaxReadRequestUnits: integer('Long'),
  MaxWriteRequestUnits: integer('Long'),
});

const localIndex = { IndexName: indexName, KeySchema: indexKeySchema, Projection: projection };
const globalIndex = { ...localIndex, ProvisionedThroughput: throughput, OnDemandThroughput: onDemandThroughput };

export const localIndexes = list(structure('LocalSecondaryIndex', localIndex));
export const globalIndexes = list(structure('GlobalSecondaryIndex', globalIndex));

const billingMode = word('PROVISIONED', 'PAY_PER_REQUEST');
const tags = list(structure('Tag', { Key: required(text()), Value: required(text()) }));

const settings = {
  StreamSpecification: field('StreamSpecification', {
    StreamEnabled: required(boolean),
    StreamViewType: word('NEW_IMAGE', 'OLD_IMAGE', 'NEW_AND_OLD_IMAGES', 'KEYS_ONLY'),
  }),
  SSESpecification: field('SSESpecification', { Enabled: boolean, SSEType: text(), KMSMasterKeyId: text() }),
  TableClass: word('STANDARD', 'STANDARD_INFREQUENT_ACCESS'),
  DeletionProtectionEnabled: boolean,
  OnDemandThroughput: onDemandThroughput,
};

export const CREATE_TABLE = {
  AttributeDefinitions: required(attributeDefinitions),
  TableName: toldTableName,
  BillingMode: billingMode,
  ProvisionedThroughput: throughput,
  KeySchema: required(
    list(
      structure('KeySchemaElement', {
        AttributeName: required(text()),
        KeyType: required(word('HASH', 'RANGE')),
      }),
      atLeast(1),
      atMost(2),
    ),
  ),
  LocalSecondaryIndexes: localIndexes,
  GlobalSecondaryIndexes: globalIndexes,
  ...settings,
  Tags: tags,
};

export const UPDATE_TABLE = {
  TableName: toldTableName,
  ProvisionedThroughput: throughput,
  BillingMode: billingMode,
  GlobalSecondaryIndexUpdates: list(
    structure('GlobalSecondaryIndexUpdate', {
      Update: field('UpdateGlobalSecondaryIndexAction', {
        IndexName: indexName,
        ProvisionedThroughput: required(throughput),
      }),
      Create: field('CreateGlobalSecondaryIndexAction', {
        Projection: projection,
        IndexName: indexName,
        ProvisionedThroughput: throughput,
        KeySchema: indexKeySchema,
        OnDemandThroughput: onDemandThroughput,
      }),
      Delete: field('DeleteGlobalSecondaryIndexAction', { IndexName: indexName }),
    }),
  ),
  AttributeDefinitions: attributeDefinitions,
  ...settings,
};

export type CreateTableInput = StructureOf<typeof CREATE_TABLE>;
export type UpdateTableInput = StructureOf<typeof UPDATE_TABLE>;
export type GlobalIndexInput = NonNullable<CreateTableInput['GlobalSecondaryIndexes']>[number];
export type LocalIndexInput = NonNullable<CreateTableInput['LocalSecondaryIndexes']>[number];
export type ThroughputInput = NonNullable<CreateTableInput['ProvisionedThroughput']>;
