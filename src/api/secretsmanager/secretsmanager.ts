import { z } from 'zod';
import { SECRET_PASSWORD_CHARS_MAX, SECRET_TAGS_MAX } from '../../limits/services.js';
import { SecretsFault } from '../../services/secretsmanager/fault.js';
import { PASSWORD_DEFAULTS, randomPassword } from '../../services/secretsmanager/password.js';
import { CURRENT, type Secret, type SecretVersion } from '../../services/secretsmanager/secret.js';
import type { Secrets } from '../../services/secretsmanager/secrets.js';
import { type Action, ApiError, type ApiService } from '../port.js';
import { serviceOf } from '../service.js';
import { listSecrets } from './list-secrets.js';
import { DESCRIPTION, ID, NAME, read, STAGES, TAGS, TOKEN, VALUE, versionOf } from './members.js';
import { described, shownVersions, tagsOf, versionIn } from './shown.js';

/** Secrets Manager without rotation, replication, policies and keys of KMS. Values are never logged. */
export function secretsManagerService(secrets: Secrets): ApiService {
  const actions = { ...valueActions(secrets), ...secretActions(secrets), ...tagActions(secrets) };
  return serviceOf('secretsmanager', actions, (fault) =>
    fault instanceof SecretsFault ? new ApiError(fault.code, fault.message) : null,
  );
}

function valueActions(secrets: Secrets): Record<string, Action> {
  return {
    CreateSecret: async (call) => {
      const given = read(
        { Name: NAME, ClientRequestToken: TOKEN, Description: DESCRIPTION, Tags: TAGS, ...VALUE },
        call,
      );
      const version = versionOf(given, call);
      const { Name, Description = null, Tags = [] } = given;
      const secret = await secrets.create(call.place, Name, { description: Description, tags: tagsOf(Tags), version });
      return { ARN: secret.arn, Name, ...(version !== null && { VersionId: version.id }) };
    },
    GetSecretValue: async (call) => {
      const shape = {
        SecretId: ID,
        VersionId: z.string().min(32).max(64).optional(),
        VersionStage: z.string().min(1).max(256).optional(),
      };
      const { SecretId, VersionId, VersionStage } = read(shape, call);
      const { secret, version, value } = await secrets.get(call.place, SecretId, {
        id: VersionId,
        stage: VersionStage,
      });
      return {
        ARN: secret.arn,
        Name: secret.name,
        VersionId: version.id,
        ...('string' in value ? { SecretString: value.string } : { SecretBinary: value.binary }),
        VersionStages: version.stages,
        CreatedDate: version.createdAt / 1000,
      };
    },
    PutSecretValue: async (call) => {
      const given = read({ SecretId: ID, ClientRequestToken: TOKEN, VersionStages: STAGES, ...VALUE }, call);
      const version = versionOf(given, call);
      if (version === null)
        throw new SecretsFault('InvalidRequestException', 'You must provide either SecretString or SecretBinary.');
      const secret = await secrets.put(call.place, given.SecretId, version, given.VersionStages ?? [CURRENT]);
      return {
        ARN: secret.arn,
        Name: secret.name,
        VersionId: version.id,
        VersionStages: versionIn(secret, version.id).stages,
      };
    },
    UpdateSecret: async (call) => {
      const given = read({ SecretId: ID, ClientRequestToken: TOKEN, Description: DESCRIPTION, ...VALUE }, call);
      const version = versionOf(given, call);
      const { Description } = given;
      const change = { version, ...(Description !== undefined && { description: Description }) };
      const secret = await secrets.update(call.place, given.SecretId, change);
      return { ARN: secret.arn, Name: secret.name, ...(version !== null && { VersionId: version.id }) };
    },
    UpdateSecretVersionStage: async (call) => {
      const version = z.string().min(32).max(64).optional();
      const shape = {
        SecretId: ID,
        VersionStage: z.string().min(1).max(256),
        RemoveFromVersionId: version,
        MoveToVersionId: version,
      };
      const { SecretId, VersionStage, RemoveFromVersionId, MoveToVersionId } = read(shape, call);
      const move = { stage: VersionStage, from: RemoveFromVersionId, to: MoveToVersionId };
      const { arn, name } = await secrets.moveStage(call.place, SecretId, move);
      return { ARN: arn, Name: name };
    },
    GetRandomPassword: async (call) => ({ RandomPassword: randomPassword(passwordRules(read(PASSWORD, call))) }),
  };
}

