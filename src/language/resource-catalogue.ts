import type { Resource } from './definition.js';

/** AWS's integration patterns; `sync:2` is `sync` with the child's output parsed. */
type Pattern = Extract<Resource, { type: 'integration' }>['pattern'];

/**
 * Whether AWS knows what a Task's `Resource` names: a function, an activity, an optimised integration with one of its
 * patterns, or an action of a service that the AWS SDK integrations cover. Whether Treadle can run it is the host's matter.
 */
export function isKnownResource(resource: Resource): boolean {
  if (resource.type !== 'integration') return true;
  if (resource.service.startsWith(SDK_PREFIX)) return isKnownSdkAction(resource);
  const actions = OPTIMISED.get(resource.service);
  const patterns = actions?.get(resource.action) ?? actions?.get('*');
  return patterns?.includes(resource.pattern) ?? false;
}

/**
 * Reads a Task's `Resource`. Null when the text is no ARN of a function, an activity or an integration.
 * Account and region of functions and activities may be placeholders (`your-region`, `{account}`): the host resolves them by name.
 */
export function parseResource(text: string): Resource | null {
  const integration = INTEGRATION.exec(text)?.groups;
  if (integration) {
    const suffix = integration.pattern;
    return {
      type: 'integration',
      arn: text,
      service: integration.service ?? '',
      action: integration.action ?? '',
      pattern: suffix === undefined ? 'requestResponse' : (suffix as Pattern), // the expression lets no other text through
    };
  }
  if (FUNCTION.test(text)) return { type: 'function', arn: text };
  if (ACTIVITY.test(text)) return { type: 'activity', arn: text };
  return null;
}

const SDK_PREFIX = 'aws-sdk:';
const INTEGRATION =
  /^arn:aws[a-z-]*:states:::(?<service>aws-sdk:[^:.]+|[^:.]+):(?<action>[^:.]+)(?:\.(?<pattern>sync|sync:2|waitForTaskToken))?$/;
const FUNCTION = /^arn:aws[a-z-]*:lambda:[^:]+:[^:]+:function:[^:\s]+(?::[^:\s]+)?$/;
const ACTIVITY = /^arn:aws[a-z-]*:states:[^:]+:[^:]+:activity:[^:]+$/;
const ACTION = /^[a-z][A-Za-z0-9]*$/;

function isKnownSdkAction(resource: Extract<Resource, { type: 'integration' }>): boolean {
  if (resource.pattern !== 'requestResponse' && resource.pattern !== 'waitForTaskToken') return false;
  const service = resource.service.slice(SDK_PREFIX.length);
  if (!SDK_SERVICES.has(service) || !ACTION.test(resource.action)) return false;
  return !SDK_UNSUPPORTED.get(service)?.includes(resource.action);
}

const CALL: readonly Pattern[] = ['requestResponse'];
const CALL_OR_TOKEN: readonly Pattern[] = ['requestResponse', 'waitForTaskToken'];
const CALL_OR_JOB: readonly Pattern[] = ['requestResponse', 'sync'];
const CALL_JOB_OR_TOKEN: readonly Pattern[] = ['requestResponse', 'sync', 'waitForTaskToken'];
const EVERY_PATTERN: readonly Pattern[] = ['requestResponse', 'sync', 'sync:2', 'waitForTaskToken'];

type Actions = ReadonlyMap<string, readonly Pattern[]>;

const actions = (patterns: readonly Pattern[], names: string): [string, readonly Pattern[]][] =>
  names.split(' ').map((name) => [name, patterns]);

