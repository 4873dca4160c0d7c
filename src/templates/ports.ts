import type { FrontPart } from '../services/http/part.js';
import type { AlarmSettings } from '../services/metrics/alarms/alarm.js';
import type { BucketPart } from '../services/s3/bucket-part.js';
import type { StackOutput } from './other-stacks.js';
import type {
  ActivitySettings,
  AliasSettings,
  BucketSettings,
  BusSettings,
  EventInvokeSettings,
  EventSourceSettings,
  FunctionSettings,
  GlobalIndex,
  LayerSettings,
  LogGroupSettings,
  MachineAliasSettings,
  MachineVersionSettings,
  PlannedResource,
  PlannedVersion,
  QueueSettings,
  RuleSettings,
  ScheduleSettings,
  SecretSettings,
  StateMachineSettings,
  StateMachineType,
  SubscriptionSettings,
  TableBilling,
  TableFeatures,
  TableSettings,
  TopicSettings,
} from './plan.js';
import type { StoredObject } from './stored-location.js';

/**
 * What `deploy` asks of a running Treadle; all of one account and region. A method that fails rejects with an Error whose
 * message says why; `deploy` reports it with the resource and its line.
 */
export interface DeployPorts {
  readonly functions: FunctionPort;
  readonly stateMachines: StateMachinePort;
  readonly tables: TablePort;
  readonly topics: TopicPort;
  readonly subscriptions: SubscriptionPort;
  readonly buckets: BucketPort;
  readonly versions: SettingsPort<PlannedVersion['settings']>;
  readonly layers: SettingsPort<LayerSettings>;
  readonly aliases: SettingsPort<AliasSettings>;
  readonly eventSources: SettingsPort<EventSourceSettings>;
  readonly queues: SettingsPort<QueueSettings>;
  readonly secrets: SettingsPort<SecretSettings>;
  readonly buses: SettingsPort<BusSettings>;
  readonly rules: SettingsPort<RuleSettings>;
  readonly schedules: SettingsPort<ScheduleSettings>;
  readonly machineVersions: MachineVersionPort;
  readonly machineAliases: SettingsPort<MachineAliasSettings>;
  readonly activities: SettingsPort<ActivitySettings>;
  readonly logGroups: SettingsPort<LogGroupSettings>;
  readonly eventInvokes: SettingsPort<EventInvokeSettings>;
  readonly fronts: SettingsPort<FrontPart>;
  readonly bucketParts: SettingsPort<BucketPart>;
  readonly alarms: SettingsPort<AlarmSettings>;
  readonly folders: FolderPort;
  readonly objects: ObjectPort;
  readonly records: StackRecords;
}

export interface FunctionPort {
  /** Why this function cannot be built here (its runtime by name, a handler without a file), or null. Changes nothing. */
  check(desired: FunctionSettings, codePath: string | null): Promise<string | null>;
  find(name: string): Promise<FunctionSettings | null>;
  /** With the numbers of its layers' newest versions, which are known once these are published. */
  resolved(desired: FunctionSettings): FunctionSettings;
  /** `codePath` is an absolute path of a folder or a .zip file. */
  create(desired: FunctionSettings, codePath: string): Promise<void>;
  /** Settings and code as given; the code may have changed under the same path. */
  update(desired: FunctionSettings, codePath: string): Promise<void>;
  /** Nothing happens when it is gone already. */
  remove(name: string): Promise<void>;
}

export interface StateMachinePort {
  /** What is wrong with a definition, and its warnings. Changes nothing. */
  validate(definition: string, type: StateMachineType): Promise<readonly DefinitionFault[]>;
  /** By ARN. */
  find(arn: string): Promise<StateMachineSettings | null>;
  create(desired: StateMachineSettings): Promise<void>;
  update(arn: string, desired: StateMachineSettings): Promise<void>;
  remove(arn: string): Promise<void>;
}

export interface MachineVersionPort {
  /** True for a version that is there, and is of the revision that these settings name. */
  isCurrent(arn: string, desired: MachineVersionSettings): Promise<boolean>;
  /** The ARN of the version of the machine's current revision, which is made unless there is one. */
  publish(desired: MachineVersionSettings): Promise<string>;
  /** Rejects while an alias leads to it. Nothing happens when it is gone already. */
  remove(arn: string): Promise<void>;
}

