import { describe, expect, test } from 'vitest';
import { parseJson, writeJson } from '../../payload/index.js';
import { serviceModel } from '../../services/models/index.js';
import { decodeAnswer } from './decode-answer.js';
import { encodeRequest } from './encode-request.js';
import { sdkV2Failure } from './failure.js';
import { readParameters } from './parameters.js';

function known(service: string, action: string) {
  const model = serviceModel(service);
  const operation = model?.operation(action);
  if (model == null || operation == null) throw new Error(`Expected a model of ${service}:${action}`);
  return { model, operation };
}

function requestOf(service: string, action: string, parameters: object) {
  const { model, operation } = known(service, action);
  const { input, faults } = readParameters(operation.input, parseJson(JSON.stringify(parameters)));
  expect(faults).toEqual([]);
  const { method, path, query, body, headers } = encodeRequest(model, operation, input);
  const search = query.map((pair) => pair.join('=')).join('&');
  return { line: `${method} ${path}${search === '' ? '' : `?${search}`}`, headers, body: body.toString('utf8') };
}

describe('requests', () => {
  test.each([
    [
      'json',
      'sfn',
      'startExecution',
      { StateMachineArn: 'a', Input: { b: [1] } },
      'POST /',
      '{"stateMachineArn":"a","input":"{\\"b\\":[1]}"}',
    ],
    [
      'json with times, blobs and digits',
      'dynamodb',
      'restoreTableToPointInTime',
      { TargetTableName: 't', RestoreDateTime: '2026-01-02T03:04:05.250Z' },
      'POST /',
      '{"TargetTableName":"t","RestoreDateTime":1767323045.25}',
    ],
    [
      'json of attribute values in both spellings',
      'dynamodb',
      'putItem',
      {
        TableName: 't',
        Item: { a: { Nul: true }, b: { NULL: true }, c: { Ss: ['x'] }, d: { B: 'x' }, e: { Bool: true } },
      },
      'POST /',
      '{"TableName":"t","Item":{"a":{"NULL":true},"b":{"NULL":true},"c":{"SS":["x"]},"d":{"B":"eA=="},"e":{"BOOL":true}}}',
    ],
    [
      'query',
      'sns',
      'publish',
      { TopicArn: 'a b', MessageAttributes: { c: { DataType: 'String', StringValue: '&' } } },
      'POST /',
      'Action=Publish&Version=2010-03-31&TopicArn=a%20b&MessageAttributes.entry.1.Name=c&MessageAttributes.entry.1.Value.DataType=String&MessageAttributes.entry.1.Value.StringValue=%26',
    ],
    [
      'query with lists',
      'sns',
      'untagResource',
      { ResourceArn: 'a', TagKeys: ['b', 'c'] },
      'POST /',
      'Action=UntagResource&Version=2010-03-31&ResourceArn=a&TagKeys.member.1=b&TagKeys.member.2=c',
    ],
    [
      'ec2',
      'ec2',
      'describeInstances',
      { InstanceIds: ['i-1'], MaxResults: 5 },
      'POST /',
      'Action=DescribeInstances&Version=2016-11-15&InstanceId.1=i-1&MaxResults=5',
    ],
    [
      'rest-json, one member is the body',
      'lambda',
      'invoke',
      { FunctionName: 'a:b', Qualifier: 'c', Payload: { d: 1 } },
      'POST /2015-03-31/functions/a%3Ab/invocations?Qualifier=c',
      '{"d":1}',
    ],
    [
      'rest-json',
      'lambda',
      'tagResource',
      { Resource: 'a', Tags: { b: 'c' } },
      'POST /2017-03-31/tags/a',
      '{"Tags":{"b":"c"}}',
    ],
    ['rest-xml', 's3', 'listObjectsV2', { Bucket: 'b', MaxKeys: 2 }, 'GET /b?list-type=2&max-keys=2', ''],
    ['rest-xml, an object', 's3', 'putObject', { Bucket: 'b', Key: 'x/y z', Body: 'text' }, 'PUT /b/x/y%20z', '"text"'],
    [
      'rest-xml with a document',
      's3',
      'deleteObjects',
      { Bucket: 'b', Delete: { Objects: [{ Key: '<' }, { Key: 'c' }], Quiet: true } },
      'POST /b?delete=',
      '<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Object><Key>&lt;</Key></Object><Object><Key>c</Key></Object><Quiet>true</Quiet></Delete>',
    ],
  ])('%s', (_, service, action, parameters, line, body) => {
    expect(requestOf(service, action, parameters)).toMatchObject({ line, body });
  });

  test('headers carry metadata, times, the target, and a checksum', () => {
    const at = '2026-01-02T03:04:05Z';
    const put = requestOf('s3', 'putObject', {
      Bucket: 'b',
      Key: 'k',
      Body: 'text data',
      Metadata: { A: 'b' },
      ObjectLockRetainUntilDate: at,
    });
    expect(put.headers).toMatchObject({
      'content-type': 'text/plain; charset=UTF-8',
      'x-amz-meta-a': 'b',
      'x-amz-checksum-crc32': 'KUmHvQ==',
      'x-amz-object-lock-retain-until-date': at,
    });
    expect(requestOf('dynamodb', 'listTables', {}).headers['x-amz-target']).toBe('DynamoDB_20120810.ListTables');
  });

  test('a time in a header has the form of mail', () => {
    const copy = { Bucket: 'b', Key: 'k', CopySource: 'b/c', CopySourceIfModifiedSince: '2026-01-02T03:04:05Z' };
    const { headers } = requestOf('s3', 'copyObject', copy);
    expect(headers['x-amz-copy-source-if-modified-since']).toBe('Fri, 02 Jan 2026 03:04:05 GMT');
  });

  test('what the address needs must be there', () => {
    const { model, operation } = known('s3', 'getObject');
    expect(() => encodeRequest(model, operation, new Map([['Bucket', 'b']]))).toThrow(
      "Parameter 'Key' must not be null",
    );
  });
});

