import { createHash, randomUUID } from 'node:crypto';
import { z } from 'zod';
import { SECRET_LABELS_MAX, SECRET_TAGS_MAX, SECRET_VALUE_BYTES_MAX } from '../../limits/services.js';
import { SecretsFault } from '../../services/secretsmanager/fault.js';
import type { SecretValue } from '../../services/secretsmanager/secret.js';
import type { NewVersion } from '../../services/secretsmanager/secrets.js';
import { readInput } from '../input.js';
import { type ApiCall, ApiError } from '../port.js';

export const ID = z.string().min(1).max(2048);
export const TOKEN = z.string().min(32).max(64).optional();
export const STAGES = z.array(z.string().min(1).max(256)).min(1).max(SECRET_LABELS_MAX).optional();
export const DESCRIPTION = z.string().max(2048).optional();
export const TAGS = z
  .array(z.strictObject({ Key: z.string().min(1).max(128), Value: z.string().max(256) }))
  .max(SECRET_TAGS_MAX)
  .optional();
export const VALUE = { SecretString: z.string().optional(), SecretBinary: z.string().optional() };

/** Members that the shape does not name are refused by their names: keys of KMS, replication, rotation, … */
export function read<Shape extends z.ZodRawShape>(shape: Shape, { input }: ApiCall): z.infer<z.ZodObject<Shape>> {
  return readInput(z.strictObject(shape), input, (member, expectation) => {
    if (member === 'Name') return new ApiError('ValidationException', INVALID_NAME);
    const where = member === '' ? '' : `Value at '${member}' failed to satisfy constraint: `;
    return new ApiError('ValidationException', `1 validation error detected: ${where}${expectation}`);
  });
}

const INVALID_NAME =
  'Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!';

export const NAME = z.string().regex(/^[A-Za-z0-9/_+=.@!-]{1,512}$/);

interface GivenVersion {
  readonly ClientRequestToken?: string | undefined;
  readonly SecretString?: string | undefined;
  readonly SecretBinary?: string | undefined;
}

/** Null where no value is given. A Task's call that is performed again names the same version. */
export function versionOf(
  { ClientRequestToken, SecretString, SecretBinary }: GivenVersion,
  { key }: ApiCall,
): NewVersion | null {
  if (SecretString !== undefined && SecretBinary !== undefined) {
    throw new SecretsFault(
      'InvalidParameterException',
      "You can't specify both a binary secret value and a string secret value in the same secret.",
    );
  }
  const value: SecretValue | null =
    SecretString !== undefined
      ? { string: SecretString }
      : SecretBinary !== undefined
        ? { binary: SecretBinary }
        : null;
  if (value === null) return null;
  const bytes = 'string' in value ? Buffer.byteLength(value.string) : Buffer.byteLength(value.binary, 'base64');
  if (bytes > SECRET_VALUE_BYTES_MAX) {
    throw new ApiError(
      'ValidationException',
      `1 validation error detected: Value at 'secretString' failed to satisfy constraint: Member must have length less than or equal to ${SECRET_VALUE_BYTES_MAX}`,
    );
  }
  return { id: ClientRequestToken ?? (key === undefined ? randomUUID() : uuidOf(key)), value };
}

function uuidOf(key: string): string {
  const hex = createHash('sha256').update(key).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
}
