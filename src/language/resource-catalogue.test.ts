import { describe, expect, it } from 'vitest';
import { isKnownResource, parseResource } from './resource-catalogue.js';

const read = (arn: string): string => {
  const resource = parseResource(arn);
  if (resource === null) return 'no resource';
  const known = isKnownResource(resource) ? '' : ', unknown';
  if (resource.type !== 'integration') return `${resource.type}${known}`;
  return `${resource.service} ${resource.action} ${resource.pattern}${known}`;
};

describe('what AWS knows', () => {
  // biome-ignore format: one line a case
  it.each([
    ['arn:aws:lambda:us-east-1:000000000000:function:f', 'function'],
    ['arn:aws:lambda:us-east-1:000000000000:function:f:$LATEST', 'function'],
    ['arn:aws:lambda:{region}:{account}:function:f', 'function'],
    ['arn:aws-cn:lambda:cn-north-1:000000000000:function:f', 'function'],
    ['arn:aws:lambda:us-east-1:000000000000:function:', 'no resource'],
    ['arn:aws:states:us-east-1:000000000000:activity:a', 'activity'],
    ['arn:aws:states:us-east-1:000000000000:stateMachine:m', 'no resource'],
    ['arn:aws:states:::lambda:invoke', 'lambda invoke requestResponse'],
    ['arn:aws:states:::lambda:invoke.waitForTaskToken', 'lambda invoke waitForTaskToken'],
    ['arn:aws:states:::lambda:invoke.sync', 'lambda invoke sync, unknown'],
    ['arn:aws:states:::lambda:invoke.later', 'no resource'],
    ['arn:aws:states:::lambda:listFunctions', 'lambda listFunctions requestResponse, unknown'],
    ['arn:aws:states:::dynamodb:putItem', 'dynamodb putItem requestResponse'],
    ['arn:aws:states:::dynamodb:putItem.waitForTaskToken', 'dynamodb putItem waitForTaskToken, unknown'],
    ['arn:aws:states:::states:startExecution.sync:2', 'states startExecution sync:2'],
    ['arn:aws:states:::glue:startJobRun.sync:2', 'glue startJobRun sync:2, unknown'],
    ['arn:aws:states:::ecs:runTask.sync', 'ecs runTask sync'],
    ['arn:aws:states:::emr-serverless:startJobRun.sync', 'emr-serverless startJobRun sync'],
    ['arn:aws:states:::bedrock-agentcore:anyAction', 'bedrock-agentcore anyAction requestResponse'],
    ['arn:aws:states:::http:invoke', 'http invoke requestResponse'],
    ['arn:aws:states:::s3:getObject', 's3 getObject requestResponse, unknown'],
    ['arn:aws:states:::aws-sdk:s3:getObject', 'aws-sdk:s3 getObject requestResponse'],
    ['arn:aws:states:::aws-sdk:sfn:startExecution.waitForTaskToken', 'aws-sdk:sfn startExecution waitForTaskToken'],
    ['arn:aws:states:::aws-sdk:sfn:startExecution.sync', 'aws-sdk:sfn startExecution sync, unknown'],
    ['arn:aws:states:::aws-sdk:s3:GetObject', 'aws-sdk:s3 GetObject requestResponse, unknown'],
    ['arn:aws:states:::aws-sdk:sts:assumeRole', 'aws-sdk:sts assumeRole requestResponse, unknown'],
    ['arn:aws:states:::aws-sdk:apigatewaymanagementapi:postToConnection', 'aws-sdk:apigatewaymanagementapi postToConnection requestResponse, unknown'],
  ])('%s', (arn, expected) => {
    expect(read(arn)).toBe(expected);
  });
});
