import { describe, expect, test } from 'vitest';
import { sdkClassName, sdkMemberName, serviceModel } from './index.js';

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
  ['ChecksumCRC32', 'ChecksumCRC32'],
  ['ETag', 'ETag'],
])('the SDK integrations call %s %s', (name, expected) => {
  expect(sdkMemberName(name)).toBe(expected);
});

test.each([
  ['DynamoDB', 'DynamoDb'],
  ['SFN', 'Sfn'],
  ['S3', 'S3'],
  ['Secrets Manager', 'SecretsManager'],
  ['SESv2', 'SesV2'],
  ['CloudWatch Logs', 'CloudWatchLogs'],
])('the service %s is %s there', (name, expected) => {
  expect(sdkClassName(name)).toBe(expected);
});

describe('how an operation travels', () => {
  test('by its place in a REST service', () => {
    const operation = serviceModel('lambda')?.operation('getFunction');
    expect(operation).toMatchObject({
      name: 'GetFunction',
      method: 'GET',
      uri: '/2015-03-31/functions/{FunctionName}',
    });
    expect(operation?.input?.wires.get('Qualifier')).toMatchObject({ location: 'query', name: null });
  });

  test('by its name in others, and what its errors are called', () => {
    const model = serviceModel('dynamodb');
    expect(model).toMatchObject({ protocol: 'json', jsonVersion: '1.0', targetPrefix: 'DynamoDB_20120810' });
    expect(model?.exceptions.get('ConditionalCheckFailedException')).toBe('ConditionalCheckFailedException');
    expect(serviceModel('sns')).toMatchObject({ protocol: 'query', apiVersion: '2010-03-31' });
    expect(serviceModel('sns')?.exceptions.get('NotFound')).toBe('NotFoundException');
  });

  test('services of rpc-v2-cbor are spoken to in an older protocol', () => {
    expect(serviceModel('cloudwatch')?.protocol).toBe('json');
  });
});
