import { type ZodType, z } from 'zod';
import type { ApiError } from './port.js';

/**
 * The input in the shape of the schema; members that the schema does not name are left out. `fault` makes the service's
 * own exception from the first wrong member (`Attributes.key`) and what was expected of it.
 */
export function readInput<T>(
  schema: ZodType<T>,
  input: unknown,
  fault: (member: string, expectation: string) => ApiError,
): T {
  const read = schema.safeParse(input ?? {});
  if (read.success) return read.data;
  const issue = read.error.issues[0];
  throw fault(issue?.path.join('.') ?? '', issue?.message ?? 'a valid value');
}

/** Query protocols write an empty list as an empty text. */
export const listOf = <T extends ZodType>(item: T) =>
  z.preprocess((value) => (value === '' ? [] : value), z.array(item));
