/**
 * The services and actions that this server runs, for what must know it without a server (`treadle validate`, a deploy); a test
 * compares them with the API.
 */
export const LOCAL_ACTIONS: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries({
    sfn: `
      createActivity createStateMachine createStateMachineAlias deleteActivity deleteStateMachine
      deleteStateMachineAlias deleteStateMachineVersion describeActivity describeExecution describeMapRun
      describeStateMachine describeStateMachineAlias describeStateMachineForExecution getActivityTask
      getExecutionHistory listActivities listExecutions listMapRuns listStateMachineAliases
      listStateMachineVersions listStateMachines listTagsForResource publishStateMachineVersion
      redriveExecution sendTaskFailure sendTaskHeartbeat sendTaskSuccess startExecution startSyncExecution
      stopExecution tagResource testState untagResource updateMapRun updateStateMachine
      updateStateMachineAlias validateStateMachineDefinition`,
    apigateway: `getApiKey getApiKeys`,
    dynamodb: `
      batchGetItem batchWriteItem createBackup createTable deleteBackup deleteItem deleteTable describeBackup
      describeContinuousBackups describeEndpoints describeLimits describeTable describeTimeToLive getItem
      listBackups listTables listTagsOfResource putItem query restoreTableFromBackup
      restoreTableToPointInTime scan tagResource transactGetItems transactWriteItems untagResource
      updateContinuousBackups updateItem updateTable updateTimeToLive`,
    dynamodbstreams: `
      describeStream getRecords getShardIterator listStreams`,
    s3: `
      abortMultipartUpload completeMultipartUpload copyObject createBucket createMultipartUpload deleteBucket
      deleteBucketLifecycle deleteBucketPolicy deleteBucketTagging deleteObject deleteObjectTagging deleteObjects
      getBucketLifecycleConfiguration getBucketLocation getBucketNotificationConfiguration getBucketPolicy
      getBucketTagging getBucketVersioning getObject getObjectLegalHold getObjectLockConfiguration
      getObjectRetention getObjectTagging headBucket headObject listBuckets listMultipartUploads
      listObjectVersions listObjects listObjectsV2 listParts putBucketLifecycleConfiguration
      putBucketNotificationConfiguration putBucketPolicy putBucketTagging putBucketVersioning putObject
      putObjectLegalHold putObjectLockConfiguration putObjectRetention putObjectTagging uploadPart
      uploadPartCopy`,
    sqs: `
      changeMessageVisibility changeMessageVisibilityBatch createQueue deleteMessage deleteMessageBatch
      deleteQueue getQueueAttributes getQueueUrl listDeadLetterSourceQueues listQueueTags listQueues
      purgeQueue receiveMessage sendMessage sendMessageBatch setQueueAttributes tagQueue untagQueue`,
    sns: `
      confirmSubscription createTopic deleteTopic getSubscriptionAttributes getTopicAttributes
      listSubscriptions listSubscriptionsByTopic listTopics publish publishBatch setSubscriptionAttributes
      setTopicAttributes subscribe unsubscribe`,
    lambda: `
      addPermission createAlias createEventSourceMapping createFunction createFunctionUrlConfig deleteAlias deleteEventSourceMapping
      deleteFunction deleteFunctionConcurrency deleteFunctionEventInvokeConfig deleteFunctionUrlConfig deleteLayerVersion
      getAccountSettings getAlias getEventSourceMapping getFunction getFunctionConcurrency
      getFunctionConfiguration getFunctionEventInvokeConfig getFunctionUrlConfig getLayerVersion getPolicy invoke listAliases
      listEventSourceMappings listFunctionEventInvokeConfigs listFunctionUrlConfigs listFunctions listLayerVersions listLayers
      listTags listVersionsByFunction publishLayerVersion publishVersion putFunctionConcurrency
      putFunctionEventInvokeConfig removePermission tagResource untagResource updateAlias
      updateEventSourceMapping updateFunctionCode updateFunctionConfiguration updateFunctionEventInvokeConfig
      updateFunctionUrlConfig`,
    cloudwatchlogs: `
      createLogGroup createLogStream deleteLogGroup deleteLogStream deleteRetentionPolicy describeLogGroups
      describeLogStreams filterLogEvents getLogEvents listTagsForResource putLogEvents putRetentionPolicy
      tagResource untagResource`,
    eventbridge: `
      createConnection createEventBus deauthorizeConnection deleteConnection deleteEventBus deleteRule
      describeConnection describeEventBus describeRule disableRule enableRule listConnections listEventBuses
      listRuleNamesByTarget listRules listTagsForResource listTargetsByRule putEvents putRule putTargets
      removeTargets tagResource testEventPattern untagResource updateConnection`,
    scheduler: `
      createSchedule createScheduleGroup deleteSchedule deleteScheduleGroup getSchedule getScheduleGroup
      listScheduleGroups listSchedules updateSchedule`,
    cloudwatch: `
      deleteAlarms deleteDashboards deleteMetricStream describeAlarmHistory describeAlarms
      describeAlarmsForMetric disableAlarmActions enableAlarmActions getDashboard getMetricData
      getMetricStatistics getMetricStream getMetricWidgetImage listDashboards listMetricStreams listMetrics
      listTagsForResource
      putCompositeAlarm putDashboard putMetricAlarm putMetricData putMetricStream setAlarmState
      startMetricStreams stopMetricStreams tagResource untagResource`,
    secretsmanager: `
      createSecret deleteSecret describeSecret getRandomPassword getSecretValue listSecretVersionIds listSecrets
      putSecretValue restoreSecret tagResource untagResource updateSecret updateSecretVersionStage`,
    ses: `
      sendEmail`,
    sesv2: `
      sendEmail`,
    sts: `
      getCallerIdentity`,
  }).map(([service, names]) => [service, new Set(names.trim().toLowerCase().split(/\s+/))]),
);
