import {
  type BackupParts,
  createBackup,
  deleteBackup,
  describeBackup,
  listBackups,
} from './backups/backup-operations.js';
import { describeContinuousBackups, updateContinuousBackups } from './backups/continuous-backups.js';
import { restoreFromBackup, restoreToPointInTime } from './backups/restore-operations.js';
import type { Core, Operation } from './core.js';
import { batchGetItem } from './items/batch-get-item.js';
import { batchWriteItem } from './items/batch-write-item.js';
import { deleteItem } from './items/delete-item.js';
import { getItem } from './items/get-item.js';
import { putItem } from './items/put-item.js';
import { updateItem } from './items/update-item.js';
import { describeEndpoints, describeLimits } from './limits.js';
import { query } from './reads/query.js';
import { scan } from './reads/scan.js';
import { createTable } from './table/create-table.js';
import type { Table } from './table/table.js';
import { type Counts, deleteTable, describe, listTables } from './table/table-operations.js';
import { listTags, tagResource, untagResource } from './table/tags.js';
import { updateTable } from './table/update-table.js';
import type { RequestTokens } from './transactions/request-tokens.js';
import { transactGetItems } from './transactions/transact-get-items.js';
import { transactWriteItems } from './transactions/transact-write-items.js';
import { describeTimeToLive, updateTimeToLive } from './ttl/ttl-operations.js';

export interface OperationParts extends BackupParts {
  readonly counts: Counts;
  readonly onDeleted: (table: Table) => void;
  readonly tokens: RequestTokens;
  readonly endpointUrl: () => string;
}

type Make = (core: Core, parts: OperationParts) => Operation;

const MAKERS: Readonly<Record<string, Make>> = {
  BatchGetItem: batchGetItem,
  BatchWriteItem: batchWriteItem,
  CreateBackup: createBackup,
  CreateTable: createTable,
  DeleteBackup: deleteBackup,
  DeleteItem: deleteItem,
  DeleteTable: (core, { counts, onDeleted }) => deleteTable(core, counts, onDeleted),
  DescribeBackup: describeBackup,
  DescribeContinuousBackups: describeContinuousBackups,
  DescribeEndpoints: (_, { endpointUrl }) => describeEndpoints(endpointUrl),
  DescribeLimits: describeLimits,
  DescribeTable: (core, { counts }) => describe(core, counts),
  DescribeTimeToLive: describeTimeToLive,
  GetItem: getItem,
  ListBackups: listBackups,
  ListTables: listTables,
  ListTagsOfResource: listTags,
  PutItem: putItem,
  Query: query,
  RestoreTableFromBackup: restoreFromBackup,
  RestoreTableToPointInTime: restoreToPointInTime,
  Scan: scan,
  TagResource: tagResource,
  TransactGetItems: transactGetItems,
  TransactWriteItems: (core, { tokens }) => transactWriteItems(core, tokens),
  UntagResource: untagResource,
  UpdateContinuousBackups: updateContinuousBackups,
  UpdateItem: updateItem,
  UpdateTable: (core, { counts }) => updateTable(core, counts),
  UpdateTimeToLive: updateTimeToLive,
};

/** Of DynamoDB, by name. */
export const OPERATIONS: readonly string[] = Object.keys(MAKERS);

export const operationsOf = (core: Core, parts: OperationParts): ReadonlyMap<string, Operation> =>
  new Map(Object.entries(MAKERS).map(([name, make]) => [name, make(core, parts)]));
