import type { Core, Operation } from '../core.js';
import { holds } from '../expressions/evaluate.js';
import { checkParameters, expressionsOf } from '../expressions/request-expressions.js';
import { validationFault } from '../fault.js';
import * as members from '../input/item-members.js';
import { readRequest } from '../input/request.js';
import { boolean, integer, type StructureOf, text } from '../input/shape.js';
import { checkNestedPaths } from '../items/checks.js';
import { attributesProjection } from '../items/get-item.js';
import { checkConditions, holdsOlder } from '../legacy/conditions.js';
import type { Item } from '../values/attribute-value.js';
import { type Bounds, readPage } from './read-page.js';
import {
  checkSelect,
  checkStartKey,
  checkTableStartKey,
  fetchesItems,
  type ReadTarget,
  readTarget,
  startKeyInvalid,
  startPlace,
} from './read-target.js';
import { checkedStartKey } from './start-key.js';

const SCAN = {
  Select: members.select,
  IndexName: members.indexName,
  TotalSegments: integer('Integer', { min: 1, max: 1_000_000 }),
  ReturnConsumedCapacity: members.returnConsumedCapacity,
  TableName: members.tableName,
  ConditionalOperator: members.conditionalOperator,
  ScanFilter: members.conditions,
  Segment: integer('Integer', { min: 0, max: 999_999 }),
  Limit: integer('Integer', { min: 1 }),
  AttributesToGet: members.attributesToGet,
  ExclusiveStartKey: members.attributeMap,
  FilterExpression: text(),
  ProjectionExpression: text(),
  ExpressionAttributeValues: members.attributeMap,
  ExpressionAttributeNames: members.expressionNames,
  ConsistentRead: boolean,
};
type ScanInput = StructureOf<typeof SCAN>;

export const scan =
  ({ directory, records }: Core): Operation =>
  async ({ input, place }) => {
    const request = readRequest('Scan', SCAN, input);
    const asked = checkedScan(request);
    const table = directory.get(place.region, request.TableName);
    const target = readTarget(table, request.IndexName, request.ConsistentRead);
    const { start } = asked;
    if (start !== null) checkScanStart(target, start);
    const fetches = fetchesItems(target, request.Select, asked.projection);
    if (start !== null) checkTableStartKey(target, start);
    const bounds = scanBounds(target, request, start);
    checkNestedPaths(asked.projection?.nested, table);
    checkNestedPaths(asked.filterNested, table);
    return readPage(records, {
      target,
      bounds,
      limit: request.Limit,
      filter: asked.filter,
      projection: asked.projection,
      fetches,
      select: request.Select,
      asked: request.ReturnConsumedCapacity,
      isConsistent: request.ConsistentRead,
    });
  };

/** What can be said without the table. Throws TableFault. */
function checkedScan(request: ScanInput) {
  checkParameters(
    request,
    ['ProjectionExpression', 'FilterExpression'],
    ['AttributesToGet', 'ScanFilter', 'ConditionalOperator'],
  );
  const named = attributesProjection(request.AttributesToGet);
  const older = { all: checkConditions(request.ScanFilter), isAny: request.ConditionalOperator === 'OR' };
  const start = checkedStartKey(request.ExclusiveStartKey);
  checkSegments(request);
  const { filter, projection } = expressionsOf(request);
  checkSelect(request.Select, {
    projects: projection !== null ? 'ProjectionExpression' : named !== null ? 'AttributesToGet' : null,
    hasIndex: request.IndexName !== undefined,
  });
  const holdsFilter = filter === null ? null : (item: Item) => holds(filter.condition, item);
  return {
    start,
    projection: projection ?? named,
    filter: request.ScanFilter === undefined ? holdsFilter : (item: Item) => holdsOlder(older, item),
    filterNested: filter?.nested,
  };
}

function checkSegments({ Segment: segment, TotalSegments: total }: ScanInput): void {
  if (segment !== undefined && total === undefined) {
    throw validationFault(
      'The TotalSegments parameter is required but was not present in the request when Segment parameter is present',
    );
  }
  if (total === undefined) return;
  if (segment === undefined) {
    throw validationFault(
      'The Segment parameter is required but was not present in the request when parameter TotalSegments is present',
    );
  }
  if (segment < total) return;
  throw validationFault(
    'The Segment parameter is zero-based and must be less than parameter TotalSegments: ' +
      `Segment: ${segment} is not less than TotalSegments: ${total}`,
  );
}

function checkScanStart(target: ReadTarget, start: Item): void {
  if (Object.keys(start).length !== target.startNames.length) {
    if (target.index !== null) throw startKeyInvalid();
    throw validationFault('The provided starting key is invalid: The provided key element does not match the schema');
  }
  if (target.index !== null) checkStartKey(target, start);
}

/** Segments divide the first three digits of the hashes that keys begin with. */
const HASHES = 16 ** 3;

function scanBounds(
  target: ReadTarget,
  { Segment: segment = 0, TotalSegments: total = 1 }: ScanInput,
  start: Item | null,
): Bounds {
  const first = segment > 0 ? hashText(Math.ceil((HASHES * segment) / total)) : null;
  const last = total > 1 ? `${hashText(Math.ceil((HASHES * (segment + 1)) / total) - 1)}~` : null;
  const bounds: Bounds = { prefix: '', after: first, before: last, isDescending: false };
  if (start === null) return bounds;
  const place = startPlace(target, start);
  if (total > 1 && ((first !== null && place < first) || (last !== null && place > last))) {
    throw validationFault(
      'The provided starting key is invalid: Invalid ExclusiveStartKey. ' +
        'Please use ExclusiveStartKey with correct Segment. ' +
        `TotalSegments: ${total} Segment: ${segment}`,
    );
  }
  return { ...bounds, after: place };
}

const hashText = (hash: number): string => hash.toString(16).padStart(3, '0');
