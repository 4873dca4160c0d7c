import type { TableFeatures } from '../../templates/index.js';

export type TableCall = (operation: string, input: object) => Promise<Record<string, unknown>>;

/** What DescribeTable says that features are made of. */
export interface DescribedFeatures {
  readonly TableName: string;
  readonly TableArn: string;
  readonly DeletionProtectionEnabled?: boolean;
  readonly StreamSpecification?: { readonly StreamViewType: NonNullable<TableFeatures['stream']> };
}

export async function featuresOf(call: TableCall, table: DescribedFeatures): Promise<TableFeatures> {
  const named = { TableName: table.TableName };
  const ttl = (await call('DescribeTimeToLive', named)).TimeToLiveDescription as TimeToLive; // DynamoDB's own shapes
  const backups = (await call('DescribeContinuousBackups', named)).ContinuousBackupsDescription as Backups;
  const tags = (await call('ListTagsOfResource', { ResourceArn: table.TableArn })).Tags as readonly Tag[];
  return {
    ttl: ttl.AttributeName ?? null,
    stream: table.StreamSpecification?.StreamViewType ?? null,
    recoveryDays: backups.PointInTimeRecoveryDescription.RecoveryPeriodInDays ?? null,
    tags: Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value])),
    isProtected: table.DeletionProtectionEnabled ?? false,
  };
}

interface TimeToLive {
  readonly AttributeName?: string;
}
interface Backups {
  readonly PointInTimeRecoveryDescription: { readonly RecoveryPeriodInDays?: number };
}
interface Tag {
  readonly Key: string;
  readonly Value: string;
}

/** Brings a table to these features, from how it is. Tags that a template does not name stay. */
export async function setFeatures(call: TableCall, table: DescribedFeatures, desired: TableFeatures): Promise<void> {
  const actual = await featuresOf(call, table);
  const TableName = table.TableName;
  if (actual.ttl !== desired.ttl) {
    for (const [attribute, Enabled] of [[actual.ttl, false] as const, [desired.ttl, true] as const]) {
      if (attribute === null) continue;
      const TimeToLiveSpecification = { AttributeName: attribute, Enabled };
      await call('UpdateTimeToLive', { TableName, TimeToLiveSpecification });
    }
  }
  if (actual.stream !== desired.stream) {
    if (actual.stream !== null) await call('UpdateTable', { TableName, StreamSpecification: { StreamEnabled: false } });
    const StreamSpecification = { StreamEnabled: true, StreamViewType: desired.stream };
    if (desired.stream !== null) await call('UpdateTable', { TableName, StreamSpecification });
  }
  if (actual.recoveryDays !== desired.recoveryDays) {
    const PointInTimeRecoverySpecification = {
      PointInTimeRecoveryEnabled: desired.recoveryDays !== null,
      ...(desired.recoveryDays !== null && { RecoveryPeriodInDays: desired.recoveryDays }),
    };
    await call('UpdateContinuousBackups', { TableName, PointInTimeRecoverySpecification });
  }
  if (actual.isProtected !== desired.isProtected) {
    await call('UpdateTable', { TableName, DeletionProtectionEnabled: desired.isProtected });
  }
  const Tags = Object.entries(desired.tags)
    .filter(([key, value]) => actual.tags[key] !== value)
    .map(([Key, Value]) => ({ Key, Value }));
  if (Tags.length > 0) await call('TagResource', { ResourceArn: table.TableArn, Tags });
}
