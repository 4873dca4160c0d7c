import { BUCKET_TYPES } from './bucket-types.js';
import { EVENT_SOURCE_MEMBERS, STREAM_MEMBERS } from './event-source-members.js';
import { HTTP_TYPES } from './http-types.js';
import { ACCESS, ENCRYPTION, GRADUAL, LOGS, NETWORK, STORAGE, STREAMS, TAGS, TRACES, WARM } from './kept-reasons.js';

/**
 * What becomes of each resource type and property: *built*, *kept* (accepted without effect here and listed) or, for everything
 * that is not in these tables, *refused*. Properties are CloudFormation's own names, so that a misspelt one is found.
 */
export interface BuiltType {
  readonly builds:
    | 'function'
    | 'stateMachine'
    | 'table'
    | 'topic'
    | 'subscription'
    | 'bucket'
    | 'version'
    | 'layer'
    | 'alias'
    | 'eventSource'
    | 'queue'
    | 'secret'
    | 'bus'
    | 'rule'
    | 'schedule'
    | 'machineVersion'
    | 'machineAlias'
    | 'activity'
    | 'logGroup'
    | 'eventInvoke'
    | 'front'
    | 'bucketPart'
    | 'alarm';
  /** Properties with effect. */
  readonly properties: readonly string[];
  /** Right on AWS, without effect here: name → why. */
  readonly kept: Readonly<Record<string, string>>;
  /** Would change what happens, and is not done here: name → why. Refused unless unsupported things are allowed. */
  readonly unsupported: Readonly<Record<string, string>>;
}

const FUNCTION_KEPT = {
  Architectures: 'functions run on the processor of this machine',
  CodeSigningConfigArn: 'signatures are not checked',
  EphemeralStorage: 'functions use the temporary folder of this machine',
  KmsKeyArn: ENCRYPTION,
  LoggingConfig: LOGS,
  RecursiveLoop: 'recursive calls are not stopped here',
  RuntimeManagementConfig: 'functions run on the runtimes installed here',
  SnapStart: 'functions start without snapshots here',
  Tags: TAGS,
  VpcConfig: NETWORK,
} as const;

const FUNCTION_UNSUPPORTED = {
  FileSystemConfigs: 'file systems are not mounted here',
  ImageConfig: 'container images are not run here; use PackageType Zip',
} as const;

const LAYER_KEPT = {
  CompatibleArchitectures: 'functions run on the processor of this machine',
  LicenseInfo: 'licences are not stored',
  PublishLambdaVersion: 'functions are brought to the newest version of their layers',
  RetentionPolicy: 'published versions stay',
} as const;

const TABLE_KEPT = {
  SSESpecification: ENCRYPTION,
} as const;

