import type { GlobalIndex, LocalIndex, TableAttribute, TableFeatures, TableKey, TableSettings } from './plan.js';
import type { TableChange } from './ports.js';

/** What leads from the table as it is to the one wanted. */
export interface TableDifference {
  /** Why this would need a new table, which would lose the items of this one; null when it does not. */
  readonly refusal: string | null;
  readonly changes: readonly TableChange[];
}

/** Compares; order of attributes and indexes does not matter. */
export function tableDifference(actual: TableSettings, desired: TableSettings): TableDifference {
  const refusal = keyRefusal(actual, desired);
  return refusal === null ? { refusal, changes: changesOf(actual, desired) } : { refusal, changes: [] };
}

const keysText = (keys: readonly TableKey[], attributes: readonly TableAttribute[]): string =>
  keys
    .map(
      (key) => `${key.name} (${key.type}, ${attributes.find((attribute) => attribute.name === key.name)?.type ?? '?'})`,
    )
    .join(', ');

const indexText = (index: LocalIndex, attributes: readonly TableAttribute[]): string =>
  `${index.name}: ${keysText(index.keySchema, attributes)}, ${index.projection.type} ${[...index.projection.attributes].sort().join(' ')}`.trim();

function keyRefusal(actual: TableSettings, desired: TableSettings): string | null {
  const before = keysText(actual.keySchema, actual.attributes);
  const after = keysText(desired.keySchema, desired.attributes);
  const cure = 'Its items would be lost: give the new table another TableName, and copy them.';
  if (before !== after)
    return `Expected table '${actual.name}' to keep its key ${before}, but the template has ${after}. ${cure}`;
  const localText = (table: TableSettings): string =>
    table.localIndexes
      .map((index) => indexText(index, table.attributes))
      .sort()
      .join('; ') || 'none';
  const [localBefore, localAfter] = [localText(actual), localText(desired)];
  if (localBefore === localAfter) return null;
  return `Expected table '${actual.name}' to keep its local indexes (${localBefore}), but the template has ${localAfter}. ${cure}`;
}

function changesOf(actual: TableSettings, desired: TableSettings): readonly TableChange[] {
  const changes: TableChange[] = [];
  for (const index of actual.globalIndexes) {
    const wanted = desired.globalIndexes.find((other) => other.name === index.name);
    if (wanted === undefined || !isSameIndex({ index, table: actual }, { index: wanted, table: desired })) {
      changes.push({ type: 'deleteIndex', indexName: index.name });
    }
  }
  if (billingText(actual, desired) !== billingText(desired, actual))
    changes.push({ type: 'setBilling', billing: desired.billing, desired });
  for (const index of desired.globalIndexes) {
    const before = actual.globalIndexes.find((other) => other.name === index.name);
    if (before === undefined || !isSameIndex({ index: before, table: actual }, { index, table: desired })) {
      changes.push({ type: 'createIndex', index, desired });
    }
  }
  const names = changedFeatures(actual.features, desired.features);
  if (names.length > 0) changes.push({ type: 'setFeatures', features: desired.features, names });
  return changes;
}

/** Tags that the template does not name stay. */
function changedFeatures(actual: TableFeatures, desired: TableFeatures): readonly string[] {
  const names: string[] = [];
  if (actual.ttl !== desired.ttl) names.push('TimeToLiveSpecification');
  if (actual.stream !== desired.stream) names.push('StreamSpecification');
  if (actual.recoveryDays !== desired.recoveryDays) names.push('PointInTimeRecoverySpecification');
  if (actual.isProtected !== desired.isProtected) names.push('DeletionProtectionEnabled');
  if (Object.entries(desired.tags).some(([key, value]) => actual.tags[key] !== value)) names.push('Tags');
  return names;
}

interface IndexOfTable {
  readonly index: GlobalIndex;
  readonly table: TableSettings;
}

const isSameIndex = (a: IndexOfTable, b: IndexOfTable): boolean =>
  indexText(a.index, a.table.attributes) === indexText(b.index, b.table.attributes);

/** Billing of the table and of the indexes that both have; requests have no units to compare. */
function billingText(table: TableSettings, other: TableSettings): string {
  const { billing } = table;
  if (billing.mode === 'PAY_PER_REQUEST') return billing.mode;
  const indexes = table.globalIndexes
    .filter((index) => other.globalIndexes.some((one) => one.name === index.name))
    .map(({ name, throughput }) => `${name} ${throughput?.readUnits} ${throughput?.writeUnits}`);
  return [`${billing.mode} ${billing.readUnits} ${billing.writeUnits}`, ...indexes.sort()].join(', ');
}

/** For the report of a deployment. */
export function describeChange(change: TableChange): string {
  switch (change.type) {
    case 'setBilling':
      return `billing ${change.billing.mode}`;
    case 'createIndex':
      return `index ${change.index.name} made`;
    case 'deleteIndex':
      return `index ${change.indexName} deleted`;
    case 'setFeatures':
      return change.names.join(', ');
    default:
      return change satisfies never;
  }
}
