import { ACCESS, ENCRYPTION, GRADUAL, LOGS, NETWORK, TAGS, TRACES } from './kept-reasons.js';

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

const kept = (
  why: string,
  nameProperty: string | null,
  reference: string,
  attributes: Readonly<Record<string, string>> = {},
): KeptType => ({ why, nameProperty, reference, attributes });

const iamArn = (path: string): string => `arn:{partition}:iam::{account}:${path}/{name}`;
const regional = (service: string, resource: string): string =>
  `arn:{partition}:${service}:{region}:{account}:${resource}`;
const ALARMS = 'alarms here are on one metric each';

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
  'AWS::ApiGateway::Account': kept('accesses are not logged here', null, '{name}'),
  'AWS::ApiGatewayV2::Deployment': kept(GRADUAL, null, '{id}', { DeploymentId: '{id}' }),
  'AWS::Lambda::Permission': kept(ACCESS, null, '{name}', { Id: '{name}' }),
  'AWS::Lambda::LayerVersionPermission': kept(ACCESS, null, '{name}', { Id: '{name}' }),
  'AWS::Lambda::CodeSigningConfig': kept('signatures are not checked', null, '{name}'),
  'AWS::Serverless::Connector': kept(ACCESS, null, '{name}'),
  'AWS::SNS::TopicPolicy': kept(ACCESS, null, '{name}', { Id: '{name}' }),
  'AWS::SNS::TopicInlinePolicy': kept(ACCESS, null, '{name}'),
  'AWS::SQS::QueuePolicy': kept(ACCESS, null, '{name}', { Id: '{name}' }),
  'AWS::SQS::QueueInlinePolicy': kept(ACCESS, null, '{name}'),
  'AWS::Scheduler::ScheduleGroup': kept('a group is made with its first schedule', 'Name', '{name}', {
    Arn: regional('scheduler', 'schedule-group/{name}'),
  }),
  'AWS::Events::EventBusPolicy': kept(ACCESS, null, '{name}'),
  'AWS::KMS::Key': kept(ENCRYPTION, null, '{id}', { Arn: regional('kms', 'key/{id}'), KeyId: '{id}' }),
  'AWS::KMS::ReplicaKey': kept(ENCRYPTION, null, '{id}', { Arn: regional('kms', 'key/{id}'), KeyId: '{id}' }),
  'AWS::KMS::Alias': kept(ENCRYPTION, 'AliasName', '{name}'),
  'AWS::Logs::LogStream': kept(LOGS, 'LogStreamName', '{name}'),
  'AWS::Logs::MetricFilter': kept(ALARMS, 'FilterName', '{name}'),
  'AWS::Logs::QueryDefinition': kept(LOGS, 'Name', '{id}', { QueryDefinitionId: '{id}' }),
  'AWS::Logs::ResourcePolicy': kept(ACCESS, 'PolicyName', '{name}'),
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
