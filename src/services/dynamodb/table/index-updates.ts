import { TABLE_GLOBAL_INDEXES_MAX, TABLE_UNITS_MAX } from '../../../limits/services.js';
import { invalidValues, limitExceeded, resourceNotFound, validationFault } from '../fault.js';
import { checkGlobalIndex } from './check-schema.js';
import { attributesOf, indexOf, throughputOf } from './create-table.js';
import { type Billing, type Index, indexesOf, keyNames, type Table } from './table.js';
import type { UpdateTableInput } from './table-members.js';

type IndexUpdate = NonNullable<UpdateTableInput['GlobalSecondaryIndexUpdates']>[number];

/** The table with its global indexes made, changed and taken away. Throws TableFault. */
export function withIndexUpdates(table: Table, request: UpdateTableInput, modeBefore: Billing['mode']): Table {
  const updates = request.GlobalSecondaryIndexUpdates ?? [];
  const online = updates.filter(({ Create: create, Delete: remove }) => create !== undefined || remove !== undefined);
  if (online.length > 1 || updates.length > UPDATES_MAX) {
    throw limitExceeded(
      'Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table',
    );
  }
  let changed = withAttributes(table, request, online);
  for (const update of updates) changed = withUpdate(changed, update);
  checkThroughputs(changed, modeBefore, updates);
  return withoutUnused(changed);
}

/** AWS: index updates of one request. */
const UPDATES_MAX = 5;

function withAttributes(table: Table, request: UpdateTableInput, online: readonly IndexUpdate[]): Table {
  const given = attributesOf(request.AttributeDefinitions ?? []);
  for (const { Create: create } of online) {
    if (create === undefined) continue;
    const names = given.map(({ name }) => name);
    checkGlobalIndex(create, names, table.billing.mode);
  }
  const wrong = given.find(({ name, type }) => table.attributes.some((one) => one.name === name && one.type !== type));
  if (wrong !== undefined) {
    throw invalidValues(
      `Cannot change the type of the attribute ${wrong.name}: it is the key of the table or an index`,
    );
  }
  const added = given.filter(({ name }) => !table.attributes.some((attribute) => attribute.name === name));
  return { ...table, attributes: [...table.attributes, ...added] };
}

function withUpdate(table: Table, { Create: create, Update: update, Delete: remove }: IndexUpdate): Table {
  if (create !== undefined) {
    if (indexesOf(table).some(({ name }) => name === create.IndexName)) {
      throw validationFault(`Attempting to create an index which already exists: ${create.IndexName}`);
    }
    if (table.globalIndexes.length >= TABLE_GLOBAL_INDEXES_MAX) {
      throw limitExceeded(`GlobalSecondaryIndex count exceeds the per-table limit of ${TABLE_GLOBAL_INDEXES_MAX}`);
    }
    return { ...table, globalIndexes: [...table.globalIndexes, indexOf(create, 'CREATING')] };
  }
  if (remove !== undefined) {
    const index = globalIndex(table, remove.IndexName);
    return { ...table, globalIndexes: table.globalIndexes.filter((other) => other !== index) };
  }
  if (update === undefined) return table;
  const index = globalIndex(table, update.IndexName);
  const { ProvisionedThroughput: given } = update;
  if (given.ReadCapacityUnits > TABLE_UNITS_MAX || given.WriteCapacityUnits > TABLE_UNITS_MAX) {
    throw validationFault(
      'This operation cannot be performed with given input values. ' +
        'Please contact DynamoDB service team for more info: Action Blocked: IndexUpdate',
    );
  }
  const throughput = throughputOf(given);
  return {
    ...table,
    globalIndexes: table.globalIndexes.map((other) => (other === index ? { ...other, throughput } : other)),
  };
}

function globalIndex(table: Table, name: string): Index {
  const index = table.globalIndexes.find((candidate) => candidate.name === name);
  if (index === undefined) throw resourceNotFound(`Requested resource not found: Index: ${name} not found`);
  return index;
}

/** Going over to provisioned, every index needs its units. */
function checkThroughputs(table: Table, modeBefore: Billing['mode'], updates: readonly IndexUpdate[]): void {
  if (table.billing.mode !== 'PROVISIONED' || modeBefore === 'PROVISIONED') return;
  const given = new Set(updates.map(({ Update: update, Create: create }) => (update ?? create)?.IndexName));
  const missing = table.globalIndexes.map(({ name }) => name).filter((name) => !given.has(name));
  if (missing.length === 0) return;
  throw invalidValues(`ProvisionedThroughput must be specified for index: ${missing.join(',')}`);
}

/** Attributes are defined for keys only. */
function withoutUnused(table: Table): Table {
  const used = new Set([...keyNames(table.keys), ...indexesOf(table).flatMap(({ keys }) => keyNames(keys))]);
  return { ...table, attributes: table.attributes.filter(({ name }) => used.has(name)) };
}