test.each([
  ['s3', 'getObject', { Bucket: 'b', Colour: 1 }, ['The field "Colour" is not supported by Step Functions']],
  ['sqs', 'sendMessage', { MessageBody: 5 }, ["The value for the field 'MessageBody' must be a STRING, but it is 5"]],
  ['sqs', 'sendMessage', { DelaySeconds: 1.5 }, ["The value for the field 'DelaySeconds' must be an INTEGER"]],
  ['sqs', 'sendMessage', { MessageAttributes: [] }, ["The value for the field 'MessageAttributes' must be an OBJECT"]],
  ['sqs', 'untagQueue', { TagKeys: 'a' }, ["The value for the field 'TagKeys' must be an ARRAY"]],
  ['sqs', 'sendMessage', { DelaySeconds: null }, []],
  ['lambda', 'createFunction', { Publish: 'maybe' }, ["The value for the field 'Publish' must be a BOOLEAN"]],
  [
    's3',
    'putObject',
    { ObjectLockRetainUntilDate: 'soon' },
    ["The value for the field 'ObjectLockRetainUntilDate' must be a TIMESTAMP of ISO 8601"],
  ],
])('%s:%s does not take %j', (service, action, parameters, faults) => {
  const { operation } = known(service, action);
  expect(readParameters(operation.input, parseJson(JSON.stringify(parameters))).faults).toEqual(faults);
});

const answer = (
  body: string,
  { status = 200, headers = {} }: { status?: number; headers?: Record<string, string> } = {},
) => ({
  status,
  headers,
  body: Buffer.from(body),
});

