import type { LoggingConfiguration } from '../api/states/logging-configuration.js';
import type { Place } from '../arn.js';
import type { Target } from '../services/events/target.js';
import type { FrontPart } from '../services/http/part.js';
import type { AlarmSettings } from '../services/metrics/alarms/alarm.js';
import type { BucketPart } from '../services/s3/bucket-part.js';
import type { LifecycleRule } from '../services/s3/lifecycle-rule.js';
import type { NotificationSettings } from '../services/s3/notification.js';
import type { BucketLock } from '../services/s3/object-lock.js';
import type { ScheduleRequest } from '../services/scheduler/schedule.js';
import type { PasswordRules } from '../services/secretsmanager/password.js';
import type { Problem, Remark } from './problem.js';
import type { StoredObject } from './stored-location.js';
import type { Position } from './template-value.js';

/** What deploying a template is going to do here; nothing has been changed yet. */
export interface DeployPlan {
  /** The template's path, as given. */
  readonly file: string;
  readonly stackName: string;
  readonly place: Place;
  /** Every resource after those that it refers to. */
  readonly resources: readonly PlannedResource[];
  /** Accepted without effect here. */
  readonly kept: readonly KeptResource[];
  /** Where there is one, nothing can be deployed. */
  readonly problems: readonly Problem[];
  readonly remarks: readonly Remark[];
  readonly outputs: readonly Output[];
}

export type PlannedResource =
  | PlannedFunction
  | PlannedStateMachine
  | PlannedTable
  | PlannedTopic
  | PlannedSubscription
  | PlannedBucket
  | PlannedVersion
  | PlannedLayer
  | PlannedAlias
  | PlannedEventSource
  | PlannedQueue
  | PlannedSecret
  | PlannedBus
  | PlannedRule
  | PlannedSchedule
  | PlannedMachineVersion
  | PlannedMachineAlias
  | PlannedActivity
  | PlannedLogGroup
  | PlannedEventInvoke
  | PlannedFront
  | PlannedBucketPart
  | PlannedAlarm;

export interface PlannedCommon {
  /** The name in the template; `Topic.Subscription[0]` and `Function.Event` for subscriptions written inside of others. */
  readonly logicalId: string;
  /** E.g. `AWS::Serverless::Function`. */
  readonly resourceType: string;
  readonly at: Position;
  /** Path of the CDK construct that it was made by, where the template says so. */
  readonly construct?: string;
  /** `DeletionPolicy: Retain`: stays when it vanishes from the template. */
  readonly isRetained: boolean;
}

export interface PlannedFunction extends PlannedCommon {
  readonly kind: 'function';
  readonly arn: string;
  readonly settings: FunctionSettings;
  readonly code: FunctionCode;
}

/** What a function is besides its code. */
export interface FunctionSettings {
  readonly name: string;
  readonly runtime: string;
  readonly handler: string;
  readonly description: string;
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly roleArn: string;
  /** ARNs of versions; `…:$PUBLISHED` means the newest one. */
  readonly layers: readonly string[];
  /** Null: as many as there may be. */
  readonly reservedConcurrency: number | null;
  /** ARN of a queue or topic that gets the events of asynchronous calls that failed. */
  readonly deadLetterArn: string | null;
}

export type CodeLocation =
  /** Absolute path of a folder or of a .zip file. */
  | { readonly type: 'path'; readonly path: string }
  /** A zip in S3. */
  | { readonly type: 'stored'; readonly object: StoredObject };

export type FunctionCode =
  | CodeLocation
  /** Text from the template, which becomes the only file of a generated folder. */
  | { readonly type: 'inline'; readonly fileName: string; readonly text: string };

export type StateMachineType = 'STANDARD' | 'EXPRESS';

export interface PlannedStateMachine extends PlannedCommon {
  readonly kind: 'stateMachine';
  readonly arn: string;
  readonly settings: StateMachineSettings;
  readonly source: DefinitionSource;
}

export interface StateMachineSettings {
  readonly name: string;
  /** ASL as JSON text, substitutions done. */
  readonly definition: string;
  readonly type: StateMachineType;
  readonly roleArn: string;
  /** State → where its call goes instead of this server: `aws`, or an endpoint's URL. */
  readonly remote: Readonly<Record<string, string>>;
  readonly logging: LoggingConfiguration;
  /** Executions leave spans. */
  readonly isTraced: boolean;
  readonly tags: Readonly<Record<string, string>>;
}

/** Its ARN is known only after it was made; until then `publishedArn` stands for it. */
export interface PlannedMachineVersion extends PlannedCommon {
  readonly kind: 'machineVersion';
  readonly settings: MachineVersionSettings;
}

export interface MachineVersionSettings {
  /** The logical id. */
  readonly name: string;
  readonly machineArn: string;
  /** Null: that of the first deployment, for ever. `current`: a new version whenever there is a new revision. */
  readonly revision: null | 'current' | { readonly id: string };
  readonly description: string | null;
}

export interface PlannedMachineAlias extends PlannedCommon {
  readonly kind: 'machineAlias';
  readonly arn: string;
  readonly settings: MachineAliasSettings;
}

