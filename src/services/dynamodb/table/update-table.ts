import type { Core, Operation } from '../core.js';
import { invalidValues, validationFault } from '../fault.js';
import { readRequest } from '../input/request.js';
import { checkStream, checkUndone, checkUnits } from './check-schema.js';
import { newStream, throughputOf, unitsAsked } from './create-table.js';
import { describeTable } from './describe.js';
import { withIndexUpdates } from './index-updates.js';
import { type Billing, entriesOfIndex, indexesOf, type Table } from './table.js';
import { tableLock } from './table-lock.js';
import { UPDATE_TABLE, type UpdateTableInput } from './table-members.js';
import { type Counts, noSuchTable } from './table-operations.js';

/** A new index is filled in the background: its table tells when it can be read. */
export const updateTable =
  ({ directory, clock, locks }: Core, counts: Counts): Operation =>
  ({ input, place }) => {
    const request = readRequest('UpdateTable', UPDATE_TABLE, input);
    checkRequest(request);
    return locks.hold([tableLock(place.region, request.TableName)], async () => {
      const before = directory.find(place.region, request.TableName);
      if (before === null) throw noSuchTable(request.TableName);
      const table = changed(before, request, clock.now());
      const kept = new Set(indexesOf(table).map(({ id }) => id));
      const dropped = indexesOf(before).filter(({ id }) => !kept.has(id));
      await directory.put(table, dropped.map(entriesOfIndex));
      const shown = describeTable(table, counts(table));
      const isSame = dropped.length === 0 && table.globalIndexes.every(({ status }) => status === 'ACTIVE');
      return { TableDescription: isSame ? shown : { ...shown, TableStatus: 'UPDATING' } };
    });
  };

function checkRequest(request: UpdateTableInput): void {
  const { ProvisionedThroughput: throughput, BillingMode: mode, GlobalSecondaryIndexUpdates: updates } = request;
  const { StreamSpecification: stream } = request;
  const asked = [
    throughput,
    mode,
    updates?.length === 0 ? undefined : updates,
    stream,
    request.SSESpecification,
    request.TableClass,
    request.DeletionProtectionEnabled,
    request.OnDemandThroughput,
  ];
  if (asked.every((member) => member === undefined)) {
    throw validationFault(
      'At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates ' +
        'or SSESpecification or ReplicaUpdates is required',
    );
  }
  if (mode === 'PROVISIONED' && throughput === undefined) {
    throw invalidValues('ProvisionedThroughput must be specified when BillingMode is PROVISIONED');
  }
  if (throughput !== undefined) checkUnits(throughput);
  const names = new Set<string>();
  for (const { Update: update, Create: create, Delete: remove } of updates ?? []) {
    const name = (update ?? create ?? remove)?.IndexName;
    if (name === undefined) {
      throw invalidValues(
        'One of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, ' +
          'GlobalSecondaryIndexUpdate.Delete must not be null',
      );
    }
    if (names.has(name)) {
      throw invalidValues(`Only one global secondary index update per index is allowed simultaneously. Index: ${name}`);
    }
    names.add(name);
  }
  if (stream !== undefined) checkStream(stream);
  checkUndone(request);
}

function changed(before: Table, request: UpdateTableInput, now: number): Table {
  const billing = withThroughput(before.billing, request, now);
  const table = withIndexUpdates({ ...before, billing }, request, before.billing.mode);
  return {
    ...table,
    isProtected: request.DeletionProtectionEnabled ?? table.isProtected,
    tableClass: request.TableClass ?? table.tableClass,
    onDemand: request.OnDemandThroughput === undefined ? table.onDemand : unitsAsked(request.OnDemandThroughput),
    stream: request.StreamSpecification === undefined ? table.stream : withStream(table, request, now),
  };
}

function withThroughput(billing: Billing, request: UpdateTableInput, now: number): Billing {
  const { ProvisionedThroughput: given, BillingMode: mode = billing.mode } = request;
  if (given !== undefined && mode === 'PAY_PER_REQUEST') {
    throw invalidValues(
      'Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST',
    );
  }
  const isSwitch = mode !== billing.mode;
  if (mode === 'PAY_PER_REQUEST') {
    if (!isSwitch) return billing;
    return { ...billing, mode, throughput: { readUnits: 0, writeUnits: 0 }, byRequestSince: now };
  }
  if (given === undefined) return billing;
  const { readUnits, writeUnits } = billing.throughput;
  const throughput = throughputOf(given);
  const reads = throughput.readUnits - readUnits;
  const writes = throughput.writeUnits - writeUnits;
  if (reads === 0 && writes === 0 && !isSwitch) {
    throw validationFault(
      'The provisioned throughput for the table will not change. The requested value equals the current value. ' +
        `Current ReadCapacityUnits provisioned for the table: ${readUnits}. Requested ReadCapacityUnits: ${readUnits}. ` +
        `Current WriteCapacityUnits provisioned for the table: ${writeUnits}. Requested WriteCapacityUnits: ${writeUnits}. ` +
        'Refer to the Amazon DynamoDB Developer Guide for current limits and how to request higher limits.',
    );
  }
  const isDecrease = reads < 0 || writes < 0;
  return {
    ...billing,
    mode,
    throughput,
    increasedAt: reads > 0 || writes > 0 ? now : billing.increasedAt,
    decreasedAt: isDecrease ? now : billing.decreasedAt,
    decreases: billing.decreases + (isDecrease ? 1 : 0),
  };
}

function withStream(table: Table, { StreamSpecification: given }: UpdateTableInput, now: number): Table['stream'] {
  if (given === undefined) return table.stream;
  const { stream } = table;
  if (given.StreamEnabled) {
    if (stream?.isEnabled === true)
      throw validationFault(`Table already has an enabled stream: TableName: ${table.name}`);
    return newStream(given, now);
  }
  if (stream === null || !stream.isEnabled) {
    throw validationFault(`Table is not enabled for streams: TableName: ${table.name}`);
  }
  return { ...stream, isEnabled: false };
}