describe('answers', () => {
  test.each([
    [
      'json',
      'sfn',
      'startExecution',
      answer('{"executionArn":"a","startDate":1767323045.25}'),
      { ExecutionArn: 'a', StartDate: '2026-01-02T03:04:05.250Z' },
    ],
    [
      'json of attribute values',
      'dynamodb',
      'getItem',
      answer('{"Item":{"a":{"NULL":true},"b":{"BOOL":false},"c":{"N":"1"},"d":{"B":"eA=="}}}'),
      { Item: { a: { Nul: true }, b: { Bool: false }, c: { N: '1' }, d: { B: 'x' } } },
    ],
    [
      'rest-json with a status',
      'lambda',
      'invoke',
      answer('{"a": 1}', { headers: { 'x-amz-executed-version': '$LATEST' } }),
      { Payload: '{"a": 1}', ExecutedVersion: '$LATEST', StatusCode: 200 },
    ],
    [
      'rest-xml, an object',
      's3',
      'getObject',
      answer('text', {
        headers: {
          'content-length': '4',
          etag: '"e"',
          'last-modified': 'Fri, 02 Jan 2026 03:04:05 GMT',
          'x-amz-meta-a': 'b',
        },
      }),
      { Body: 'text', ContentLength: 4, ETag: '"e"', LastModified: '2026-01-02T03:04:05Z', Metadata: { a: 'b' } },
    ],
    [
      'rest-xml, lists of one and of none',
      's3',
      'listObjectsV2',
      answer(
        '<ListBucketResult><KeyCount>1</KeyCount><IsTruncated>false</IsTruncated><Contents><Key>a&amp;b</Key></Contents></ListBucketResult>',
      ),
      { KeyCount: 1, IsTruncated: false, Contents: [{ Key: 'a&b' }] },
    ],
    [
      'query with a map and a list',
      'sns',
      'getTopicAttributes',
      answer(
        '<R><GetTopicAttributesResult><Attributes><entry><key>a</key><value>b</value></entry></Attributes></GetTopicAttributesResult></R>',
      ),
      { Attributes: { a: 'b' } },
    ],
    ['nothing', 'sqs', 'deleteMessage', answer(''), {}],
  ])('%s', (_, service, action, given, expected) => {
    const { model, operation } = known(service, action);
    expect(JSON.parse(writeJson(decodeAnswer(model, operation, given)))).toEqual(expected);
  });

  test('content that is no text is shown in base64', () => {
    const { model, operation } = known('s3', 'getObject');
    const body = Buffer.from([0xff, 0xfe]);
    expect(decodeAnswer(model, operation, { status: 200, headers: {}, body })).toMatchObject({ Body: '//4=' });
  });
});

test.each([
  [
    'dynamodb',
    'putItem',
    '{"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException","message":"no"}',
    400,
    'DynamoDb.ResourceNotFoundException',
    'no (Service: DynamoDb, Status Code: 400, Request ID: r)',
  ],
  [
    'dynamodb',
    'putItem',
    '{"__type":"x#ValidationException","message":"no"}',
    400,
    'DynamoDb.DynamoDbException',
    'no (Service: DynamoDb, Status Code: 400, Request ID: r)',
  ],
  [
    'sfn',
    'startExecution',
    '{"__type":"ExecutionAlreadyExists","message":"no"}',
    400,
    'Sfn.ExecutionAlreadyExistsException',
    'no (Service: Sfn, Status Code: 400, Request ID: r)',
  ],
  [
    'sqs',
    'sendMessage',
    '{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"no"}',
    400,
    'Sqs.QueueDoesNotExistException',
    'no (Service: Sqs, Status Code: 400, Request ID: r)',
  ],
  [
    'sns',
    'publish',
    '<ErrorResponse><Error><Code>NotFound</Code><Message>no</Message></Error><RequestId>r</RequestId></ErrorResponse>',
    404,
    'Sns.NotFoundException',
    'no (Service: Sns, Status Code: 404, Request ID: r)',
  ],
  [
    's3',
    'getObject',
    '<Error><Code>NoSuchKey</Code><Message>no</Message><HostId>h</HostId></Error>',
    404,
    'S3.NoSuchKeyException',
    'no (Service: S3, Status Code: 404, Request ID: r, Extended Request ID: h)',
  ],
  ['s3', 'headBucket', '', 404, 'S3.NoSuchBucketException', 'null (Service: S3, Status Code: 404, Request ID: r)'],
  [
    'ec2',
    'describeInstances',
    '<Response><Errors><Error><Code>Odd</Code><Message>no</Message></Error></Errors></Response>',
    400,
    'Ec2.Ec2Exception',
    'no (Service: Ec2, Status Code: 400, Request ID: r)',
  ],
])('%s:%s fails with %s', (service, action, body, status, error, cause) => {
  const { model, operation } = known(service, action);
  const given = answer(body, { status, headers: { 'x-amzn-requestid': 'r' } });
  expect(sdkV2Failure(model, operation, given)).toEqual({ type: 'failed', error, cause });
});
