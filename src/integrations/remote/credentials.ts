import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { AwsCredentials } from '../../services/aws-signature.js';

/** Gives credentials at each call; what ends is renewed by whoever gives it. Rejects when there are none. */
export type CredentialSource = () => Promise<AwsCredentials>;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * AWS's default chain: keys in the environment, keys of $AWS_PROFILE in the shared files, and then, where the package
 * `@aws-sdk/credential-provider-node` is installed, everything else it knows (single sign-on, roles, containers, instances).
 */
export function defaultCredentials(environment: Environment): CredentialSource {
  let rest: CredentialSource | null = null;
  return async () => {
    const found = fromEnvironment(environment) ?? (await fromFiles(environment));
    if (found !== null) return found;
    rest ??= await sdkChain();
    return rest();
  };
}

function fromEnvironment(environment: Environment): AwsCredentials | null {
  const {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: token,
  } = environment;
  return accessKeyId && secretAccessKey ? { accessKeyId, secretAccessKey, sessionToken: token || null } : null;
}

async function fromFiles(environment: Environment): Promise<AwsCredentials | null> {
  const profile = environment.AWS_PROFILE || 'default';
  const folder = join(homedir(), '.aws');
  const shared = await section(environment.AWS_SHARED_CREDENTIALS_FILE ?? join(folder, 'credentials'), [profile]);
  const config = await section(environment.AWS_CONFIG_FILE ?? join(folder, 'config'), [`profile ${profile}`, profile]);
  for (const keys of [shared, config]) {
    const [accessKeyId, secretAccessKey] = [keys.get('aws_access_key_id'), keys.get('aws_secret_access_key')];
    if (accessKeyId && secretAccessKey) {
      return { accessKeyId, secretAccessKey, sessionToken: keys.get('aws_session_token') ?? null };
    }
  }
  return null;
}

/** The keys of the first of these sections; none where the file cannot be read. */
async function section(path: string, names: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const keys = new Map<string, string>();
  const text = await readFile(path, 'utf8').catch(() => '');
  let isWanted = false;
  for (const line of text.split(/\r?\n/)) {
    const head = /^\s*\[\s*(.+?)\s*\]/.exec(line);
    if (head !== null) isWanted = names.includes(head[1] ?? '') && keys.size === 0;
    const pair = /^\s*([a-z_]+)\s*=\s*(\S+)\s*$/.exec(line);
    if (isWanted && pair !== null) keys.set(pair[1] ?? '', pair[2] ?? '');
  }
  return keys;
}

/** The names of a package that need not be there; TypeScript is not to look for it. */
const CHAIN: string = '@aws-sdk/credential-provider-node';

async function sdkChain(): Promise<CredentialSource> {
  let provide: () => Promise<Record<string, unknown>>;
  try {
    const chain = (await import(CHAIN)) as { defaultProvider(): typeof provide }; // its documented face
    provide = chain.defaultProvider();
  } catch {
    throw new Error(
      'Unable to load credentials: neither AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY nor a profile with keys was found. ' +
        `For other kinds of credentials, install ${CHAIN} beside Treadle.`,
    );
  }
  return async () => {
    const { accessKeyId, secretAccessKey, sessionToken } = await provide();
    return {
      accessKeyId: String(accessKeyId),
      secretAccessKey: String(secretAccessKey),
      sessionToken: typeof sessionToken === 'string' ? sessionToken : null,
    };
  };
}
