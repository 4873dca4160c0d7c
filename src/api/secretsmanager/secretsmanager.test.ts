import { statSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetRandomPasswordCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  ListSecretVersionIdsCommand,
  PutSecretValueCommand,
  RestoreSecretCommand,
  SecretsManagerClient,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateSecretCommand,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningServer, startServer } from '../../server/index.js';
import { SkippingClock } from '../../testing/skipping-clock.js';

const PLAIN = 'correct horse battery staple';
const clock = new SkippingClock();
let folder: string;
let server: RunningServer;
let client: SecretsManagerClient;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'treadle-secrets-'));
  await open();
});
afterAll(async () => {
  client.destroy();
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

async function open(): Promise<void> {
  const base = { port: 0, host: '127.0.0.1', region: 'us-east-1', account: '000000000000' };
  server = await startServer({ ...base, dataFolder: folder, clock });
  const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };
  client = new SecretsManagerClient({ endpoint: server.endpoint, region: 'us-east-1', credentials });
}

const get = (SecretId: string, more: object = {}) => client.send(new GetSecretValueCommand({ SecretId, ...more }));
const NOT_FOUND = { name: 'ResourceNotFoundException', message: "Secrets Manager can't find the specified secret." };

test('a value is kept over a restart, found by name and ARN, and stands nowhere in the data folder', async () => {
  const created = await client.send(
    new CreateSecretCommand({ Name: 'shop/db', SecretString: PLAIN, Description: 'd' }),
  );
  expect(created).toMatchObject({
    ARN: expect.stringMatching(/^arn:aws:secretsmanager:us-east-1:000000000000:secret:shop\/db-[A-Za-z0-9]{6}$/),
    Name: 'shop/db',
    VersionId: expect.stringMatching(/^[0-9a-f-]{36}$/),
  });
  client.destroy();
  await server.close();
  expect(statSync(join(folder, 'secrets.key')).mode & 0o777).toBe(0o600);
  for (const file of ['treadle.db', 'treadle.db-wal']) {
    const bytes = await readFile(join(folder, file)).catch(() => Buffer.alloc(0));
    expect(bytes.includes(PLAIN)).toBe(false);
  }
  await open();
  const arn = created.ARN ?? '';
  for (const id of ['shop/db', arn, arn.slice(0, -7)]) {
    expect(await get(id)).toMatchObject({
      SecretString: PLAIN,
      VersionStages: ['AWSCURRENT'],
      VersionId: created.VersionId,
    });
  }
  await expect(get(`${arn.slice(0, -6)}aaaaaa`)).rejects.toMatchObject(NOT_FOUND);
  await expect(get('shop/other')).rejects.toMatchObject(NOT_FOUND);
});

test('versions: the labels move, a token is one version, and a label may be one’s own', async () => {
  const SecretId = 'versions';
  const first = await client.send(new CreateSecretCommand({ Name: SecretId, SecretString: '1' }));
  const put = (SecretString: string, more: object = {}) =>
    client.send(new PutSecretValueCommand({ SecretId, SecretString, ...more }));
  const token = 't'.repeat(32);
  const second = await put('2', { ClientRequestToken: token });
  expect(second).toMatchObject({ VersionId: token, VersionStages: ['AWSCURRENT'] });
  expect(await put('2', { ClientRequestToken: token })).toMatchObject({ VersionStages: ['AWSCURRENT'] });
  await expect(put('3', { ClientRequestToken: token })).rejects.toMatchObject({ name: 'ResourceExistsException' });
  const third = await put('3', { VersionStages: ['next'] });
  expect((await get(SecretId)).SecretString).toBe('2');
  expect((await get(SecretId, { VersionStage: 'AWSPREVIOUS' })).SecretString).toBe('1');
  expect((await get(SecretId, { VersionStage: 'next' })).SecretString).toBe('3');
  await client.send(
    new UpdateSecretVersionStageCommand({
      ...{ SecretId, VersionStage: 'AWSCURRENT' },
      ...{ MoveToVersionId: third.VersionId, RemoveFromVersionId: token },
    }),
  );
  const { VersionIdsToStages } = await client.send(new DescribeSecretCommand({ SecretId }));
  expect(VersionIdsToStages).toEqual({ [token]: ['AWSPREVIOUS'], [third.VersionId ?? '']: ['next', 'AWSCURRENT'] });
  const { Versions = [] } = await client.send(new ListSecretVersionIdsCommand({ SecretId, IncludeDeprecated: true }));
  expect(Versions.map(({ VersionId }) => VersionId)).toEqual([first.VersionId, token, third.VersionId]);
  await client.send(new UpdateSecretCommand({ SecretId, SecretBinary: Buffer.from([0, 255]), Description: 'new' }));
  expect([...((await get(SecretId)).SecretBinary ?? [])]).toEqual([0, 255]);
  await expect(get(SecretId, { VersionStage: 'gone' })).rejects.toMatchObject({
    message: "Secrets Manager can't find the specified secret value for staging label: gone",
  });
});

test('of a hundred versions those without a label go first', async () => {
  const SecretId = 'many';
  await client.send(new CreateSecretCommand({ Name: SecretId, SecretString: '0' }));
  for (let number = 1; number <= 101; number++) {
    await client.send(new PutSecretValueCommand({ SecretId, SecretString: String(number) }));
  }
  const { Versions = [] } = await client.send(new ListSecretVersionIdsCommand({ SecretId, IncludeDeprecated: true }));
  expect(Versions).toHaveLength(100);
  expect((await get(SecretId, { VersionStage: 'AWSPREVIOUS' })).SecretString).toBe('100');
});

test('a deleted secret can be restored for some days, and is gone then', async () => {
  const SecretId = 'deleted';
  await client.send(new CreateSecretCommand({ Name: SecretId, SecretString: PLAIN }));
  await client.send(new DeleteSecretCommand({ SecretId, RecoveryWindowInDays: 7 }));
  const marked = { name: 'InvalidRequestException', message: expect.stringContaining('marked for deletion') };
  await expect(get(SecretId)).rejects.toMatchObject(marked);
  const create = () => client.send(new CreateSecretCommand({ Name: SecretId, SecretString: 'other' }));
  await expect(create()).rejects.toMatchObject({ message: expect.stringContaining('already scheduled for deletion') });
  await client.send(new RestoreSecretCommand({ SecretId }));
  expect((await get(SecretId)).SecretString).toBe(PLAIN);
  await client.send(new DeleteSecretCommand({ SecretId, RecoveryWindowInDays: 7 }));
  clock.skip(7 * 86_400_000);
  await expect(client.send(new RestoreSecretCommand({ SecretId }))).rejects.toMatchObject(NOT_FOUND);
  await create();
  await client.send(new DeleteSecretCommand({ SecretId, ForceDeleteWithoutRecovery: true }));
  await expect(get(SecretId)).rejects.toMatchObject(NOT_FOUND);
  for (const days of [6, 31]) {
    const sent = client.send(new DeleteSecretCommand({ SecretId: 'shop/db', RecoveryWindowInDays: days }));
    await expect(sent).rejects.toMatchObject({ name: 'InvalidParameterException' });
  }
});

test('lists by name in pages, with filters and tags', async () => {
  await client.send(new CreateSecretCommand({ Name: 'a/1', Tags: [{ Key: 'team', Value: 'blue' }] }));
  await client.send(new CreateSecretCommand({ Name: 'a/2' }));
  await client.send(new TagResourceCommand({ SecretId: 'a/2', Tags: [{ Key: 'team', Value: 'red' }] }));
  await client.send(new UntagResourceCommand({ SecretId: 'a/1', TagKeys: ['team'] }));
  const page = await client.send(new ListSecretsCommand({ MaxResults: 1 }));
  expect(page.SecretList?.map(({ Name }) => Name)).toEqual(['a/1']);
  const next = await client.send(new ListSecretsCommand({ MaxResults: 1, NextToken: page.NextToken }));
  expect(next.SecretList?.map(({ Name, Tags }) => [Name, Tags])).toEqual([['a/2', [{ Key: 'team', Value: 'red' }]]]);
  const names = async (Key: 'name' | 'tag-value', Values: string[]) =>
    (await client.send(new ListSecretsCommand({ Filters: [{ Key, Values }] }))).SecretList?.map(({ Name }) => Name);
  expect(await names('name', ['a/'])).toEqual(['a/1', 'a/2']);
  expect(await names('tag-value', ['red'])).toEqual(['a/2']);
  expect(await names('name', ['!a/'])).not.toContain('a/1');
  await expect(get('a/1')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
});

test('makes passwords', async () => {
  const make = async (input: object) => (await client.send(new GetRandomPasswordCommand(input))).RandomPassword ?? '';
  expect(await make({})).toMatch(/^(?=.*[a-z])(?=.*[A-Z])(?=.*\d).{32}$/);
  const digits = { ExcludeLowercase: true, ExcludeUppercase: true, ExcludePunctuation: true, ExcludeCharacters: '012' };
  expect(await make({ PasswordLength: 8, ...digits })).toMatch(/^[3-9]{8}$/);
  await expect(make({ PasswordLength: 1 })).rejects.toMatchObject({ name: 'InvalidParameterException' });
});

test.each([
  [{ Name: 'Invalid Name', SecretString: 'x' }, 'ValidationException', 'Invalid name. Must be a valid name containing'],
  [{ Name: 'both', SecretString: 'x', SecretBinary: Buffer.from('x') }, 'InvalidParameterException', 'both a binary'],
  [{ Name: 'large', SecretString: 'x'.repeat(65_537) }, 'ValidationException', '65536'],
  [{ Name: 'key', KmsKeyId: 'k' }, 'ValidationException', 'KmsKeyId'],
  [{ Name: 'shop/db', SecretString: 'other' }, 'ResourceExistsException', 'the secret shop/db already exists'],
])('%o is refused', async (input, name, text) => {
  const sent = client.send(new CreateSecretCommand(input));
  await expect(sent).rejects.toMatchObject({ name, message: expect.stringContaining(text) });
});
