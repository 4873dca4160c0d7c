import type { Secret, SecretVersion } from '../../services/secretsmanager/secret.js';

export const tagsOf = (given: readonly { readonly Key: string; readonly Value: string }[]): Secret['tags'] =>
  given.map(({ Key, Value }) => [Key, Value]);

/** As DescribeSecret and ListSecrets show it; what is empty is left out. */
export const described = (secret: Secret): object => ({
  ARN: secret.arn,
  Name: secret.name,
  ...(secret.description !== null && { Description: secret.description }),
  LastChangedDate: secret.changedAt / 1000,
  ...(secret.deletedAt !== null && { DeletedDate: secret.deletedAt / 1000 }),
  ...(secret.tags.length > 0 && { Tags: secret.tags.map(([Key, Value]) => ({ Key, Value })) }),
  CreatedDate: secret.createdAt / 1000,
});

/** Labels by version, without the versions that have none. */
export const shownVersions = ({ versions }: Secret): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(versions.filter(({ stages }) => stages.length > 0).map(({ id, stages }) => [id, stages]));

export function versionIn({ arn, versions }: Secret, id: string): SecretVersion {
  const found = versions.find((version) => version.id === id);
  if (found === undefined) throw new Error(`Broken invariant: ${arn} has no version ${id}`);
  return found;
}