/** Types that are built, with each of their properties. */
export const BUILT_TYPES: Readonly<Record<string, BuiltType>> = {
  ...BUCKET_TYPES,
  ...HTTP_TYPES,
  'AWS::Serverless::Function': {
    builds: 'function',
    properties: [
      'AutoPublishAlias',
      'CodeUri',
      'DeadLetterQueue',
      'Description',
      'Environment',
      'EventInvokeConfig',
      'Events',
      'FunctionName',
      'FunctionUrlConfig',
      'Handler',
      'InlineCode',
      'Layers',
      'MemorySize',
      'PackageType',
      'ReservedConcurrentExecutions',
      'Role',
      'Runtime',
      'Timeout',
    ],
    kept: {
      ...FUNCTION_KEPT,
      AssumeRolePolicyDocument: ACCESS,
      DeploymentPreference: GRADUAL,
      PermissionsBoundary: ACCESS,
      Policies: ACCESS,
      PropagateTags: TAGS,
      RolePath: ACCESS,
      SourceKMSKeyArn: ENCRYPTION,
      Tracing: TRACES,
      AutoPublishAliasAllProperties: 'a version is published whenever code or settings differ',
      AutoPublishCodeSha256: 'a version is published whenever code or settings differ',
      ProvisionedConcurrencyConfig: WARM,
      VersionDescription: 'versions have the description of the function',
    },
    unsupported: {
      ...FUNCTION_UNSUPPORTED,
      CapacityProviderConfig: 'capacity providers are not known here',
      DurableConfig: 'durable functions are not run here',
      FunctionScalingConfig: 'capacity providers are not known here',
      ImageUri: 'container images are not run here; use PackageType Zip',
      MultiTenancy: 'tenants are not kept apart here',
      PublishToLatestPublished: 'capacity providers are not known here',
      TenancyConfig: 'tenants are not kept apart here',
    },
  },
  'AWS::Lambda::Function': {
    builds: 'function',
    properties: [
      'Code',
      'DeadLetterConfig',
      'Description',
      'Environment',
      'FunctionName',
      'Handler',
      'Layers',
      'MemorySize',
      'PackageType',
      'ReservedConcurrentExecutions',
      'Role',
      'Runtime',
      'Timeout',
    ],
    kept: { ...FUNCTION_KEPT, TracingConfig: TRACES },
    unsupported: {
      ...FUNCTION_UNSUPPORTED,
      CapacityProviderConfig: 'capacity providers are not known here',
      DurableConfig: 'durable functions are not run here',
      FunctionScalingConfig: 'capacity providers are not known here',
      PublishToLatestPublished: 'capacity providers are not known here',
      TenancyConfig: 'tenants are not kept apart here',
    },
  },
  'AWS::Serverless::LayerVersion': {
    builds: 'layer',
    properties: ['CompatibleRuntimes', 'ContentUri', 'Description', 'LayerName'],
    kept: LAYER_KEPT,
    unsupported: {},
  },
  'AWS::Lambda::LayerVersion': {
    builds: 'layer',
    properties: ['CompatibleRuntimes', 'Content', 'Description', 'LayerName'],
    kept: LAYER_KEPT,
    unsupported: {},
  },
  'AWS::Lambda::Version': {
    builds: 'version',
    properties: ['Description', 'FunctionName'],
    kept: {
      CodeSha256: 'the code of the template is published',
      ProvisionedConcurrencyConfig: WARM,
      RuntimePolicy: 'functions run on the runtimes installed here',
    },
    unsupported: { FunctionScalingConfig: 'capacity providers are not known here' },
  },
  'AWS::Lambda::Alias': {
    builds: 'alias',
    properties: ['Description', 'FunctionName', 'FunctionVersion', 'Name', 'RoutingConfig'],
    kept: { ProvisionedConcurrencyConfig: WARM },
    unsupported: {},
  },
  'AWS::Lambda::EventInvokeConfig': {
    builds: 'eventInvoke',
    properties: ['DestinationConfig', 'FunctionName', 'MaximumEventAgeInSeconds', 'MaximumRetryAttempts', 'Qualifier'],
    kept: {},
    unsupported: {},
  },
  'AWS::Lambda::EventSourceMapping': {
    builds: 'eventSource',
    properties: ['EventSourceArn', 'FunctionName', ...EVENT_SOURCE_MEMBERS, ...STREAM_MEMBERS],
    kept: { KmsKeyArn: ENCRYPTION, MetricsConfig: 'nothing is measured per event source here', Tags: TAGS },
    unsupported: Object.fromEntries(
      [
        'AmazonManagedKafkaEventSourceConfig',
        'DestinationConfig',
        'DocumentDBEventSourceConfig',
        'LoggingConfig',
        'ParallelizationFactor',
        'ProvisionedPollerConfig',
        'Queues',
        'SelfManagedEventSource',
        'SelfManagedKafkaEventSourceConfig',
        'SourceAccessConfigurations',
        'StartingPositionTimestamp',
        'Topics',
        'TumblingWindowInSeconds',
      ].map((property) => [property, 'the only event sources here are queues of SQS and streams of tables']),
    ),
  },
  'AWS::Serverless::StateMachine': {
    builds: 'stateMachine',
    properties: [
      'AutoPublishAlias',
      'Definition',
      'DefinitionSubstitutions',
      'DefinitionUri',
      'Events',
      'Logging',
      'Name',
      'Role',
      'Tags',
      'Tracing',
      'Type',
      'UseAliasAsEventTarget',
    ],
    kept: {
      AssumeRolePolicyDocument: ACCESS,
      DeploymentPreference: GRADUAL,
      PermissionsBoundary: ACCESS,
      Policies: ACCESS,
      PropagateTags: 'what SAM makes beside a machine has no tags here',
      RolePath: ACCESS,
    },
    unsupported: {},
  },
  'AWS::StepFunctions::StateMachine': {
    builds: 'stateMachine',
    properties: [
      'Definition',
      'DefinitionS3Location',
      'DefinitionString',
      'DefinitionSubstitutions',
      'LoggingConfiguration',
      'RoleArn',
      'StateMachineName',
      'StateMachineType',
      'Tags',
      'TracingConfiguration',
    ],
    kept: { EncryptionConfiguration: ENCRYPTION },
    unsupported: {},
  },
  'AWS::StepFunctions::StateMachineVersion': {
    builds: 'machineVersion',
    properties: ['Description', 'StateMachineArn', 'StateMachineRevisionId'],
    kept: {},
    unsupported: {},
  },
  'AWS::StepFunctions::StateMachineAlias': {
    builds: 'machineAlias',
    properties: ['DeploymentPreference', 'Description', 'Name', 'RoutingConfiguration', 'StateMachineArn'],
    kept: {},
    unsupported: {},
  },
  'AWS::StepFunctions::Activity': {
    builds: 'activity',
    properties: ['Name', 'Tags'],
    kept: { EncryptionConfiguration: ENCRYPTION },
    unsupported: {},
  },
  'AWS::Logs::LogGroup': {
    builds: 'logGroup',
    properties: ['LogGroupName', 'RetentionInDays', 'Tags'],
    kept: {
      BearerTokenAuthenticationEnabled: ACCESS,
      DataProtectionPolicy: ACCESS,
      DeletionProtectionEnabled: 'deploying deletes a group that is no longer in the template, unless it is retained',
      FieldIndexPolicies: 'fields of events are not indexed here',
      KmsKeyId: ENCRYPTION,
      LogGroupClass: STORAGE,
      ResourcePolicyDocument: ACCESS,
    },
    unsupported: {},
  },
  'AWS::DynamoDB::Table': {
    builds: 'table',
    properties: [
      'AttributeDefinitions',
      'BillingMode',
      'DeletionProtectionEnabled',
      'GlobalSecondaryIndexes',
      'KeySchema',
      'LocalSecondaryIndexes',
      'PointInTimeRecoverySpecification',
      'ProvisionedThroughput',
      'StreamSpecification',
      'TableName',
      'Tags',
      'TimeToLiveSpecification',
    ],
    kept: {
      ...TABLE_KEPT,
      ContributorInsightsSpecification: 'nothing is measured per key here',
      OnDemandThroughput: 'requests are not limited here',
      ResourcePolicy: ACCESS,
      TableClass: STORAGE,
      WarmThroughput: 'requests are not limited here',
    },
    unsupported: {
      ImportSourceSpecification: 'tables are not filled from S3 here',
      KinesisStreamSpecification: STREAMS,
    },
  },
  'AWS::Serverless::SimpleTable': {
    builds: 'table',
    properties: ['PointInTimeRecoverySpecification', 'PrimaryKey', 'ProvisionedThroughput', 'TableName', 'Tags'],
    kept: TABLE_KEPT,
    unsupported: {},
  },
  'AWS::SNS::Topic': {
    builds: 'topic',
    properties: ['DisplayName', 'FifoTopic', 'Subscription', 'TopicName'],
    kept: {
      DataProtectionPolicy: ACCESS,
      DeliveryStatusLogging: LOGS,
      FifoThroughputScope: 'requests are not limited here',
      KmsMasterKeyId: ENCRYPTION,
      SignatureVersion: 'messages are not signed here',
      Tags: TAGS,
      TracingConfig: TRACES,
    },
    unsupported: {
      ArchivePolicy: 'messages are not archived here',
      ContentBasedDeduplication: 'there are no FIFO topics here yet',
    },
  },
  'AWS::SNS::Subscription': {
    builds: 'subscription',
    properties: ['Endpoint', 'FilterPolicy', 'FilterPolicyScope', 'Protocol', 'RawMessageDelivery', 'TopicArn'],
    kept: {
      DeliveryPolicy: 'deliveries are repeated by a fixed plan here',
      Region: 'there is one region here',
      SubscriptionRoleArn: ACCESS,
    },
    unsupported: {
      RedrivePolicy: 'failed messages are not forwarded here yet',
      ReplayPolicy: 'messages are not archived here',
    },
  },
  'AWS::SecretsManager::Secret': {
    builds: 'secret',
    properties: ['Description', 'GenerateSecretString', 'Name', 'SecretString'],
    kept: { KmsKeyId: 'values are sealed with a key of the data folder', Tags: TAGS },
    unsupported: { ReplicaRegions: 'secrets are not replicated here', Type: 'secrets of others are not managed here' },
  },
  'AWS::SQS::Queue': {
    builds: 'queue',
    properties: [
      'ContentBasedDeduplication',
      'DelaySeconds',
      'FifoQueue',
      'MaximumMessageSize',
      'MessageRetentionPeriod',
      'QueueName',
      'ReceiveMessageWaitTimeSeconds',
      'RedrivePolicy',
      'VisibilityTimeout',
    ],
    kept: {
      DeduplicationScope: 'requests are not limited here',
      FifoThroughputLimit: 'requests are not limited here',
      KmsDataKeyReusePeriodSeconds: ENCRYPTION,
      KmsMasterKeyId: ENCRYPTION,
      RedriveAllowPolicy: ACCESS,
      SqsManagedSseEnabled: ENCRYPTION,
      Tags: TAGS,
    },
    unsupported: {},
  },
  'AWS::Events::EventBus': {
    builds: 'bus',
    properties: ['Description', 'Name'],
    kept: { KmsKeyIdentifier: ENCRYPTION, LogConfig: LOGS, Policy: ACCESS, Tags: TAGS },
    unsupported: {
      DeadLetterConfig: 'events that cannot be encrypted do not happen here',
      EventSourceName: 'there are no partners’ events here',
    },
  },
  'AWS::Events::Rule': {
    builds: 'rule',
    properties: [
      'Description',
      'EventBusName',
      'EventPattern',
      'Name',
      'RoleArn',
      'ScheduleExpression',
      'State',
      'Targets',
    ],
    kept: { Tags: TAGS },
    unsupported: {},
  },
  'AWS::CloudWatch::Alarm': {
    builds: 'alarm',
    properties: [
      'ActionsEnabled',
      'AlarmActions',
      'AlarmDescription',
      'AlarmName',
      'ComparisonOperator',
      'DatapointsToAlarm',
      'Dimensions',
      'EvaluationPeriods',
      'ExtendedStatistic',
      'InsufficientDataActions',
      'MetricName',
      'Namespace',
      'OKActions',
      'Period',
      'Statistic',
      'Threshold',
      'TreatMissingData',
      'Unit',
    ],
    kept: { Tags: TAGS, EvaluateLowSampleCountPercentile: 'percentiles of few values count as they are' },
    unsupported: {
      Metrics: 'alarms are on one metric, and not on metric math',
      ThresholdMetricId: 'there is no anomaly detection',
      EvaluationCriteria: 'alarms are on one metric',
      EvaluationInterval: 'alarms are on one metric',
    },
  },
  'AWS::Scheduler::Schedule': {
    builds: 'schedule',
    properties: [
      'Description',
      'EndDate',
      'FlexibleTimeWindow',
      'GroupName',
      'Name',
      'ScheduleExpression',
      'ScheduleExpressionTimezone',
      'StartDate',
      'State',
      'Target',
    ],
    kept: { KmsKeyArn: ENCRYPTION },
    unsupported: {},
  },
};
