import { EVENT_SOURCE_MEMBERS, STREAM_MEMBERS } from './event-source-members.js';

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
    | 'bus'
    | 'rule'
    | 'schedule';
  /** Properties with effect. */
  readonly properties: readonly string[];
  /** Right on AWS, without effect here: name → why. */
  readonly kept: Readonly<Record<string, string>>;
  /** Would change what happens, and is not done here: name → why. Refused unless unsupported things are allowed. */
  readonly unsupported: Readonly<Record<string, string>>;
}

/** `{name}` is the physical name; `{partition}`, `{region}`, `{account}`, `{id}` (a steady random-looking id) as they say. */
export interface KeptType {
  readonly why: string;
  /** The property that names it; else `<stack>-<LogicalId>`. */
  readonly nameProperty: string | null;
  /** What `Ref` gives. */
  readonly reference: string;
  /** What `Fn::GetAtt` gives. */
  readonly attributes: Readonly<Record<string, string>>;
}

const TAGS = 'tags are not stored';
const ACCESS = 'access is not restricted here';
const ENCRYPTION = 'data is not encrypted here';
const NETWORK = 'functions run on this machine, without a network of their own';
const LOGS = 'logs are always kept, in one place';
const STORAGE = 'there is one kind of storage here';
const TRACES = 'traces are not written here';
const VERSIONS = 'versions and aliases of machines are not made by templates here yet';
const WARM = 'processes are started when they are needed here';
const GRADUAL = 'a deployment takes effect at once here';
const STREAMS = 'there is no Kinesis here yet';

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

const MACHINE_KEPT = { Tags: TAGS } as const;

const TABLE_KEPT = {
  SSESpecification: ENCRYPTION,
} as const;

