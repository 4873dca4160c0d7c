import { z } from 'zod';
import { SECRETS_PAGE } from '../../limits/services.js';
import type { Secret } from '../../services/secretsmanager/secret.js';
import type { Secrets } from '../../services/secretsmanager/secrets.js';
import type { ApiCall } from '../port.js';
import { read } from './members.js';
import { described, shownVersions } from './shown.js';

const FILTER = z.strictObject({
  Key: z.enum(['description', 'name', 'tag-key', 'tag-value', 'all']),
  Values: z.array(z.string().min(1).max(512)).min(1).max(10),
});

/** By name. A page of a filtered list may be short and have a next one, as on AWS. */
export async function listSecrets(secrets: Secrets, call: ApiCall): Promise<object> {
  const shape = {
    MaxResults: z.number().int().min(1).max(SECRETS_PAGE).optional(),
    NextToken: z.string().min(1).max(4096).optional(),
    Filters: z.array(FILTER).max(10).optional(),
    SortOrder: z.literal('asc').optional(),
    IncludePlannedDeletion: z.boolean().optional(),
  };
  const { MaxResults = SECRETS_PAGE, NextToken, Filters = [], IncludePlannedDeletion = false } = read(shape, call);
  const after = NextToken === undefined ? null : Buffer.from(NextToken, 'base64url').toString();
  const page = await secrets.list(call.place, after, MaxResults + 1);
  const shown = page.slice(0, MaxResults);
  const last = page.length > MaxResults ? shown.at(-1) : undefined;
  return {
    SecretList: shown
      .filter(
        (secret) =>
          (IncludePlannedDeletion || secret.deletedAt === null) && Filters.every((filter) => isKept(secret, filter)),
      )
      .map((secret) => ({ ...described(secret), SecretVersionsToStages: shownVersions(secret) })),
    ...(last !== undefined && { NextToken: Buffer.from(last.name).toString('base64url') }),
  };
}

/** A value fits what begins with it; with `!` before it, what does not. */
function isKept(secret: Secret, { Key, Values }: z.infer<typeof FILTER>): boolean {
  const texts = textsOf(secret, Key);
  const fits = (value: string): boolean => texts.some((text) => text.toLowerCase().startsWith(value.toLowerCase()));
  return Values.some((value) => (value.startsWith('!') ? !fits(value.slice(1)) : fits(value)));
}

function textsOf({ name, description, tags }: Secret, key: z.infer<typeof FILTER>['Key']): readonly string[] {
  switch (key) {
    case 'name':
      return [name];
    case 'description':
      return description === null ? [] : description.split(/\s+/);
    case 'tag-key':
      return tags.map(([tag]) => tag);
    case 'tag-value':
      return tags.map(([, value]) => value);
    case 'all':
      return [name, ...(description?.split(/\s+/) ?? []), ...tags.flat()];
    default:
      return key satisfies never;
  }
}
