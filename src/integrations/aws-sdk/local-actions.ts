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
      deleteObject deleteObjects getBucketLocation getObject headBucket headObject listBuckets
      listMultipartUploads listObjects listObjectsV2 listParts putObject uploadPart uploadPartCopy`,
    sqs: `
      changeMessageVisibility changeMessageVisibilityBatch createQueue deleteMessage deleteMessageBatch
      deleteQueue getQueueAttributes getQueueUrl listDeadLetterSourceQueues listQueueTags listQueues
      purgeQueue receiveMessage sendMessage sendMessageBatch setQueueAttributes tagQueue untagQueue`,
    sns: `
      confirmSubscription createTopic deleteTopic getSubscriptionAttributes getTopicAttributes
      listSubscriptions listSubscriptionsByTopic listTopics publish publishBatch setSubscriptionAttributes
      setTopicAttributes subscribe unsubscribe`,
    lambda: `
      addPermission createAlias createEventSourceMapping createFunction deleteAlias deleteEventSourceMapping
      deleteFunction deleteFunctionConcurrency deleteFunctionEventInvokeConfig deleteLayerVersion
      getAccountSettings getAlias getEventSourceMapping getFunction getFunctionConcurrency
      getFunctionConfiguration getFunctionEventInvokeConfig getLayerVersion getPolicy invoke listAliases
      listEventSourceMappings listFunctionEventInvokeConfigs listFunctions listLayerVersions listLayers
      listTags listVersionsByFunction publishLayerVersion publishVersion putFunctionConcurrency
      putFunctionEventInvokeConfig removePermission tagResource untagResource updateAlias
      updateEventSourceMapping updateFunctionCode updateFunctionConfiguration updateFunctionEventInvokeConfig`,
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
      putCompositeAlarm putDashboard putMetricAlarm putMetricData putMetricStream setAlarmState
      startMetricStreams stopMetricStreams`,
    ses: `
      sendEmail`,
    sesv2: `
      sendEmail`,
    sts: `
      getCallerIdentity`,
  }).map(([service, names]) => [service, new Set(names.trim().toLowerCase().split(/\s+/))]),
);