/** Types that are built, with each of their properties. */
export const BUILT_TYPES: Readonly<Record<string, BuiltType>> = {
  'AWS::Serverless::Function': {
    builds: 'function',
    properties: [
      'AutoPublishAlias',
      'CodeUri',
      'Description',
      'Environment',
      'Events',
      'FunctionName',
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
      DeadLetterQueue: 'failed events are not forwarded here yet',
      DurableConfig: 'durable functions are not run here',
      EventInvokeConfig: 'asynchronous calls have no destinations here yet',
      FunctionScalingConfig: 'capacity providers are not known here',
      FunctionUrlConfig: 'functions have no addresses of their own here yet',
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
      DeadLetterConfig: 'failed events are not forwarded here yet',
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
    properties: ['Definition', 'DefinitionSubstitutions', 'DefinitionUri', 'Events', 'Name', 'Role', 'Type'],
    kept: {
      ...MACHINE_KEPT,
      AssumeRolePolicyDocument: ACCESS,
      DeploymentPreference: GRADUAL,
      Logging: LOGS,
      PermissionsBoundary: ACCESS,
      Policies: ACCESS,
      PropagateTags: TAGS,
      RolePath: ACCESS,
      Tracing: TRACES,
    },
    unsupported: { AutoPublishAlias: VERSIONS, UseAliasAsEventTarget: VERSIONS },
  },
  'AWS::StepFunctions::StateMachine': {
    builds: 'stateMachine',
    properties: [
      'Definition',
      'DefinitionS3Location',
      'DefinitionString',
      'DefinitionSubstitutions',
      'RoleArn',
      'StateMachineName',
      'StateMachineType',
    ],
    kept: {
      ...MACHINE_KEPT,
      EncryptionConfiguration: ENCRYPTION,
      LoggingConfiguration: LOGS,
      TracingConfiguration: TRACES,
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
  'AWS::S3::Bucket': {
    builds: 'bucket',
    properties: ['BucketName'],
    kept: {
      AbacStatus: ACCESS,
      AccelerateConfiguration: 'there is no distance to shorten here',
      AccessControl: ACCESS,
      AnalyticsConfigurations: 'the use of objects is not analysed here',
      BucketEncryption: ENCRYPTION,
      IntelligentTieringConfigurations: STORAGE,
      LifecycleConfiguration: 'objects do not expire here yet',
      LoggingConfiguration: 'accesses are not logged here',
      MetricsConfigurations: 'nothing is measured per object here',
      OwnershipControls: ACCESS,
      PublicAccessBlockConfiguration: ACCESS,
      Tags: TAGS,
    },
    unsupported: {
      CorsConfiguration: 'pages of other sites may not call Treadle',
      InventoryConfigurations: 'inventories are not written here',
      MetadataConfiguration: 'tables of metadata are not written here',
      MetadataTableConfiguration: 'tables of metadata are not written here',
      NotificationConfiguration: 'buckets send no events here yet',
      ObjectLockConfiguration: 'objects are not locked here',
      ObjectLockEnabled: 'objects are not locked here',
      ReplicationConfiguration: 'objects are not replicated here',
      VersioningConfiguration: 'there are no versions of objects here yet',
      WebsiteConfiguration: 'buckets are no websites here',
    },
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

const kept = (
  why: string,
  nameProperty: string | null,
  reference: string,
  attributes: Readonly<Record<string, string>> = {},
): KeptType => ({ why, nameProperty, reference, attributes });

const iamArn = (path: string): string => `arn:{partition}:iam::{account}:${path}/{name}`;
const regional = (service: string, resource: string): string =>
  `arn:{partition}:${service}:{region}:{account}:${resource}`;
const ALARMS = 'nothing watches metrics here yet';

/** Types that are accepted without effect: nothing that a process does depends on them here. */
export const KEPT_TYPES: Readonly<Record<string, KeptType>> = {
  'AWS::IAM::Role': kept(ACCESS, 'RoleName', '{name}', { Arn: iamArn('role'), RoleId: 'AROA{id}' }),
  'AWS::IAM::Policy': kept(ACCESS, 'PolicyName', '{name}', { Id: '{name}' }),
  'AWS::IAM::RolePolicy': kept(ACCESS, 'PolicyName', '{name}'),
  'AWS::IAM::UserPolicy': kept(ACCESS, 'PolicyName', '{name}'),
  'AWS::IAM::GroupPolicy': kept(ACCESS, 'PolicyName', '{name}'),
  'AWS::IAM::ManagedPolicy': kept(ACCESS, 'ManagedPolicyName', iamArn('policy'), { PolicyArn: iamArn('policy') }),
  'AWS::IAM::User': kept(ACCESS, 'UserName', '{name}', { Arn: iamArn('user') }),
  'AWS::IAM::Group': kept(ACCESS, 'GroupName', '{name}', { Arn: iamArn('group') }),
  'AWS::IAM::InstanceProfile': kept(ACCESS, 'InstanceProfileName', '{name}', { Arn: iamArn('instance-profile') }),
  'AWS::IAM::ServiceLinkedRole': kept(ACCESS, null, '{name}', { RoleName: '{name}' }),
  'AWS::Lambda::Permission': kept(ACCESS, null, '{name}', { Id: '{name}' }),
  'AWS::Lambda::LayerVersionPermission': kept(ACCESS, null, '{name}', { Id: '{name}' }),
  'AWS::Lambda::CodeSigningConfig': kept('signatures are not checked', null, '{name}'),
  'AWS::Serverless::Connector': kept(ACCESS, null, '{name}'),
  'AWS::SNS::TopicPolicy': kept(ACCESS, null, '{name}', { Id: '{name}' }),
  'AWS::SNS::TopicInlinePolicy': kept(ACCESS, null, '{name}'),
  'AWS::SQS::QueuePolicy': kept(ACCESS, null, '{name}', { Id: '{name}' }),
  'AWS::SQS::QueueInlinePolicy': kept(ACCESS, null, '{name}'),
  'AWS::S3::BucketPolicy': kept(ACCESS, null, '{name}'),
  'AWS::Scheduler::ScheduleGroup': kept('a group is made with its first schedule', 'Name', '{name}', {
    Arn: regional('scheduler', 'schedule-group/{name}'),
  }),
  'AWS::Events::EventBusPolicy': kept(ACCESS, null, '{name}'),
  'AWS::KMS::Key': kept(ENCRYPTION, null, '{id}', { Arn: regional('kms', 'key/{id}'), KeyId: '{id}' }),
  'AWS::KMS::ReplicaKey': kept(ENCRYPTION, null, '{id}', { Arn: regional('kms', 'key/{id}'), KeyId: '{id}' }),
  'AWS::KMS::Alias': kept(ENCRYPTION, 'AliasName', '{name}'),
  'AWS::Logs::LogGroup': kept(LOGS, 'LogGroupName', '{name}', { Arn: regional('logs', 'log-group:{name}:*') }),
  'AWS::Logs::LogStream': kept(LOGS, 'LogStreamName', '{name}'),
  'AWS::Logs::MetricFilter': kept(ALARMS, 'FilterName', '{name}'),
  'AWS::Logs::QueryDefinition': kept(LOGS, 'Name', '{id}', { QueryDefinitionId: '{id}' }),
  'AWS::Logs::ResourcePolicy': kept(ACCESS, 'PolicyName', '{name}'),
  'AWS::CloudWatch::Alarm': kept(ALARMS, 'AlarmName', '{name}', { Arn: regional('cloudwatch', 'alarm:{name}') }),
  'AWS::CloudWatch::CompositeAlarm': kept(ALARMS, 'AlarmName', '{name}', {
    Arn: regional('cloudwatch', 'alarm:{name}'),
  }),
  'AWS::CloudWatch::AnomalyDetector': kept(ALARMS, null, '{name}', { Id: '{name}' }),
  'AWS::CloudWatch::Dashboard': kept('the console shows what there is', 'DashboardName', '{name}'),
  'AWS::CloudWatch::InsightRule': kept(ALARMS, 'RuleName', '{name}', { RuleName: '{name}' }),
  'AWS::XRay::Group': kept(TRACES, 'GroupName', '{name}', { GroupARN: regional('xray', 'group/{name}/{id}') }),
  'AWS::XRay::SamplingRule': kept(TRACES, null, '{name}', { RuleARN: regional('xray', 'sampling-rule/{name}') }),
  'AWS::XRay::ResourcePolicy': kept(ACCESS, 'PolicyName', '{name}'),
  'AWS::ApplicationAutoScaling::ScalableTarget': kept('capacity is not limited here', null, '{name}', { Id: '{name}' }),
  'AWS::ApplicationAutoScaling::ScalingPolicy': kept('capacity is not limited here', 'PolicyName', '{name}', {
    Arn: '{name}',
  }),
  'AWS::ApplicationInsights::Application': kept(ALARMS, 'ResourceGroupName', '{name}', {
    ApplicationARN: regional('applicationinsights', 'application/resource-group/{name}'),
  }),
  'AWS::ResourceGroups::Group': kept(TAGS, 'Name', '{name}', { Arn: regional('resource-groups', 'group/{name}') }),
  'AWS::CodeDeploy::Application': kept(GRADUAL, 'ApplicationName', '{name}'),
  'AWS::CodeDeploy::DeploymentConfig': kept(GRADUAL, 'DeploymentConfigName', '{name}'),
  'AWS::CodeDeploy::DeploymentGroup': kept(GRADUAL, 'DeploymentGroupName', '{name}'),
  'AWS::Budgets::Budget': kept('nothing costs money here', null, '{name}'),
  'AWS::EC2::SecurityGroup': kept(NETWORK, 'GroupName', 'sg-{id}', { GroupId: 'sg-{id}', Id: 'sg-{id}' }),
  'AWS::EC2::SecurityGroupEgress': kept(NETWORK, null, 'sgr-{id}', { Id: 'sgr-{id}' }),
  'AWS::EC2::SecurityGroupIngress': kept(NETWORK, null, 'sgr-{id}', { Id: 'sgr-{id}' }),
  'AWS::EC2::Subnet': kept(NETWORK, null, 'subnet-{id}', { SubnetId: 'subnet-{id}', AvailabilityZone: '{region}a' }),
  'AWS::EC2::VPC': kept(NETWORK, null, 'vpc-{id}', { VpcId: 'vpc-{id}', DefaultSecurityGroup: 'sg-{id}' }),
  'Custom::S3AutoDeleteObjects': kept('a bucket is removed only when it is empty', null, '{name}'),
  'AWS::CDK::Metadata': kept('it only tells AWS which constructs are used', null, '{name}'),
  'AWS::CloudFormation::WaitConditionHandle': kept('nothing waits for it here', null, 'https://localhost/{name}'),
};
