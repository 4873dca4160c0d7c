import { createHash } from 'node:crypto';
import { TABLE_TRANSACTION_BYTES_MAX } from '../../../limits/services.js';
import type { Core, Operation } from '../core.js';
import { transactionCanceled, validationFault } from '../fault.js';
import { readRequest } from '../input/request.js';
import { added } from '../items/batch-write-item.js';
import { type CapacityAsked, type Consumed, consumedCapacity } from '../items/capacity.js';
import { metricsOf } from '../items/collection-metrics.js';
import { unitsOfWrite } from '../items/consumed-by-write.js';
import { known } from '../items/guard.js';
import type { Verdict } from '../items/item-writer.js';
import type { Item } from '../values/attribute-value.js';
import { itemBytes } from '../values/item-size.js';
import type { RequestTokens } from './request-tokens.js';
import { actionOf, outcomeOf, type PlacedAction, placedAction, type Reason } from './transact-action.js';
import { TRANSACT_WRITE, type TransactWriteInput } from './transact-members.js';

/** All or nothing, in one transaction of the store. Conflicting ones wait for each other, so none is cancelled for a conflict. */
export const transactWriteItems =
  ({ directory, writer }: Core, tokens: RequestTokens): Operation =>
  async ({ input, place, taskKey }) => {
    const request = readRequest('TransactWriteItems', TRANSACT_WRITE, input);
    const actions = request.TransactItems.map(actionOf);
    if (actions.reduce((sum, { item }) => sum + itemBytes(item), 0) > TABLE_TRANSACTION_BYTES_MAX) {
      throw validationFault('Transaction request size exceeds the limit of 4 MB');
    }
    const placed = actions.map((action) => placedAction(action, directory, place.region));
    const fitting = placed.flatMap((action) => (isReason(action) ? [] : [action]));
    if (fitting.length < placed.length) throw cancelled(placed.map((action) => (isReason(action) ? action : NONE)));
    checkDistinct(fitting);
    const write = (more: Verdict<object>['more'] = []): Promise<object> =>
      writer.write({
        targets: fitting.map(({ table, key }) => ({ table, key })),
        reads: true,
        taskKey,
        decide: (olds) => ({ ...decided(request, fitting, olds.map(known)), more }),
      });
    const { ClientRequestToken: token } = request;
    if (token === undefined) return write();
    const digest = createHash('sha256').update(JSON.stringify(request.TransactItems)).digest('base64');
    return tokens.once({ region: place.region, token, digest, write, repeated: () => consumed(request, fitting, []) });
  };

const NONE: Reason = { Code: 'None' };

const isReason = <T extends object>(value: T | Reason): value is Reason => 'Code' in value;

function checkDistinct(actions: readonly PlacedAction[]): void {
  const places = new Set(actions.map(({ table, key }) => `${table.id}/${key}`));
  if (places.size === actions.length) return;
  throw validationFault('Transaction request cannot include multiple operations on one item');
}

function decided(
  request: TransactWriteInput,
  actions: readonly PlacedAction[],
  olds: readonly (Item | null)[],
): Verdict<object> {
  const outcomes = actions.map((action, at) => outcomeOf(action, olds[at] ?? null));
  if (outcomes.some(isReason)) throw cancelled(outcomes.map((outcome) => (isReason(outcome) ? outcome : NONE)));
  const items = outcomes.map((outcome) => (isReason(outcome) ? ('keep' as const) : outcome.item));
  const written = actions.map((_, at) => {
    const item = items[at] ?? null;
    const old = olds[at] ?? null;
    return { old, item: item === 'keep' ? old : item };
  });
  return { items, body: { ...consumed(request, actions, written), ...metrics(request, actions) } };
}

function cancelled(reasons: readonly Reason[]): Error {
  const codes = reasons.map(({ Code }) => Code).join(', ');
  return transactionCanceled(
    `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`,
    { CancellationReasons: reasons },
  );
}

/** AWS: what a transaction does costs twice. */
const FACTOR = 2;

function consumed(
  { ReturnConsumedCapacity: asked }: { readonly ReturnConsumedCapacity?: CapacityAsked },
  actions: readonly PlacedAction[],
  written: ReadonlyArray<{ readonly old: Item | null; readonly item: Item | null }>,
): object {
  if (asked !== 'INDEXES' && asked !== 'TOTAL') return {};
  const byTable = new Map<string, Consumed>();
  for (const [at, { table, item }] of actions.entries()) {
    const units = unitsOfWrite(table, written[at] ?? { old: item, item }, FACTOR);
    const before = byTable.get(table.name);
    byTable.set(table.name, before === undefined ? units : added(before, units));
  }
  return { ConsumedCapacity: [...byTable.values()].map((units) => consumedCapacity(asked, units)) };
}

function metrics({ ReturnItemCollectionMetrics: asked }: TransactWriteInput, actions: readonly PlacedAction[]): object {
  const touched = actions.filter(
    ({ table, type }) => asked === 'SIZE' && type !== 'check' && table.localIndexes.length > 0,
  );
  if (touched.length === 0) return {};
  const byTable: Record<string, object[]> = {};
  for (const { table, item } of touched) byTable[table.name] = [...(byTable[table.name] ?? []), metricsOf(table, item)];
  return { ItemCollectionMetrics: byTable };
}