/** AWS Developer Guide, "Integrating optimized services", one entry per service, with the patterns of each action. */
const OPTIMISED: ReadonlyMap<string, Actions> = new Map<string, Actions>([
  ['apigateway', new Map(actions(CALL_OR_TOKEN, 'invoke'))],
  [
    'athena',
    new Map([
      ...actions(CALL_OR_JOB, 'startQueryExecution'),
      ...actions(CALL, 'stopQueryExecution getQueryExecution getQueryResults'),
    ]),
  ],
  ['batch', new Map(actions(CALL_OR_JOB, 'submitJob'))],
  [
    'bedrock',
    new Map([...actions(CALL_OR_TOKEN, 'invokeModel'), ...actions(CALL_OR_JOB, 'createModelCustomizationJob')]),
  ],
  // Its list of actions is not published in a form we can check, so any action is left to the endpoint.
  ['bedrock-agentcore', new Map(actions(CALL, '*'))],
  [
    'codebuild',
    new Map([
      ...actions(CALL_OR_JOB, 'startBuild startBuildBatch retryBuildBatch'),
      ...actions(CALL, 'stopBuild batchDeleteBuilds batchGetReports stopBuildBatch deleteBuildBatch'),
    ]),
  ],
  ['databrew', new Map(actions(CALL_OR_JOB, 'startJobRun'))],
  ['dynamodb', new Map(actions(CALL, 'getItem putItem updateItem deleteItem'))],
  ['ecs', new Map(actions(CALL_JOB_OR_TOKEN, 'runTask'))],
  [
    'eks',
    new Map([
      ...actions(
        CALL_OR_JOB,
        'createCluster deleteCluster createNodegroup deleteNodegroup createFargateProfile deleteFargateProfile',
      ),
      ...actions(CALL_JOB_OR_TOKEN, 'runJob'),
      ...actions(CALL_OR_TOKEN, 'call'),
    ]),
  ],
  [
    'elasticmapreduce',
    new Map([
      ...actions(CALL_OR_JOB, 'createCluster terminateCluster addStep'),
      ...actions(
        CALL,
        'cancelStep setClusterTerminationProtection modifyInstanceFleetByName modifyInstanceGroupByName',
      ),
    ]),
  ],
  [
    'emr-containers',
    new Map([...actions(CALL_OR_JOB, 'startJobRun deleteVirtualCluster'), ...actions(CALL, 'createVirtualCluster')]),
  ],
  [
    'emr-serverless',
    new Map(
      actions(
        CALL_OR_JOB,
        'createApplication startApplication stopApplication deleteApplication startJobRun cancelJobRun',
      ),
    ),
  ],
  ['events', new Map(actions(CALL_OR_TOKEN, 'putEvents'))],
  ['glue', new Map(actions(CALL_OR_JOB, 'startJobRun'))],
  ['http', new Map(actions(CALL, 'invoke'))],
  ['lambda', new Map(actions(CALL_OR_TOKEN, 'invoke'))],
  ['mediaconvert', new Map(actions(CALL_OR_JOB, 'createJob'))],
  [
    'sagemaker',
    new Map([
      ...actions(
        CALL_OR_JOB,
        'createTrainingJob createTransformJob createHyperParameterTuningJob createLabelingJob createProcessingJob',
      ),
      ...actions(CALL, 'createModel createEndpoint createEndpointConfig updateEndpoint'),
    ]),
  ],
  ['sns', new Map(actions(CALL_OR_TOKEN, 'publish'))],
  ['sqs', new Map(actions(CALL_OR_TOKEN, 'sendMessage'))],
  ['states', new Map(actions(EVERY_PATTERN, 'startExecution'))],
]);

/**
 * The services of `arn:aws:states:::aws-sdk:<service>:<action>`: AWS Developer Guide, "Learning to use AWS service SDK
 * integrations", and those of the 2026 releases. AWS knows over 9,000 actions; which of them exist, the endpoint says.
 */
