import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Keeps texts unreadable for whoever has the store but not the key: AES-256-GCM with a key in a file of the data folder that only its owner
 * may read. The store and its backups are safe to show, the folder as a whole is not.
 */
export class Vault {
  private constructor(private readonly key: Buffer) {}

  /** Makes the key where there is none. Throws where the file holds something else, which is never overwritten. */
  static async open(folder: string): Promise<Vault> {
    const path = join(folder, 'secrets.key');
    const key = (await existing(path)) ?? (await create(path));
    if (key.length === KEY_BYTES) return new Vault(key);
    throw new Error(
      `Expected ${path} to hold a key of ${KEY_BYTES} bytes, but it has ${key.length}. Bring it back from a backup.`,
    );
  }

  /** `about` must be the same when the text is opened: a sealed text that was put in another's place does not open. */
  seal(text: string, about: string): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.key, nonce).setAAD(Buffer.from(about));
    const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64');
  }

  /** Throws where the text was sealed with another key, or changed. */
  unseal(text: string, about: string): string {
    const bytes = Buffer.from(text, 'base64');
    const nonce = bytes.subarray(0, NONCE_BYTES);
    const decipher = createDecipheriv('aes-256-gcm', this.key, nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(about)).setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]).toString('utf8');
  }
}

async function existing(path: string): Promise<Buffer | null> {
  try {
    return await readFile(path);
  } catch (fault) {
    if ((fault as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw fault;
  }
}

/** On the disk before anything is sealed with it. */
async function create(path: string): Promise<Buffer> {
  const key = randomBytes(KEY_BYTES);
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(key);
    await file.sync();
  } finally {
    await file.close();
  }
  const folder = await open(join(path, '..'), 'r');
  await folder.sync().finally(() => folder.close());
  return key;
}
