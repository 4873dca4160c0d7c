import type { Core, Operation } from './core.js';
import { batchGetItem } from './items/batch-get-item.js';
import { batchWriteItem } from './items/batch-write-item.js';
import { deleteItem } from './items/delete-item.js';
import { getItem } from './items/get-item.js';
import { putItem } from './items/put-item.js';
import { updateItem } from './items/update-item.js';
import { query } from './reads/query.js';
import { scan } from './reads/scan.js';
import { createTable } from './table/create-table.js';
import type { Table } from './table/table.js';
import { type Counts, deleteTable, describe, listTables } from './table/table-operations.js';
import { listTags, tagResource, untagResource } from './table/tags.js';
import { updateTable } from './table/update-table.js';

export interface OperationParts {
  readonly counts: Counts;
  readonly onDeleted: (table: Table) => void;
}

type Make = (core: Core, parts: OperationParts) => Operation;

const MAKERS: Readonly<Record<string, Make>> = {
  BatchGetItem: batchGetItem,
  BatchWriteItem: batchWriteItem,
  CreateTable: createTable,
  DeleteItem: deleteItem,
  DeleteTable: (core, { counts, onDeleted }) => deleteTable(core, counts, onDeleted),
  DescribeTable: (core, { counts }) => describe(core, counts),
  GetItem: getItem,
  ListTables: listTables,
  ListTagsOfResource: listTags,
  PutItem: putItem,
  Query: query,
  Scan: scan,
  TagResource: tagResource,
  UntagResource: untagResource,
  UpdateItem: updateItem,
  UpdateTable: (core, { counts }) => updateTable(core, counts),
};

/** Of DynamoDB, by name. */
export const OPERATIONS: readonly string[] = Object.keys(MAKERS);

export const operationsOf = (core: Core, parts: OperationParts): ReadonlyMap<string, Operation> =>
  new Map(Object.entries(MAKERS).map(([name, make]) => [name, make(core, parts)]));
