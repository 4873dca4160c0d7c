import type { Item } from '../values/attribute-value.js';
import { itemBytes } from '../values/item-size.js';

export type CapacityAsked = 'INDEXES' | 'TOTAL' | 'NONE' | undefined;

export const readUnits = (bytes: number, isConsistent: boolean | undefined): number =>
  Math.max(1, Math.ceil(bytes / READ_UNIT_BYTES)) / (isConsistent === true ? 1 : 2);

export const writeUnits = (item: Item | null, old: Item | null): number =>
  Math.max(1, Math.ceil(bytesOf(item) / WRITE_UNIT_BYTES), Math.ceil(bytesOf(old) / WRITE_UNIT_BYTES));

const bytesOf = (item: Item | null): number => (item === null ? 0 : itemBytes(item));

/** AWS: a read unit is 4 KB, a write unit 1 KB. */
const READ_UNIT_BYTES = 4096;
const WRITE_UNIT_BYTES = 1024;

export interface Consumed {
  readonly table: string;
  readonly tableUnits: number;
  readonly globalIndexes?: ReadonlyMap<string, number>;
  readonly localIndexes?: ReadonlyMap<string, number>;
}

/** The member ConsumedCapacity, where it was asked for. */
export function consumedMember(asked: CapacityAsked, consumed: Consumed): { readonly ConsumedCapacity?: object } {
  return asked === 'INDEXES' || asked === 'TOTAL' ? { ConsumedCapacity: consumedCapacity(asked, consumed) } : {};
}

export function consumedCapacity(asked: 'INDEXES' | 'TOTAL', consumed: Consumed): object {
  const { table, tableUnits, globalIndexes = new Map(), localIndexes = new Map() } = consumed;
  const ofIndexes = [...globalIndexes.values(), ...localIndexes.values()].reduce((sum, units) => sum + units, 0);
  return {
    CapacityUnits: tableUnits + ofIndexes,
    TableName: table,
    ...(asked === 'INDEXES' && {
      Table: { CapacityUnits: tableUnits },
      ...(globalIndexes.size > 0 && { GlobalSecondaryIndexes: unitsByName(globalIndexes) }),
      ...(localIndexes.size > 0 && { LocalSecondaryIndexes: unitsByName(localIndexes) }),
    }),
  };
}

const unitsByName = (units: ReadonlyMap<string, number>): object =>
  Object.fromEntries([...units].map(([name, CapacityUnits]) => [name, { CapacityUnits }]));
