import type { Operation } from './core.js';
import { readRequest } from './input/request.js';

/** AWS's default quotas; here nothing is throttled. */
const UNITS = 80_000;
const TABLE_UNITS = 40_000;

export const describeLimits =
  (): Operation =>
  ({ input }) => {
    readRequest('DescribeLimits', {}, input);
    return {
      AccountMaxReadCapacityUnits: UNITS,
      AccountMaxWriteCapacityUnits: UNITS,
      TableMaxReadCapacityUnits: TABLE_UNITS,
      TableMaxWriteCapacityUnits: TABLE_UNITS,
    };
  };

/** Clients that look for an endpoint stay at this one. */
export const describeEndpoints =
  (endpointUrl: () => string): Operation =>
  ({ input }) => {
    readRequest('DescribeEndpoints', {}, input);
    return { Endpoints: [{ Address: new URL(endpointUrl()).host, CachePeriodInMinutes: 1440 }] };
  };
