import type { BuiltType } from './resource-types.js';

const TAGS = 'tags are not stored';
const LOGS = 'accesses are not logged here';
const LIMITS = 'requests are not counted or limited here';
const NAMES = 'there is one name here, localhost';
const DOCUMENTS = 'APIs are not read from OpenAPI documents here yet; write Events of functions, or routes';
const NETWORK = 'everything runs on this machine, without a network of its own';
const ACCESS = 'roles have no effect here';

/** Types of the HTTP front door. */
export const HTTP_TYPES: Readonly<Record<string, BuiltType>> = {
  'AWS::Serverless::HttpApi': {
    builds: 'front',
    properties: ['Auth', 'CorsConfiguration', 'Name', 'StageName', 'StageVariables'],
    kept: {
      AccessLogSettings: LOGS,
      DefaultRouteSettings: LIMITS,
      Description: 'descriptions are not stored',
      DisableExecuteApiEndpoint: NAMES,
      FailOnWarnings: 'nothing is imported here',
      PropagateTags: TAGS,
      RouteSettings: LIMITS,
      Tags: TAGS,
    },
    unsupported: { DefinitionBody: DOCUMENTS, DefinitionUri: DOCUMENTS, Domain: NAMES },
  },
  'AWS::Serverless::Api': {
    builds: 'front',
    properties: ['Auth', 'Cors', 'Name', 'StageName', 'Variables'],
    kept: {
      AccessLogSetting: LOGS,
      AlwaysDeploy: 'a deployment takes effect at once here',
      ApiKeySourceType: 'keys are read from the header here',
      CacheClusterEnabled: 'answers are not cached here',
      CacheClusterSize: 'answers are not cached here',
      CanarySetting: 'a deployment takes effect at once here',
      Description: 'descriptions are not stored',
      DisableExecuteApiEndpoint: NAMES,
      EndpointConfiguration: NETWORK,
      FailOnWarnings: 'nothing is imported here',
      MergeDefinitions: DOCUMENTS,
      MethodSettings: LIMITS,
      MinimumCompressionSize: 'answers are not compressed here',
      OpenApiVersion: DOCUMENTS,
      PropagateTags: TAGS,
      SecurityPolicy: NAMES,
      Tags: TAGS,
      TracingEnabled: 'traces are not written here',
    },
    unsupported: {
      BinaryMediaTypes: 'bodies of REST APIs are text here',
      DefinitionBody: DOCUMENTS,
      DefinitionUri: DOCUMENTS,
      Domain: NAMES,
      GatewayResponses: 'the gateway’s own answers are AWS’s here',
      Mode: DOCUMENTS,
      Models: 'bodies are not checked against models here',
    },
  },
  'AWS::ApiGatewayV2::Api': {
    builds: 'front',
    properties: ['CorsConfiguration', 'Name', 'ProtocolType', 'RouteKey', 'Target'],
    kept: {
      ApiKeySelectionExpression: 'it is WebSocket’s',
      CredentialsArn: ACCESS,
      Description: 'descriptions are not stored',
      DisableExecuteApiEndpoint: NAMES,
      DisableSchemaValidation: 'bodies are not checked against models here',
      IpAddressType: NETWORK,
      RouteSelectionExpression: 'it is the method and the path for HTTP APIs',
      Tags: TAGS,
      Version: 'descriptions are not stored',
    },
    unsupported: { BasePath: DOCUMENTS, Body: DOCUMENTS, BodyS3Location: DOCUMENTS, FailOnWarnings: DOCUMENTS },
  },
  'AWS::ApiGatewayV2::Integration': {
    builds: 'front',
    properties: [
      'ApiId',
      'IntegrationSubtype',
      'IntegrationType',
      'IntegrationUri',
      'PayloadFormatVersion',
      'RequestParameters',
      'TimeoutInMillis',
    ],
    kept: {
      CredentialsArn: ACCESS,
      Description: 'descriptions are not stored',
      IntegrationMethod: 'functions know one',
    },
    unsupported: {
      ConnectionId: NETWORK,
      ConnectionType: NETWORK,
      ContentHandlingStrategy: 'it is WebSocket’s',
      PassthroughBehavior: 'it is WebSocket’s',
      RequestTemplates: 'it is WebSocket’s',
      ResponseParameters: 'answers are not mapped here yet',
      TemplateSelectionExpression: 'it is WebSocket’s',
      TlsConfig: NETWORK,
    },
  },
  'AWS::ApiGatewayV2::Route': {
    builds: 'front',
    properties: ['ApiId', 'AuthorizationScopes', 'AuthorizationType', 'AuthorizerId', 'RouteKey', 'Target'],
    kept: { OperationName: 'descriptions are not stored' },
    unsupported: Object.fromEntries(
      [
        'ApiKeyRequired',
        'ModelSelectionExpression',
        'RequestModels',
        'RequestParameters',
        'RouteResponseSelectionExpression',
      ].map((name) => [name, 'it is WebSocket’s']),
    ),
  },
  'AWS::ApiGatewayV2::Stage': {
    builds: 'front',
    properties: ['ApiId', 'StageName', 'StageVariables'],
    kept: {
      AccessLogSettings: LOGS,
      AutoDeploy: 'a deployment takes effect at once here',
      DefaultRouteSettings: LIMITS,
      DeploymentId: 'a deployment takes effect at once here',
      Description: 'descriptions are not stored',
      RouteSettings: LIMITS,
      Tags: TAGS,
    },
    unsupported: { AccessPolicyId: NETWORK, ClientCertificateId: NETWORK },
  },
  'AWS::ApiGatewayV2::Authorizer': {
    builds: 'front',
    properties: [
      'ApiId',
      'AuthorizerPayloadFormatVersion',
      'AuthorizerType',
      'AuthorizerUri',
      'EnableSimpleResponses',
      'IdentitySource',
      'JwtConfiguration',
      'Name',
    ],
    kept: {
      AuthorizerCredentialsArn: ACCESS,
      AuthorizerResultTtlInSeconds: 'the function is asked each time here',
      IdentityValidationExpression: 'it is WebSocket’s',
    },
    unsupported: {},
  },
  'AWS::ApiGateway::ApiKey': {
    builds: 'front',
    properties: ['Enabled', 'Name', 'StageKeys', 'Value'],
    kept: {
      CustomerId: 'there is no marketplace here',
      Description: 'descriptions are not stored',
      GenerateDistinctId: 'a key’s id is never its value here',
      Tags: TAGS,
    },
    unsupported: {},
  },
  'AWS::ApiGateway::UsagePlan': {
    builds: 'front',
    properties: ['ApiStages'],
    kept: {
      Description: 'descriptions are not stored',
      Quota: LIMITS,
      Tags: TAGS,
      Throttle: LIMITS,
      UsagePlanName: 'descriptions are not stored',
    },
    unsupported: {},
  },
  'AWS::ApiGateway::UsagePlanKey': {
    builds: 'front',
    properties: ['KeyId', 'KeyType', 'UsagePlanId'],
    kept: {},
    unsupported: {},
  },
  'AWS::Lambda::Url': {
    builds: 'front',
    properties: ['AuthType', 'Cors', 'InvokeMode', 'Qualifier', 'TargetFunctionArn'],
    kept: {},
    unsupported: {},
  },
};