/** The part of a Diagnostic that a report needs. */
export interface DefinitionFault {
  readonly severity: 'ERROR' | 'WARNING';
  readonly code: string;
  readonly message: string;
  /** E.g. `/States/A/Next`; null where there is none. */
  readonly location: string | null;
  /** One-based place in the definition's text; null where there is none. */
  readonly line: number | null;
  readonly column: number | null;
}

export interface TablePort {
  describe(name: string): Promise<TableSettings | null>;
  /** Resolves when the table can be used. */
  create(desired: TableSettings): Promise<void>;
  /** Resolves when the change is done, or with why it was not. Items are never lost. */
  change(name: string, change: TableChange): Promise<ChangeOutcome>;
}

/** One change at a time, as UpdateTable takes them. */
export type TableChange =
  | { readonly type: 'setBilling'; readonly billing: TableBilling; readonly desired: TableSettings }
  | { readonly type: 'createIndex'; readonly index: GlobalIndex; readonly desired: TableSettings }
  | { readonly type: 'deleteIndex'; readonly indexName: string }
  /** `names` are those that change. */
  | { readonly type: 'setFeatures'; readonly features: TableFeatures; readonly names: readonly string[] };

export type ChangeOutcome = { readonly type: 'applied' } | { readonly type: 'notApplied'; readonly reason: string };

export interface TopicPort {
  /** By ARN. */
  find(arn: string): Promise<TopicSettings | null>;
  create(desired: TopicSettings): Promise<void>;
  update(arn: string, desired: TopicSettings): Promise<void>;
  /** Its subscriptions go with it. */
  remove(arn: string): Promise<void>;
}

export interface SubscriptionPort {
  /** By topic, protocol and endpoint. */
  find(
    target: SubscriptionTarget,
  ): Promise<{ readonly arn: string; readonly attributes: SubscriptionSettings['attributes'] } | null>;
  /** Gives its ARN. */
  create(desired: SubscriptionSettings): Promise<string>;
  /** Sets exactly these attributes: those that are left out go back to their defaults. */
  update(arn: string, desired: SubscriptionSettings): Promise<void>;
  remove(arn: string): Promise<void>;
}

export type SubscriptionTarget = Pick<SubscriptionSettings, 'topicArn' | 'protocol' | 'endpoint'>;

export interface BucketPort {
  /** Wherever it is: names are global. */
  find(name: string): Promise<BucketSettings | null>;
  create(desired: BucketSettings): Promise<void>;
  update(desired: BucketSettings): Promise<void>;
  /** Rejects while there are objects in it. Nothing happens when it is gone already. */
  remove(name: string): Promise<void>;
}

/** Resources whose settings say all there is to say about them. */
export interface SettingsPort<Settings> {
  /** Names what is not as these settings say; null when there is none of this name. Changes nothing. */
  compare(desired: Settings): Promise<readonly string[] | null>;
  /** Makes it, or brings it to these settings. */
  put(desired: Settings): Promise<void>;
  /** By ARN. Nothing happens when it is gone already. */
  remove(arn: string): Promise<void>;
}

export interface FolderPort {
  /** Writes a folder with this one file, for code that stands in the template; replaces an older one of the name. Gives its absolute path. */
  write(name: string, file: { readonly name: string; readonly text: string }): Promise<string>;
}

/** Code that is in the server's S3. */
export interface ObjectPort {
  /** What tells one content from another; null when there is no such object. */
  digest(object: StoredObject): Promise<string | null>;
  /** Gives `use` the absolute path of a .zip file with the object's bytes, which is there as long as it works. */
  withFile<Result>(object: StoredObject, use: (path: string) => Promise<Result>): Promise<Result>;
}

/** What each stack has deployed, so that a resource that vanished from the template is found. Durable. */
export interface StackRecords {
  load(stackName: string): Promise<readonly DeployedResource[]>;
  /** Replaces what was saved. */
  save(stackName: string, resources: readonly DeployedResource[]): Promise<void>;
  /** Of every stack of the account and region. */
  outputs(): Promise<readonly StackOutput[]>;
  /** Replaces the stack's. */
  saveOutputs(stackName: string, outputs: readonly StackOutput[]): Promise<void>;
}

export interface DeployedResource {
  readonly logicalId: string;
  readonly resourceType: string;
  readonly kind: PlannedResource['kind'];
  /** Name of a function, table or bucket, ARN of the others. */
  readonly physicalId: string;
  /** Digest of a function's code as deployed; null for others, and while a deployment has not finished. */
  readonly codeDigest: string | null;
  readonly isRetained: boolean;
}
