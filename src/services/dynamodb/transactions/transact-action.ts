import { checkParameters, expressionsOf } from '../expressions/request-expressions.js';
import { TableFault, validationFault } from '../fault.js';
import { checkItemBytes, checkItemKeys, checkKey, checkNestedPaths } from '../items/checks.js';
import { fulfils, type Guard } from '../items/guard.js';
import { checkPlan, type UpdatePlan, updated } from '../items/update-plan.js';
import { itemKey } from '../keys/item-key.js';
import type { TableDirectory } from '../table/directory.js';
import type { Table } from '../table/table.js';
import type { Item } from '../values/attribute-value.js';
import { checkedItem } from '../values/checked.js';
import type { TransactWriteItem } from './transact-members.js';

/** One action of a transaction, its expressions read; what its table says to it comes later. */
export interface Action {
  readonly type: 'check' | 'put' | 'delete' | 'update';
  readonly tableName: string;
  /** The item of a put, else the key. */
  readonly item: Item;
  readonly guard: Guard;
  readonly update: UpdatePlan | null;
}

/** Throws TableFault. */
export function actionOf(asked: TransactWriteItem): Action {
  const { ConditionCheck: check, Put: put, Delete: remove, Update: update } = asked;
  const given = [check, put, remove, update].filter((action) => action !== undefined);
  const [action] = given;
  if (action === undefined || given.length > 1) {
    throw validationFault('TransactItems can only contain one of Check, Put, Update or Delete');
  }
  checkParameters(
    action,
    update === undefined ? ['ConditionExpression'] : ['UpdateExpression', 'ConditionExpression'],
    [],
  );
  const item = checkedItem('Item' in action ? action.Item : action.Key);
  const expressions = expressionsOf(action);
  if (put !== undefined) checkItemBytes(item);
  return {
    type: put !== undefined ? 'put' : remove !== undefined ? 'delete' : update !== undefined ? 'update' : 'check',
    tableName: action.TableName,
    item,
    guard: {
      condition: expressions.condition,
      older: null,
      shows: action.ReturnValuesOnConditionCheckFailure === 'ALL_OLD',
    },
    update: expressions.update === null ? null : { update: expressions.update, older: [] },
  };
}

/** Why an action cannot be done, as it stands among the reasons of a cancelled transaction. */
export interface Reason {
  readonly Code: 'None' | 'ConditionalCheckFailed' | 'ValidationError';
  readonly Message?: string;
  readonly Item?: Item;
}

export interface PlacedAction extends Action {
  readonly table: Table;
  readonly key: string;
}

/** The action in its table, or why it does not fit. Throws TableFault when there is no such table. */
export function placedAction(action: Action, directory: TableDirectory, region: string): PlacedAction | Reason {
  const table = directory.get(region, action.tableName);
  try {
    if (action.type === 'put') checkItemKeys(action.item, table);
    else checkKey(action.item, { keys: table.keys, table });
    if (action.update !== null) checkPlan(action.update, table);
    checkNestedPaths(action.guard.condition?.nested, table);
  } catch (fault) {
    return validationReason(fault);
  }
  return { ...action, table, key: itemKey(table, action.item) };
}

export type Outcome = { readonly item: Item | null | 'keep' } | Reason;

export function outcomeOf(action: PlacedAction, old: Item | null): Outcome {
  if (!fulfils(action.guard, old)) {
    return {
      Code: 'ConditionalCheckFailed',
      Message: 'The conditional request failed',
      ...(action.guard.shows && old !== null && { Item: old }),
    };
  }
  switch (action.type) {
    case 'check':
      return { item: 'keep' };
    case 'put':
      return { item: action.item };
    case 'delete':
      return { item: old === null ? 'keep' : null };
    case 'update':
      try {
        return { item: action.update === null ? 'keep' : updated(action.update, old ?? action.item, action.table) };
      } catch (fault) {
        return validationReason(fault);
      }
    default:
      return action.type satisfies never;
  }
}

function validationReason(fault: unknown): Reason {
  if (!(fault instanceof TableFault)) throw fault;
  return { Code: 'ValidationError', Message: fault.message };
}
