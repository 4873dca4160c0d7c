import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningServer, startServer } from '../index.js';

let folder: string;
let server: RunningServer;
let client: SecretsManagerClient;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'treadle-secret-port-'));
  const base = { port: 0, host: '127.0.0.1', region: 'us-east-1', account: '000000000000' };
  server = await startServer({ ...base, dataFolder: join(folder, 'data') });
  const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };
  client = new SecretsManagerClient({ endpoint: server.endpoint, region: 'us-east-1', credentials });
});
afterAll(async () => {
  client.destroy();
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

async function deploy(resources: string) {
  const template = join(folder, 'template.yaml');
  const outputs = resources.includes('Login') ? 'Outputs:\n  Login: { Value: !Ref Login }\n' : '';
  await writeFile(template, `Resources:\n${resources}\n${outputs}`);
  return server.deploy({ template, parameters: {}, region: null, allowUnsupported: false, fill: false });
}

const get = async (SecretId: string) => (await client.send(new GetSecretValueCommand({ SecretId }))).SecretString ?? '';
const outcomes = ({ resources }: Awaited<ReturnType<typeof deploy>>) =>
  resources.map(({ logicalId, outcome }) => `${logicalId} ${outcome}`);

const LOGIN = `  Login:
    Type: AWS::SecretsManager::Secret
    Properties:
      Name: shop/login
      GenerateSecretString:
        SecretStringTemplate: '{"username":"shop"}'
        GenerateStringKey: password
        PasswordLength: 20
        ExcludePunctuation: true`;
const fixed = (value: string) => `
  Fixed:
    Type: AWS::SecretsManager::Secret
    Properties: { Name: fixed, SecretString: ${value} }`;

test('a secret of a template is made once, keeps what was generated, takes a new text, and goes with its resource', async () => {
  const made = await deploy(LOGIN + fixed('one-text'));
  expect(made.problems).toEqual([]);
  expect(outcomes(made).sort()).toEqual(['Fixed created', 'Login created']);
  const arn = made.outputs.Login ?? '';
  expect(arn).toMatch(/^arn:aws:secretsmanager:us-east-1:000000000000:secret:shop\/login-[0-9a-f]{6}$/);
  const login = await get(arn);
  expect(JSON.parse(login)).toEqual({ username: 'shop', password: expect.stringMatching(/^[A-Za-z0-9]{20}$/) });
  expect(await get('fixed')).toBe('one-text');
  const again = await deploy(LOGIN + fixed('other-text'));
  expect(outcomes(again).sort()).toEqual(['Fixed updated', 'Login unchanged']);
  expect([await get('shop/login'), await get('fixed')]).toEqual([login, 'other-text']);
  for (const file of ['treadle.db', 'treadle.db-wal']) {
    const bytes = await readFile(join(folder, 'data', file));
    expect([bytes.includes('one-text'), bytes.includes('other-text')]).toEqual([false, false]);
  }
  expect(outcomes(await deploy(LOGIN))).toContain('Fixed deleted');
  await expect(get('fixed')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
});

test.each([
  [
    `  S: { Type: 'AWS::SecretsManager::Secret', Properties: { SecretString: a, GenerateSecretString: {} } }`,
    'there are both',
  ],
  [
    `  S: { Type: 'AWS::SecretsManager::Secret', Properties: { GenerateSecretString: { PasswordLength: 0 } } }`,
    'PasswordLength',
  ],
  [
    `  S: { Type: 'AWS::SecretsManager::Secret', Properties: { GenerateSecretString: { SecretStringTemplate: '[]' } } }`,
    'JSON object',
  ],
])('%s is refused', async (resources, text) => {
  expect((await deploy(resources)).problems.join()).toContain(text);
});
