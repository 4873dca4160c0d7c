import { describe, expect, test } from 'vitest';
import { sdkMemberName, serviceModel } from './index.js';

const shapeOf = (service: string, operation: string, ...path: readonly string[]) =>
  path.reduce(
    (shape, name) => (shape?.type === 'structure' ? shape.members.get(name) : undefined),
    serviceModel(service)?.output(operation) ?? undefined,
  );

describe('serviceModel', () => {
  test.each([
    ['lambda', 'GetFunction', ['Configuration', 'MemorySize'], { type: 'number', min: 128, max: 10240, oneOf: null }],
    ['kms', 'encrypt', ['CiphertextBlob'], { type: 'blob', min: 1, max: 6144, oneOf: null }],
    ['sfn', 'describeExecution', ['startDate'], { type: 'timestamp', min: null, max: null, oneOf: null }],
    [
      'dynamodb',
      'putItem',
      ['ConsumedCapacity', 'CapacityUnits'],
      { type: 'number', min: null, max: null, oneOf: null },
    ],
    ['secretsmanager', 'getSecretValue', ['VersionStages'], { type: 'list', min: 1, max: 20 }],
    ['rds', 'describeDBInstances', ['Marker'], { type: 'string', min: null, max: null, oneOf: null }],
  ])('%s %s %j', (service, operation, path, expected) => {
    expect(shapeOf(service, operation, ...path)).toMatchObject(expected);
  });

  test('a structure says what is required', () => {
    expect(serviceModel('sfn')?.output('StartExecution')).toMatchObject({ required: ['executionArn', 'startDate'] });
  });

  test('a shape may hold itself', () => {
    const item = shapeOf('dynamodb', 'getItem', 'Item');
    const value = item?.type === 'map' ? item.value : undefined;
    const list = value?.type === 'structure' ? value.members.get('L') : undefined;
    expect(list?.type === 'list' && list.item).toBe(value);
  });

  test('nothing is null, an unknown operation undefined, an unknown service null', () => {
    expect(serviceModel('sqs')?.output('deleteMessage')).toBeNull();
    expect(serviceModel('sqs')?.output('nonsense')).toBeUndefined();
    expect(serviceModel('nonsense')).toBeNull();
  });

  test('more services than are kept in memory', () => {
    const names = 'acm sns sqs kms s3 ec2 ecs eks efs fms fsx iam iot ivs mgn oam odb omics osis pca'.split(' ');
    for (const name of names) serviceModel(name);
    expect(serviceModel('acm')?.serviceId).toBe('ACM');
  });
});

test.each([
  ['executionArn', 'ExecutionArn'],
  ['DBInstances', 'DbInstances'],
  ['ARN', 'Arn'],
  ['VPCSecurityGroupIds', 'VpcSecurityGroupIds'],
  ['EC2InstanceId', 'Ec2InstanceId'],
  ['MD5OfMessageBody', 'Md5OfMessageBody'],
  ['SS', 'Ss'],
  ['x-amz-meta', 'XAmzMeta'],
])('the SDK integrations call %s %s', (name, expected) => {
  expect(sdkMemberName(name)).toBe(expected);
});
