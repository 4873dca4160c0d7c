/** The labels that Secrets Manager moves by itself. */
export const CURRENT = 'AWSCURRENT';
export const PREVIOUS = 'AWSPREVIOUS';

export interface SecretVersion {
  readonly id: string;
  readonly stages: readonly string[];
  /** Epoch milliseconds. */
  readonly createdAt: number;
}

/** All of a secret but its values. */
export interface Secret {
  readonly arn: string;
  readonly name: string;
  readonly description: string | null;
  readonly tags: readonly (readonly [key: string, value: string])[];
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly changedAt: number;
  /** When it was deleted, and when it goes for good; null = it was not. */
  readonly deletedAt: number | null;
  readonly goneAt: number | null;
  /** The last is the newest. */
  readonly versions: readonly SecretVersion[];
}

/** One of the two. A binary value is base64 text. */
export type SecretValue = { readonly string: string } | { readonly binary: string };

/** The versions after `labels` have moved to the version `id`: what was current is the previous one, and each label stands once. */
export function withStages(
  versions: readonly SecretVersion[],
  id: string,
  labels: readonly string[],
): readonly SecretVersion[] {
  const before = versions.find(({ stages }) => stages.includes(CURRENT));
  const movesCurrent = labels.includes(CURRENT) && before !== undefined && before.id !== id;
  return versions.map((version) => {
    if (version.id === id) {
      const kept = version.stages.filter((label) => !labels.includes(label) && !(movesCurrent && label === PREVIOUS));
      return { ...version, stages: [...kept, ...labels] };
    }
    const kept = version.stages.filter((label) => !labels.includes(label) && !(movesCurrent && label === PREVIOUS));
    return { ...version, stages: movesCurrent && version === before ? [...kept, PREVIOUS] : kept };
  });
}
