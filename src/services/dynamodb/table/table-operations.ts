import type { Core, Operation } from '../core.js';
import { resourceInUse, resourceNotFound, validationFault } from '../fault.js';
import { readRequest, toldTableName } from '../input/request.js';
import { atLeast, atMost, integer, pattern, text } from '../input/shape.js';
import { type Counted, describeTable } from './describe.js';
import type { Table } from './table.js';
import { tableLock } from './table-lock.js';

const NAMED = { TableName: toldTableName };
const LIST_PAGE = 100;
const LIST_TABLES = {
  Limit: integer('Integer', { min: 1, max: LIST_PAGE }),
  ExclusiveStartTableName: text(pattern('[a-zA-Z0-9_.-]+'), atLeast(3), atMost(255)),
};

/** How much was in a table when it was counted last. */
export type Counts = (table: Table) => Counted;

export const noSuchTable = (name: string): Error =>
  resourceNotFound(`Requested resource not found: Table: ${name} not found`);

export const describe =
  ({ directory }: Core, counts: Counts): Operation =>
  ({ input, place }) => {
    const { TableName: name } = readRequest('DescribeTable', NAMED, input);
    const table = directory.find(place.region, name);
    if (table === null) throw noSuchTable(name);
    return { Table: describeTable(table, counts(table)) };
  };

export const listTables =
  ({ directory }: Core): Operation =>
  ({ input, place }) => {
    const { Limit: limit = LIST_PAGE, ExclusiveStartTableName: start } = readRequest('ListTables', LIST_TABLES, input);
    const names = directory.list(place.region).map(({ name }) => name);
    const left = start === undefined ? names : names.filter((name) => name > start);
    const page = left.slice(0, limit);
    return { TableNames: page, ...(left.length > limit && { LastEvaluatedTableName: page.at(-1) }) };
  };

/** Nobody finds the table from now on; its items are removed in the background. */
export const deleteTable =
  ({ directory, locks }: Core, counts: Counts, onDeleted: (table: Table) => void): Operation =>
  ({ input, place }) => {
    const { TableName: name } = readRequest('DeleteTable', NAMED, input);
    return locks.hold([tableLock(place.region, name)], async () => {
      const table = directory.find(place.region, name);
      if (table === null) throw noSuchTable(name);
      if (table.isProtected) {
        throw validationFault(
          `Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.`,
        );
      }
      if (
        directory.all().some(({ restoring }) => restoring?.type === 'pointInTime' && restoring.tableId === table.id)
      ) {
        throw resourceInUse(
          `Attempt to change a resource which is still in use: Table is being restored from: ${name}`,
        );
      }
      if (table.status === 'CREATING') {
        throw resourceInUse(`Attempt to change a resource which is still in use: Table is being created: ${name}`);
      }
      const shown = describeTable(table, counts(table));
      await directory.remove(table);
      onDeleted(table);
      const { TableName, TableArn, TableId, ProvisionedThroughput, ItemCount, TableSizeBytes } = shown;
      const TableStatus = 'DELETING';
      return {
        TableDescription: {
          TableName,
          TableStatus,
          ProvisionedThroughput,
          TableSizeBytes,
          ItemCount,
          TableArn,
          TableId,
        },
      };
    });
  };
