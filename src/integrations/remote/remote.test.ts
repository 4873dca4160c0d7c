import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parsePayload } from '../../payload/index.js';
import { signed } from '../../services/aws-signature.js';
import { defaultCredentials } from './credentials.js';
import { namedTarget, parseRemoteRule, restTarget } from './rules.js';

describe('signatures are those of the test suite that AWS published for Signature Version 4', () => {
  const credentials = {
    accessKeyId: 'AKIDEXAMPLE',
    secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
    sessionToken: null,
  };
  const scope = { region: 'us-east-1', service: 'service', at: Date.UTC(2015, 7, 30, 12, 36) };
  test.each([
    ['get-vanilla', 'GET', [], '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'],
    [
      'get-vanilla-query-order-key-case',
      'GET',
      [
        ['Param2', 'value2'],
        ['Param1', 'value1'],
      ],
      'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
    ],
    ['post-vanilla', 'POST', [], '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b'],
  ] as const)('%s', (_, method, query, signature) => {
    const request = { method, path: '/', query, headers: { host: 'example.amazonaws.com' }, body: Buffer.alloc(0) };
    expect(signed(request, credentials, scope)).toEqual({
      host: 'example.amazonaws.com',
      'x-amz-date': '20150830T123600Z',
      authorization: `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature=${signature}`,
    });
  });

  test('S3 has the hash of the body as a header, and a session its token', () => {
    const request = { method: 'PUT', path: '/b/k', query: [], headers: { host: 's3' }, body: Buffer.from('x') };
    const headers = signed(request, { ...credentials, sessionToken: 't' }, { ...scope, service: 's3' });
    expect(headers).toMatchObject({
      'x-amz-content-sha256': '2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881',
      'x-amz-security-token': 't',
    });
    expect(headers.authorization).toContain('SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-security-token');
  });
});

describe('settings', () => {
  test.each([
    [
      's3=http://minio:9000',
      { scope: { type: 'service', service: 's3' }, target: { type: 'url', url: 'http://minio:9000' } },
    ],
    ['function/charge=aws', { scope: { type: 'function', name: 'charge' }, target: { type: 'aws' } }],
    [
      'state/orders/Pay/now=aws',
      { scope: { type: 'state', machine: 'orders', state: 'Pay/now' }, target: { type: 'aws' } },
    ],
    ['*=aws', { scope: { type: 'rest' }, target: { type: 'aws' } }],
  ])('%s', (text, rule) => {
    expect(parseRemoteRule(text)).toEqual(rule);
  });

  test.each([
    ['s3', "Expected '<what>=<where>'"],
    ['s4=aws', 'Expected a service of the AWS SDK integrations'],
    ['state/orders=aws', 'Expected a service of the AWS SDK integrations'],
    ['s3=azure', "Expected 'aws' or the URL of an endpoint"],
  ])('%s is none', (text, fault) => {
    expect(() => parseRemoteRule(text)).toThrow(fault);
  });

  const call = (change: object) => ({
    key: 'k',
    executionArn: '',
    stateMachineArn: 'arn:aws:states:us-east-1:000000000000:stateMachine:orders',
    stateName: 'Pay',
    region: 'us-east-1',
    account: '000000000000',
    resourceType: 'lambda',
    resource: 'invoke',
    parameters: parsePayload('{"FunctionName":"arn:aws:lambda:us-east-1:000000000000:function:charge:live"}'),
    ...change,
  });

  test.each([
    [['lambda=http://service', 'function/charge=http://function', 'state/orders/Pay=http://state'], {}, 'http://state'],
    [['lambda=http://service', 'function/charge=http://function', 'state/orders/Ship=aws'], {}, 'http://function'],
    [['lambda=http://service', 'function/other=aws'], {}, 'http://service'],
    [
      ['function/charge=http://function'],
      { resourceType: 'function', resource: 'arn:aws:lambda:r:0:function:charge' },
      'http://function',
    ],
    [['function/charge=aws', '*=aws'], { resourceType: 'sns', resource: 'publish' }, null],
  ])('%j', (texts, change, url) => {
    const found = namedTarget(texts.map(parseRemoteRule), call(change), 'lambda');
    expect(found === null ? null : found.type === 'url' && found.url).toBe(url);
  });

  test('what is not run here may go elsewhere as a whole', () => {
    expect(restTarget([parseRemoteRule('s3=aws')])).toBeNull();
    expect(restTarget([parseRemoteRule('*=aws')])).toEqual({ type: 'aws' });
  });
});

describe('credentials', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'treadle-credentials-'));
    await writeFile(
      join(folder, 'credentials'),
      '[default]\naws_access_key_id = a\naws_secret_access_key = b\n[shop]\naws_access_key_id=c\naws_secret_access_key=d=\naws_session_token=e\n',
    );
    await writeFile(
      join(folder, 'config'),
      '[profile other]\nregion = x\naws_access_key_id = f\naws_secret_access_key = g\n',
    );
  });
  afterEach(() => rm(folder, { recursive: true }));

  const files = () => ({
    AWS_SHARED_CREDENTIALS_FILE: join(folder, 'credentials'),
    AWS_CONFIG_FILE: join(folder, 'config'),
  });

  test.each([
    [{ AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'y', AWS_PROFILE: 'shop' }, ['x', 'y', null]],
    [{}, ['a', 'b', null]],
    [{ AWS_PROFILE: 'shop' }, ['c', 'd=', 'e']],
    [{ AWS_PROFILE: 'other' }, ['f', 'g', null]],
  ])('of %j', async (environment, [accessKeyId, secretAccessKey, sessionToken]) => {
    const found = await defaultCredentials({ ...files(), ...environment })();
    expect(found).toEqual({ accessKeyId, secretAccessKey, sessionToken });
  });
});