const SDK_SERVICES: ReadonlySet<string> = new Set(
  `
  accessanalyzer account acm acmpca aiops amp amplify amplifybackend amplifyuibuilder apigateway apigatewayv2 appconfig
  appconfigdata appfabric appflow appintegrations applicationautoscaling applicationcostprofiler applicationdiscovery
  applicationinsights applicationsignals appmesh apprunner appstream appsync apptest arcregionswitch arczonalshift athena
  auditmanager autoscaling autoscalingplans b2bi backup backupgateway backupsearch batch bcmdataexports
  bcmpricingcalculator bedrock bedrockagent bedrockagentcore bedrockagentcorecontrol bedrockagentruntime
  bedrockdataautomation bedrockdataautomationruntime bedrockruntime billing billingconductor braket budgets chatbot chime
  chimesdkidentity chimesdkmediapipelines chimesdkmeetings chimesdkmessaging chimesdkvoice cleanrooms cleanroomsml cloud9
  cloudcontrol clouddirectory cloudformation cloudfront cloudfrontkeyvaluestore cloudhsm cloudhsmv2 cloudsearch cloudtrail
  cloudtraildata cloudwatch cloudwatchlogs codeartifact codebuild codecatalyst codecommit codeconnections codedeploy
  codeguruprofiler codegurureviewer codegurusecurity codepipeline codestarconnections codestarnotifications
  cognitoidentity cognitoidentityprovider cognitosync comprehend comprehendmedical computeoptimizer config connect
  connectcampaigns connectcampaignsv2 connectcases connectcontactlens connectparticipant controlcatalog controltower
  costandusagereport costexplorer costoptimizationhub customerprofiles databasemigration databrew dataexchange
  datapipeline datasync datazone dax deadline detective devicefarm devopsagent devopsguru directconnect directory
  directoryservicedata dlm docdb docdbelastic drs dsql dynamodb dynamodbstreams ebs ec2 ec2instanceconnect ecr ecrpublic
  ecs efs eks eksauth elasticache elasticbeanstalk elasticinference elasticloadbalancing elasticloadbalancingv2
  elasticsearch elastictranscoder emr emrcontainers emrserverless entityresolution eventbridge evidently evs finspace
  finspacedata firehose fis fms forecast forecastquery frauddetector freetier fsx gamelift gameliftstreams geomaps
  geoplaces georoutes glacier glue grafana greengrass greengrassv2 groundstation guardduty health healthlake honeycode iam
  identitystore imagebuilder inspector inspector2 inspectorscan internetmonitor invoicing iot iotanalytics iotdataplane
  iotdeviceadvisor iotevents ioteventsdata iotfleethub iotfleetwise iotjobsdataplane iotsecuretunneling iotsitewise
  iotthingsgraph iottwinmaker iotwireless ivs ivschat ivsrealtime kafka kafkaconnect kendra kendraranking keyspaces
  keyspacesstreams kinesis kinesisanalytics kinesisanalyticsv2 kinesisvideo kinesisvideoarchivedmedia kinesisvideomedia
  kinesisvideosignaling kinesisvideowebrtcstorage kms lakeformation lambda launchwizard lexmodelbuilding lexmodelsv2
  lexruntime lexruntimev2 licensemanager licensemanagerlinuxsubscriptions licensemanagerusersubscriptions lightsail
  location lookoutequipment lookoutmetrics lookoutvision m2 macie2 mailmanager managedblockchain managedblockchainquery
  marketplaceagreement marketplacecatalog marketplacecommerceanalytics marketplacedeployment marketplaceentitlement
  marketplacemetering marketplacereporting mediaconnect mediaconvert medialive mediapackage mediapackagev2 mediapackagevod
  mediastore mediatailor medicalimaging memorydb mgn migrationhub migrationhubconfig migrationhuborchestrator
  migrationhubrefactorspaces migrationhubstrategy mpa mq mturk mwaa mwaaserverless neptune neptunegraph networkfirewall
  networkflowmonitor networkmanager networkmonitor notifications notificationscontacts oam observabilityadmin odb omics
  opensearch opensearchserverless opsworks opsworkscm organizations osis outposts panorama partnercentralselling
  paymentcryptography paymentcryptographydata pcaconnectorad pcaconnectorscep pcs personalize personalizeevents
  personalizeruntime pi pinpoint pinpointemail pinpointsmsvoice pinpointsmsvoicev2 pipes polly pricing privatenetworks
  proton qapps qbusiness qconnect qldb qldbsession quicksight ram rbin rds rdsdata redshift redshiftdata
  redshiftserverless rekognition repostspace resiliencehub resourceexplorer2 resourcegroups resourcegroupstaggingapi
  robomaker rolesanywhere route53 route53domains route53profiles route53recoverycluster route53recoverycontrolconfig
  route53recoveryreadiness route53resolver rum s3 s3control s3outposts s3tables s3vectors sagemaker sagemakera2iruntime
  sagemakeredge sagemakerfeaturestoreruntime sagemakergeospatial sagemakermetrics sagemakerruntime savingsplans scheduler
  schemas secretsmanager securityhub securityir securitylake serverlessapplicationrepository servicecatalog
  servicecatalogappregistry servicediscovery servicequotas ses sesv2 sfn shield signer simspaceweaver sms snowball
  snowdevicemanagement sns socialmessaging sqs ssm ssmcontacts ssmincidents ssmquicksetup ssmsap sso ssoadmin ssooidc
  storagegateway sts supplychain support supportapp swf synthetics taxsettings textract timestreaminfluxdb timestreamquery
  timestreamwrite tnb transcribe transfer translate trustedadvisor verifiedpermissions voiceid vpclattice waf wafregional
  wafv2 wellarchitected wisdom workdocs workmail workmailmessageflow workspaces workspacesinstances workspacesthinclient
  workspacesweb xray
  `
    .trim()
    .split(/\s+/),
);

/** Actions of those services that the same page lists as unsupported (streams, credentials, old forms). */
const SDK_UNSUPPORTED: ReadonlyMap<string, readonly string[]> = new Map([
  ['applicationdiscovery', ['describeExportConfigurations', 'exportConfigurations']],
  [
    'bedrockagentruntime',
    ['invokeAgent', 'invokeFlow', 'invokeInlineAgent', 'optimizePrompt', 'retrieveAndGenerateStream'],
  ],
  ['bedrockruntime', ['invokeModelWithResponseStream', 'converseStream']],
  ['cloudwatchlogs', ['startLiveTail']],
  ['comprehendmedical', ['detectEntities']],
  ['dataexchange', ['sendApiAsset']],
  ['efs', ['createTags']],
  ['elastictranscoder', ['testRole']],
  ['emr', ['describeJobFlows']],
  ['iotdeviceadvisor', ['listTestCases']],
  ['iotsitewise', ['invokeAssistant']],
  ['kinesis', ['subscribeToShard']],
  ['lambda', ['invokeAsync', 'invokeWithResponseStream']],
  ['lexruntimev2', ['startConversation']],
  ['mediapackage', ['rotateChannelCredentials']],
  ['qbusiness', ['chat']],
  ['rdsdata', ['executeSql']],
  ['s3', ['selectObjectContent']],
  ['s3control', ['selectObjectContent']],
  ['sagemakerruntime', ['invokeEndpointWithResponseStream']],
  ['shield', ['deleteSubscription']],
  ['sts', ['assumeRole', 'assumeRoleWithSAML', 'assumeRoleWithWebIdentity']],
]);