export interface MachineAliasSettings {
  /** Its ARN. */
  readonly name: string;
  readonly machineArn: string;
  readonly alias: string;
  readonly description: string;
  /** Weights in percent. */
  readonly routes: ReadonlyArray<{ readonly versionArn: string; readonly weight: number }>;
}

export interface PlannedActivity extends PlannedCommon {
  readonly kind: 'activity';
  readonly arn: string;
  readonly settings: ActivitySettings;
}

export interface ActivitySettings {
  readonly name: string;
  readonly tags: Readonly<Record<string, string>>;
}

export interface PlannedLogGroup extends PlannedCommon {
  readonly kind: 'logGroup';
  readonly arn: string;
  readonly settings: LogGroupSettings;
}

export interface LogGroupSettings {
  readonly name: string;
  /** Null: events are kept for ever. */
  readonly retentionDays: number | null;
  readonly tags: Readonly<Record<string, string>>;
}

export interface PlannedEventInvoke extends PlannedCommon {
  readonly kind: 'eventInvoke';
  /** The function's, with the qualifier. */
  readonly arn: string;
  readonly settings: EventInvokeSettings;
}

export interface EventInvokeSettings {
  /** `function:qualifier`. */
  readonly name: string;
  readonly functionName: string;
  /** `$LATEST`, an alias, a number, or `$PUBLISHED` for the function as it is now. */
  readonly qualifier: string;
  readonly retriesMax: number | null;
  readonly ageSecondsMax: number | null;
  /** ARNs. */
  readonly onSuccess: string | null;
  readonly onFailure: string | null;
}

/** Where a definition stands, so that a Diagnostic can name the author's file and line. */
export interface DefinitionSource {
  readonly file: string;
  /** `text`: the file is the definition, line by line; `values`: see `places`; `property`: a string in the template. */
  readonly form: 'text' | 'values' | 'property';
  /** For `values` (YAML): `/States/A/Next` → its place. */
  readonly places: ReadonlyMap<string, Position>;
  /** Where the definition begins in `file`. */
  readonly at: Position;
}

export interface PlannedTable extends PlannedCommon {
  readonly kind: 'table';
  readonly arn: string;
  readonly settings: TableSettings;
}

export interface TableSettings {
  readonly name: string;
  readonly attributes: readonly TableAttribute[];
  readonly keySchema: readonly TableKey[];
  readonly billing: TableBilling;
  readonly globalIndexes: readonly GlobalIndex[];
  readonly localIndexes: readonly LocalIndex[];
  readonly features: TableFeatures;
}

/** What a table does besides keeping items. */
export interface TableFeatures {
  /** The attribute by which items expire. */
  readonly ttl: string | null;
  readonly stream: 'KEYS_ONLY' | 'NEW_IMAGE' | 'OLD_IMAGE' | 'NEW_AND_OLD_IMAGES' | null;
  /** How far back it can be restored to; null = not at all. */
  readonly recoveryDays: number | null;
  readonly tags: Readonly<Record<string, string>>;
  readonly isProtected: boolean;
}

export interface TableAttribute {
  readonly name: string;
  readonly type: 'S' | 'N' | 'B';
}

export interface TableKey {
  readonly name: string;
  readonly type: 'HASH' | 'RANGE';
}

export type TableBilling =
  | { readonly mode: 'PAY_PER_REQUEST' }
  | { readonly mode: 'PROVISIONED'; readonly readUnits: number; readonly writeUnits: number };

export interface LocalIndex {
  readonly name: string;
  readonly keySchema: readonly TableKey[];
  readonly projection: { readonly type: 'ALL' | 'KEYS_ONLY' | 'INCLUDE'; readonly attributes: readonly string[] };
}

export interface GlobalIndex extends LocalIndex {
  /** Null: as the table is billed by request. */
  readonly throughput: { readonly readUnits: number; readonly writeUnits: number } | null;
}

export interface PlannedTopic extends PlannedCommon {
  readonly kind: 'topic';
  readonly arn: string;
  readonly settings: TopicSettings;
}

export interface TopicSettings {
  readonly name: string;
  readonly displayName: string;
}

/** Told apart by topic, protocol and endpoint; its ARN is known only after it was made. */
export interface PlannedSubscription extends PlannedCommon {
  readonly kind: 'subscription';
  readonly settings: SubscriptionSettings;
}

export interface SubscriptionSettings {
  readonly topicArn: string;
  readonly protocol: string;
  readonly endpoint: string;
  /** SNS's attributes as strings: FilterPolicy (JSON text), FilterPolicyScope, RawMessageDelivery. */
  readonly attributes: Readonly<Record<string, string>>;
}

export interface PlannedBucket extends PlannedCommon {
  readonly kind: 'bucket';
  readonly settings: BucketSettings;
}

export interface BucketSettings {
  readonly name: string;
  /** Null: it has no versions, or none any more. */
  readonly versioning: 'Enabled' | 'Suspended' | null;
  readonly lock: BucketLock | null;
  readonly tags: Readonly<Record<string, string>>;
  readonly lifecycle: readonly LifecycleRule[] | null;
  readonly notifications: NotificationSettings | null;
}

