import type { Core, Operation } from '../core.js';
import { validationFault } from '../fault.js';
import { field } from '../input/composite-shapes.js';
import * as members from '../input/item-members.js';
import { readRequest } from '../input/request.js';
import { atLeast, atMost, boolean, required, text } from '../input/shape.js';
import { newId } from '../table/directory.js';
import { expiriesOf } from '../table/table.js';
import { tableLock } from '../table/table-lock.js';
import { noSuchTable } from '../table/table-operations.js';

const UPDATE_TTL = {
  TableName: members.tableName,
  TimeToLiveSpecification: required(
    field('TimeToLiveSpecification', {
      Enabled: required(boolean),
      AttributeName: required(text(atLeast(1), atMost(255))),
    }),
  ),
};
const DESCRIBE_TTL = { TableName: members.tableName };

/** Items that are there already are looked through in the background; the status is ENABLING until then. */
export const updateTimeToLive =
  ({ directory, locks }: Core): Operation =>
  ({ input, place }) => {
    const { TableName: name, TimeToLiveSpecification: asked } = readRequest('UpdateTimeToLive', UPDATE_TTL, input);
    return locks.hold([tableLock(place.region, name)], async () => {
      const table = directory.find(place.region, name);
      if (table === null) throw noSuchTable(name);
      if (asked.Enabled === (table.ttl !== null)) {
        throw validationFault(`TimeToLive is already ${asked.Enabled ? 'enabled' : 'disabled'}`);
      }
      if (table.ttl !== null && table.ttl.attribute !== asked.AttributeName) {
        throw validationFault(
          `TimeToLive is active on a different AttributeName: current AttributeName is ${table.ttl.attribute}`,
        );
      }
      const ttl = asked.Enabled ? { id: newId(), attribute: asked.AttributeName, isComplete: false } : null;
      await directory.put({ ...table, ttl }, table.ttl === null ? [] : [expiriesOf(table.ttl)]);
      return { TimeToLiveSpecification: asked };
    });
  };

export const describeTimeToLive =
  ({ directory }: Core): Operation =>
  ({ input, place }) => {
    const { TableName: name } = readRequest('DescribeTimeToLive', DESCRIBE_TTL, input);
    const table = directory.find(place.region, name);
    if (table === null) throw noSuchTable(name);
    const { ttl } = table;
    if (ttl === null) return { TimeToLiveDescription: { TimeToLiveStatus: 'DISABLED' } };
    const TimeToLiveStatus = ttl.isComplete ? 'ENABLED' : 'ENABLING';
    return { TimeToLiveDescription: { AttributeName: ttl.attribute, TimeToLiveStatus } };
  };
