import { tableArn } from '../arn.js';
import type {
  GlobalIndex,
  LocalIndex,
  PlannedTable,
  TableAttribute,
  TableBilling,
  TableKey,
  TableSettings,
} from './plan.js';
import type { Planning } from './planning.js';
import { refuse } from './problem.js';
import {
  allowOnly,
  integer,
  items,
  member,
  requiredText,
  type Section,
  section,
  sections,
  text,
  word,
} from './properties.js';
import { readFeatures, readSimpleFeatures } from './table-features.js';

export function planTable(planning: Planning): readonly [PlannedTable] {
  const { own, common, name, resource, stack } = planning;
  const settings = resource.type === 'AWS::Serverless::SimpleTable' ? readSimpleTable(own, name) : readTable(own, name);
  return [{ ...common, kind: 'table', arn: tableArn(stack.place, name), settings }];
}

/** SAM's table: one key, `id` of type String unless said otherwise, billed by request unless it has a throughput. */
function readSimpleTable(own: Section, name: string): TableSettings {
  const key = section(own, 'PrimaryKey');
  if (key) allowOnly(key, ['Name', 'Type']);
  const keyName = (key && text(key, 'Name')) ?? 'id';
  const type = (key && word(key, 'Type', ['String', 'Number', 'Binary'])) ?? 'String';
  const throughput = section(own, 'ProvisionedThroughput');
  return {
    name,
    attributes: [{ name: keyName, type: ({ String: 'S', Number: 'N', Binary: 'B' } as const)[type] }],
    keySchema: [{ name: keyName, type: 'HASH' }],
    billing: throughput === null ? { mode: 'PAY_PER_REQUEST' } : { mode: 'PROVISIONED', ...readThroughput(throughput) },
    globalIndexes: [],
    localIndexes: [],
    features: readSimpleFeatures(own),
  };
}

function readTable(own: Section, name: string): TableSettings {
  const billing = readBilling(own);
  const keySchema = readKeySchema(own);
  const globalIndexes = sections(own, 'GlobalSecondaryIndexes').map((index) => readGlobalIndex(index, billing));
  const localIndexes = sections(own, 'LocalSecondaryIndexes').map((index): LocalIndex => {
    allowOnly(index, ['IndexName', 'KeySchema', 'Projection']);
    return readIndex(index);
  });
  const settings: TableSettings = {
    name,
    attributes: readAttributes(own),
    keySchema,
    billing,
    globalIndexes,
    localIndexes,
    features: readFeatures(own),
  };
  checkAttributes(own, settings);
  return settings;
}

function readAttributes(own: Section): readonly TableAttribute[] {
  return sections(own, 'AttributeDefinitions').map((attribute) => {
    allowOnly(attribute, ['AttributeName', 'AttributeType']);
    requiredText(attribute, 'AttributeType');
    return {
      name: requiredText(attribute, 'AttributeName'),
      type: word(attribute, 'AttributeType', ['S', 'N', 'B']) ?? 'S',
    };
  });
}

function readKeySchema(parent: Section): readonly TableKey[] {
  const keys = sections(parent, 'KeySchema').map((key): TableKey => {
    allowOnly(key, ['AttributeName', 'KeyType']);
    requiredText(key, 'KeyType');
    return { name: requiredText(key, 'AttributeName'), type: word(key, 'KeyType', ['HASH', 'RANGE']) ?? 'HASH' };
  });
  const types = keys.map((key) => key.type).join(',');
  if (types !== 'HASH' && types !== 'HASH,RANGE') {
    const at = member(parent, 'KeySchema')?.at ?? parent.at;
    const path = parent.path === '' ? 'KeySchema' : `${parent.path}.KeySchema`;
    const found = types === '' ? 'it has none' : `it has ${types.replace(',', ', ')}`;
    refuse(parent.findings, at, `Expected ${path} to have one HASH key, then at most one RANGE key, but ${found}.`);
  }
  return keys;
}

function readBilling(own: Section): TableBilling {
  const mode = word(own, 'BillingMode', ['PAY_PER_REQUEST', 'PROVISIONED']) ?? 'PROVISIONED';
  if (mode === 'PAY_PER_REQUEST') return { mode };
  const throughput = section(own, 'ProvisionedThroughput');
  if (throughput !== null) return { mode, ...readThroughput(throughput) };
  refuse(
    own.findings,
    own.at,
    'Expected BillingMode PAY_PER_REQUEST or a ProvisionedThroughput, but there is neither.',
  );
  return { mode, readUnits: 1, writeUnits: 1 };
}

function readThroughput(section: Section): { readUnits: number; writeUnits: number } {
  allowOnly(section, ['ReadCapacityUnits', 'WriteCapacityUnits']);
  const units = (key: string): number => {
    requiredText(section, key);
    return integer(section, key, { min: 1, max: Number.MAX_SAFE_INTEGER }) ?? 1;
  };
  return { readUnits: units('ReadCapacityUnits'), writeUnits: units('WriteCapacityUnits') };
}

function readIndex(index: Section): LocalIndex {
  const projection = section(index, 'Projection');
  if (projection === null) refuse(index.findings, index.at, `Expected ${index.path}.Projection, but it is missing.`);
  else allowOnly(projection, ['NonKeyAttributes', 'ProjectionType']);
  const attributes = projection === null ? [] : items(projection, 'NonKeyAttributes');
  return {
    name: requiredText(index, 'IndexName'),
    keySchema: readKeySchema(index),
    projection: {
      type: (projection && word(projection, 'ProjectionType', ['ALL', 'KEYS_ONLY', 'INCLUDE'])) ?? 'ALL',
      attributes: attributes.flatMap((item) => (item.kind === 'scalar' ? [item.text] : [])),
    },
  };
}

function readGlobalIndex(index: Section, billing: TableBilling): GlobalIndex {
  allowOnly(index, [
    'ContributorInsightsSpecification',
    'IndexName',
    'KeySchema',
    'OnDemandThroughput',
    'Projection',
    'ProvisionedThroughput',
    'WarmThroughput',
  ]);
  const throughput = section(index, 'ProvisionedThroughput');
  if (billing.mode === 'PROVISIONED' && throughput === null) {
    refuse(
      index.findings,
      index.at,
      `Expected ${index.path}.ProvisionedThroughput, since the table is provisioned, but it is missing.`,
    );
  }
  const units = throughput === null ? null : readThroughput(throughput);
  return { ...readIndex(index), throughput: billing.mode === 'PROVISIONED' ? units : null };
}

/** DynamoDB wants exactly the key attributes declared: no more, no less. */
function checkAttributes(own: Section, { attributes, keySchema, globalIndexes, localIndexes }: TableSettings): void {
  const declared = new Set(attributes.map((attribute) => attribute.name));
  const keys = [
    ...keySchema,
    ...globalIndexes.flatMap((index) => index.keySchema),
    ...localIndexes.flatMap((index) => index.keySchema),
  ];
  const used = new Set(keys.map((key) => key.name));
  const at = member(own, 'AttributeDefinitions')?.at ?? own.at;
  for (const name of used) {
    if (!declared.has(name))
      refuse(own.findings, at, `Expected AttributeDefinitions to have the key '${name}', but it is missing.`);
  }
  for (const name of declared) {
    if (!used.has(name)) {
      refuse(
        own.findings,
        at,
        `Expected AttributeDefinitions to have keys only, but '${name}' is the key of nothing. Leave it out: items may have any other attribute.`,
      );
    }
  }
}
