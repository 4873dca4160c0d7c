import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Vault } from './vault.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'treadle-vault-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('what was sealed opens with the same key only, unchanged, and in its own place', async () => {
  const vault = await Vault.open(folder);
  const sealed = vault.seal('geheim ä', 'here');
  expect((await Vault.open(folder)).unseal(sealed, 'here')).toBe('geheim ä');
  expect(vault.seal('geheim ä', 'here')).not.toBe(sealed);
  expect(() => vault.unseal(sealed, 'there')).toThrow();
  const changed = Buffer.from(sealed, 'base64');
  changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
  expect(() => vault.unseal(changed.toString('base64'), 'here')).toThrow();
});

test('a key that is none is never overwritten', async () => {
  await writeFile(join(folder, 'secrets.key'), 'too short');
  await expect(Vault.open(folder)).rejects.toThrow('Expected');
});
