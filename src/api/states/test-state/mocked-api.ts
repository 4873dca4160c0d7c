import type { Resource } from '../../../language/index.js';
import { type Shape, type StructureShape, sdkMemberName, serviceModel } from '../../../services/models/index.js';
import { optimisedMemberName } from './mock-schema.js';

/** What the API that a Task calls answers with, and how Step Functions writes its members. */
export interface MockedApi {
  readonly output: Shape;
  readonly memberName: (name: string) => string;
}

/**
 * The API whose answer a Task's result is: that of the polled job for `.sync`. Null where nothing is known of the result (functions,
 * activities, task tokens, HTTP, services without a model).
 */
export function mockedApi(resource: Resource): MockedApi | null {
  if (resource.type !== 'integration' || resource.pattern === 'waitForTaskToken') return null;
  const { service, action, pattern } = resource;
  if (service.startsWith(SDK_PREFIX)) {
    const output = serviceModel(service.slice(SDK_PREFIX.length))?.output(action);
    return output ? { output, memberName: sdkMemberName } : null;
  }
  const operation = pattern === 'requestResponse' ? action : POLLED.get(`${service}:${action}`);
  const name = MODELS.get(`${service}:${action}`) ?? MODELS.get(service) ?? service;
  const output = operation === undefined ? undefined : serviceModel(name)?.output(operation);
  if (!output) return null;
  return {
    output: withoutFreeForm(output, FREE_FORM.get(`${service}:${action}.${pattern}`) ?? []),
    memberName: optimisedMemberName,
  };
}

const SDK_PREFIX = 'aws-sdk:';

/** Optimised integrations whose service has another name among the models. */
const MODELS: ReadonlyMap<string, string> = new Map([
  ['states', 'sfn'],
  ['bedrock:invokeModel', 'bedrockruntime'],
  ['events', 'eventbridge'],
  ['elasticmapreduce', 'emr'],
  ['emr-containers', 'emrcontainers'],
  ['emr-serverless', 'emrserverless'],
  ['bedrock-agentcore', 'bedrockagentcore'],
]);

/** The API that a `.sync` integration polls: its answer is the Task's result. */
const POLLED: ReadonlyMap<string, string> = new Map([
  ['athena:startQueryExecution', 'GetQueryExecution'],
  ['batch:submitJob', 'DescribeJobs'],
  ['bedrock:createModelCustomizationJob', 'GetModelCustomizationJob'],
  ['codebuild:startBuild', 'BatchGetBuilds'],
  ['codebuild:startBuildBatch', 'BatchGetBuildBatches'],
  ['codebuild:retryBuildBatch', 'BatchGetBuildBatches'],
  ['databrew:startJobRun', 'DescribeJobRun'],
  ['ecs:runTask', 'DescribeTasks'],
  ['eks:createCluster', 'DescribeCluster'],
  ['eks:deleteCluster', 'DescribeCluster'],
  ['eks:createNodegroup', 'DescribeNodegroup'],
  ['eks:deleteNodegroup', 'DescribeNodegroup'],
  ['eks:createFargateProfile', 'DescribeFargateProfile'],
  ['eks:deleteFargateProfile', 'DescribeFargateProfile'],
  ['elasticmapreduce:createCluster', 'DescribeCluster'],
  ['elasticmapreduce:terminateCluster', 'DescribeCluster'],
  ['elasticmapreduce:addStep', 'DescribeStep'],
  ['emr-containers:startJobRun', 'DescribeJobRun'],
  ['emr-containers:deleteVirtualCluster', 'DescribeVirtualCluster'],
  ['emr-serverless:createApplication', 'GetApplication'],
  ['emr-serverless:startApplication', 'GetApplication'],
  ['emr-serverless:stopApplication', 'GetApplication'],
  ['emr-serverless:deleteApplication', 'GetApplication'],
  ['emr-serverless:startJobRun', 'GetJobRun'],
  ['emr-serverless:cancelJobRun', 'GetJobRun'],
  ['glue:startJobRun', 'GetJobRun'],
  ['mediaconvert:createJob', 'GetJob'],
  ['sagemaker:createTrainingJob', 'DescribeTrainingJob'],
  ['sagemaker:createTransformJob', 'DescribeTransformJob'],
  ['sagemaker:createHyperParameterTuningJob', 'DescribeHyperParameterTuningJob'],
  ['sagemaker:createLabelingJob', 'DescribeLabelingJob'],
  ['sagemaker:createProcessingJob', 'DescribeProcessingJob'],
  ['states:startExecution', 'DescribeExecution'],
]);

/** Members that Step Functions gives as JSON where the API has a blob or a text. */
const FREE_FORM: ReadonlyMap<string, readonly string[]> = new Map([
  ['lambda:invoke.requestResponse', ['Payload']],
  ['bedrock:invokeModel.requestResponse', ['body']],
  ['states:startExecution.sync:2', ['input', 'output']],
]);

function withoutFreeForm(shape: Shape, names: readonly string[]): Shape {
  if (shape.type !== 'structure' || names.length === 0) return shape;
  const members = new Map([...shape.members].filter(([name]) => !names.includes(name)));
  return { ...shape, members } satisfies StructureShape;
}
