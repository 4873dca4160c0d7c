import type { Place } from '../arn.js';
import type { Target } from '../services/events/target.js';
import type { ScheduleRequest } from '../services/scheduler/schedule.js';
import type { Problem, Remark } from './problem.js';
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
  | PlannedBus
  | PlannedRule
  | PlannedSchedule;

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
}

export type FunctionCode =
  /** Absolute path of a folder or of a .zip file. */
  | { readonly type: 'path'; readonly path: string }
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
  /** Absolute path of a folder or of a .zip file. */
  readonly path: string;
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

export interface ScheduleSettings extends ScheduleRequest {
  readonly name: string;
  readonly group: string;
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
