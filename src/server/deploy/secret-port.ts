import { randomUUID } from 'node:crypto';
import type { Place } from '../../arn.js';
import { noSuchSecret, SecretsFault } from '../../services/secretsmanager/fault.js';
import { randomPassword } from '../../services/secretsmanager/password.js';
import type { Secret } from '../../services/secretsmanager/secret.js';
import type { Secrets } from '../../services/secretsmanager/secrets.js';
import type { SecretSettings, SettingsPort } from '../../templates/index.js';

/** A value that was generated once stays, as on AWS; one that stands in the template is put when it is another one. */
export function secretPort(secrets: Secrets, place: Place): SettingsPort<SecretSettings> {
  const find = (id: string): Promise<Secret | null> =>
    secrets.find(place, id).catch((fault: unknown) => {
      if (fault instanceof SecretsFault && fault.code === noSuchSecret().code) return null;
      throw fault;
    });
  const isValueSame = async (secret: Secret, { value }: SecretSettings): Promise<boolean> => {
    if (value === null || secret.versions.length === 0) return value === null;
    const { value: current } = await secrets.get(place, secret.arn, {});
    return 'string' in current && current.string === value;
  };
  const changes = async (secret: Secret, desired: SecretSettings): Promise<readonly string[]> => [
    ...(secret.deletedAt === null ? [] : ['restored']),
    ...((secret.description ?? '') === (desired.description ?? '') ? [] : ['description']),
    ...(secret.deletedAt !== null || (await isValueSame(secret, desired)) ? [] : ['value']),
  ];
  return {
    async compare(desired) {
      const secret = await find(desired.name);
      return secret === null ? null : changes(secret, desired);
    },
    async put(desired) {
      const { name, arn, description, value } = desired;
      const existing = await find(name);
      if (existing === null) {
        const first = value ?? generated(desired);
        const version = first === null ? null : { id: randomUUID(), value: { string: first } };
        await secrets.create(place, name, { arn, description, tags: [], version });
        return;
      }
      const secret = existing.deletedAt === null ? existing : await secrets.restore(place, name);
      const isSame = await isValueSame(secret, desired);
      const version = isSame || value === null ? null : { id: randomUUID(), value: { string: value } };
      await secrets.update(place, name, { description: description ?? '', version });
    },
    async remove(arn) {
      if ((await find(arn)) !== null) await secrets.remove(place, arn, 0);
    },
  };
}

function generated({ generation }: SecretSettings): string | null {
  if (generation === null) return null;
  const password = randomPassword(generation.rules);
  if (generation.template === null || generation.key === null) return password;
  return JSON.stringify({ ...(JSON.parse(generation.template) as object), [generation.key]: password }); // was checked to be an object
}