const PASSWORD = {
  PasswordLength: z.number().int().min(1).max(SECRET_PASSWORD_CHARS_MAX).optional(),
  ExcludeCharacters: z.string().max(4096).optional(),
  ExcludeNumbers: z.boolean().optional(),
  ExcludePunctuation: z.boolean().optional(),
  ExcludeUppercase: z.boolean().optional(),
  ExcludeLowercase: z.boolean().optional(),
  IncludeSpace: z.boolean().optional(),
  RequireEachIncludedType: z.boolean().optional(),
};

const passwordRules = (given: z.infer<z.ZodObject<typeof PASSWORD>>) => ({
  length: given.PasswordLength ?? PASSWORD_DEFAULTS.length,
  excludeCharacters: given.ExcludeCharacters ?? PASSWORD_DEFAULTS.excludeCharacters,
  excludeNumbers: given.ExcludeNumbers ?? PASSWORD_DEFAULTS.excludeNumbers,
  excludePunctuation: given.ExcludePunctuation ?? PASSWORD_DEFAULTS.excludePunctuation,
  excludeUppercase: given.ExcludeUppercase ?? PASSWORD_DEFAULTS.excludeUppercase,
  excludeLowercase: given.ExcludeLowercase ?? PASSWORD_DEFAULTS.excludeLowercase,
  includeSpace: given.IncludeSpace ?? PASSWORD_DEFAULTS.includeSpace,
  requireEachIncludedType: given.RequireEachIncludedType ?? PASSWORD_DEFAULTS.requireEachIncludedType,
});

function secretActions(secrets: Secrets): Record<string, Action> {
  return {
    DescribeSecret: async (call) => {
      const secret = await secrets.find(call.place, read({ SecretId: ID }, call).SecretId);
      return { ...described(secret), VersionIdsToStages: shownVersions(secret) };
    },
    ListSecrets: (call) => listSecrets(secrets, call),
    ListSecretVersionIds: async (call) => {
      const shape = {
        SecretId: ID,
        IncludeDeprecated: z.boolean().optional(),
        MaxResults: z.number().int().min(1).max(100).optional(),
      };
      const { SecretId, IncludeDeprecated = false } = read(shape, call);
      const secret = await secrets.find(call.place, SecretId);
      const shown = secret.versions.filter(({ stages }) => IncludeDeprecated || stages.length > 0);
      return { ARN: secret.arn, Name: secret.name, Versions: shown.map(versionRow) };
    },
    DeleteSecret: async (call) => {
      const shape = {
        SecretId: ID,
        RecoveryWindowInDays: z.number().int().optional(),
        ForceDeleteWithoutRecovery: z.boolean().optional(),
      };
      const { SecretId, RecoveryWindowInDays: days, ForceDeleteWithoutRecovery: isForced = false } = read(shape, call);
      if (days !== undefined && isForced) {
        throw new SecretsFault(
          'InvalidParameterException',
          "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.",
        );
      }
      if (days !== undefined && (days < 7 || days > 30)) {
        throw new SecretsFault(
          'InvalidParameterException',
          'The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).',
        );
      }
      const { arn, name, goneAt } = await secrets.remove(call.place, SecretId, isForced ? 0 : (days ?? 30));
      return { ARN: arn, Name: name, DeletionDate: (goneAt ?? 0) / 1000 };
    },
    RestoreSecret: async (call) => {
      const { arn, name } = await secrets.restore(call.place, read({ SecretId: ID }, call).SecretId);
      return { ARN: arn, Name: name };
    },
  };
}

const versionRow = ({ id, stages, createdAt }: SecretVersion): object => ({
  VersionId: id,
  ...(stages.length > 0 && { VersionStages: stages }),
  CreatedDate: createdAt / 1000,
});

function tagActions(secrets: Secrets): Record<string, Action> {
  return {
    TagResource: async (call) => {
      const { SecretId, Tags = [] } = read({ SecretId: ID, Tags: TAGS }, call);
      const added = tagsOf(Tags);
      await secrets.tag(call.place, SecretId, (before) => bounded([...new Map([...before, ...added])]));
      return {};
    },
    UntagResource: async (call) => {
      const { SecretId, TagKeys } = read({ SecretId: ID, TagKeys: z.array(z.string()) }, call);
      await secrets.tag(call.place, SecretId, (before) => before.filter(([key]) => !TagKeys.includes(key)));
      return {};
    },
  };
}

function bounded(tags: Secret['tags']): Secret['tags'] {
  if (tags.length <= SECRET_TAGS_MAX) return tags;
  throw new SecretsFault(
    'InvalidParameterException',
    `Expected at most ${SECRET_TAGS_MAX} tags, but there would be ${tags.length}.`,
  );
}