/** A bucket's policy, or a function that wants to hear of it. */
export interface PlannedBucketPart extends PlannedCommon {
  readonly kind: 'bucketPart';
  /** The part's name. */
  readonly arn: string;
  readonly settings: BucketPart;
}

/** A version is published when the function is not as the last one. */
export interface PlannedVersion extends PlannedCommon {
  readonly kind: 'version';
  /** The function's. */
  readonly arn: string;
  readonly settings: {
    /** The function's. */
    readonly name: string;
    readonly description: string | null;
  };
}

/** A version is published when the content is not that of the newest one. */
export interface PlannedLayer extends PlannedCommon {
  readonly kind: 'layer';
  /** The layer's. */
  readonly arn: string;
  readonly settings: LayerSettings;
}

export interface LayerSettings {
  readonly name: string;
  readonly description: string;
  readonly runtimes: readonly string[];
  readonly content: CodeLocation;
}

export interface PlannedAlias extends PlannedCommon {
  readonly kind: 'alias';
  readonly arn: string;
  readonly settings: AliasSettings;
}

export interface AliasSettings {
  /** `function:alias`. */
  readonly name: string;
  readonly functionName: string;
  readonly alias: string;
  /** A number, `$LATEST`, or `$PUBLISHED` for the function as it is now. */
  readonly version: string;
  readonly description: string;
  readonly routing: Readonly<Record<string, number>>;
}

export interface PlannedEventSource extends PlannedCommon {
  readonly kind: 'eventSource';
  /** `<queue's or stream's ARN> <function's ARN>`, since its UUID is known only after it was made. */
  readonly arn: string;
  readonly settings: EventSourceSettings;
}

export interface EventSourceSettings {
  readonly name: string;
  readonly sourceArn: string;
  readonly functionArn: string;
  readonly batchSize: number;
  readonly windowSeconds: number;
  readonly isEnabled: boolean;
  readonly reportsItemFailures: boolean;
  readonly concurrencyMax: number | null;
  readonly filters: readonly string[];
  /** Of streams. */
  readonly startingPosition: 'TRIM_HORIZON' | 'LATEST' | null;
  readonly retriesMax: number;
  readonly recordAgeSecondsMax: number;
  readonly bisects: boolean;
}

export interface PlannedQueue extends PlannedCommon {
  readonly kind: 'queue';
  readonly arn: string;
  readonly settings: QueueSettings;
}

export interface QueueSettings {
  readonly name: string;
  /** SQS's attributes as strings; those that are left out have their defaults. */
  readonly attributes: Readonly<Record<string, string>>;
}

export interface PlannedSecret extends PlannedCommon {
  readonly kind: 'secret';
  readonly arn: string;
  readonly settings: SecretSettings;
}

export interface SecretSettings {
  readonly name: string;
  readonly arn: string;
  readonly description: string | null;
  /** What stands in the template; null where it is generated, or put later. */
  readonly value: string | null;
  /** How the first value is made: a password, or an object of JSON in which it is the member `key`. */
  readonly generation: {
    readonly template: string | null;
    readonly key: string | null;
    readonly rules: PasswordRules;
  } | null;
}

export interface PlannedBus extends PlannedCommon {
  readonly kind: 'bus';
  readonly arn: string;
  readonly settings: BusSettings;
}

export interface BusSettings {
  readonly name: string;
  readonly description: string | null;
}

/** A rule with its targets; also an event of a function or a machine. */
export interface PlannedRule extends PlannedCommon {
  readonly kind: 'rule';
  readonly arn: string;
  readonly settings: RuleSettings;
}

export interface RuleSettings {
  readonly name: string;
  readonly busName: string;
  /** JSON text. */
  readonly pattern: string | null;
  readonly schedule: string | null;
  readonly isEnabled: boolean;
  readonly description: string | null;
  readonly roleArn: string | null;
  readonly targets: readonly Target[];
}

export interface PlannedSchedule extends PlannedCommon {
  readonly kind: 'schedule';
  readonly arn: string;
  readonly settings: ScheduleSettings;
}

export interface PlannedAlarm extends PlannedCommon {
  readonly kind: 'alarm';
  readonly arn: string;
  readonly settings: AlarmSettings;
}

export interface ScheduleSettings extends ScheduleRequest {
  readonly name: string;
  readonly group: string;
}

/** A part of the HTTP front door: an API, a route, a key, a function's address, a webhook. */
export interface PlannedFront extends PlannedCommon {
  readonly kind: 'front';
  /** The part's name. */
  readonly arn: string;
  readonly settings: FrontPart;
}

export interface KeptResource {
  readonly logicalId: string;
  readonly resourceType: string;
  readonly at: Position;
  /** E.g. `access is not restricted here`. */
  readonly why: string;
}

export interface Output {
  readonly name: string;
  readonly value: string;
  readonly description: string | null;
  /** The name by which other stacks of the account and region import it. */
  readonly exportName?: string;
}
