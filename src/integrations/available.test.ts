import { describe, expect, it } from 'vitest';
import { parseDefinition } from '../language/index.js';
import { isRun, RUN_RESOURCES } from './available.js';
import { type IntegrationPorts, integrations } from './integrations.js';

const warningsOf = (resource: string): readonly string[] => {
  const text = JSON.stringify({ StartAt: 'A', States: { A: { Type: 'Task', Resource: resource, End: true } } });
  const { definition, diagnostics } = parseDefinition(text, { type: 'STANDARD', isRun });
  expect(definition).not.toBeNull();
  return diagnostics.map(({ severity, code, location }) => `${severity} ${code} ${location}`);
};

describe('the resources that are run here', () => {
  it('are the integrations, no more and no less', () => {
    const ports = {
      functions: {},
      events: {},
      tables: {},
      topics: {},
      queues: {},
      buses: {},
      connections: {},
      activities: {},
      executions: {},
      clock: {},
    } as unknown as IntegrationPorts; // never called
    expect([...integrations(ports).keys()].sort()).toEqual([...RUN_RESOURCES].sort());
  });

  it.each([
    ['arn:aws:lambda:us-east-1:000000000000:function:f', []],
    ['arn:aws:states:::dynamodb:putItem', []],
    ['arn:aws:states:::sns:publish.waitForTaskToken', []],
    ['arn:aws:states:::states:startExecution.sync:2', []],
    ['arn:aws:states:::batch:submitJob.sync', ['WARNING RESOURCE_NOT_RUN /States/A/Resource']],
    ['arn:aws:states:::sqs:sendMessage.waitForTaskToken', []],
    ['arn:aws:states:::http:invoke', []],
    ['arn:aws:states:::aws-sdk:dynamodb:query', []],
    ['arn:aws:states:::aws-sdk:s3:putObject.waitForTaskToken', []],
    ['arn:aws:states:::aws-sdk:s3:getBucketWebsite', ['WARNING RESOURCE_NOT_RUN /States/A/Resource']],
    ['arn:aws:states:::aws-sdk:kms:encrypt', ['WARNING RESOURCE_NOT_RUN /States/A/Resource']],
    ['arn:aws:states:us-east-1:000000000000:activity:a', []],
  ])('%s', (resource, warnings) => {
    expect(warningsOf(resource)).toEqual(warnings);
  });
});
