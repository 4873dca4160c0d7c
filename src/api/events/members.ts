import { z } from 'zod';
import type { Tags } from '../../services/events/rules.js';
import { readInput } from '../input.js';
import { type ApiCall, ApiError } from '../port.js';

export const NAME = z.string().min(1).max(64);
export const BUS = z.string().min(1).max(1600).optional();
/** Blank texts mean nothing was given. */
export const TEXT = z
  .string()
  .optional()
  .transform((text) => (text === undefined || text === '' ? null : text));
export const PAGE = z.object({
  Limit: z.number().int().min(1).max(100).optional(),
  NextToken: z.string().min(1).max(2048).optional(),
});
export const TAGS = z.array(z.object({ Key: z.string().min(1).max(128), Value: z.string().max(256) }));

/** The call's members in the shape of the schema. Members that it does not name are refused by name. */
export function read<Shape extends z.ZodRawShape>(shape: Shape, { input }: ApiCall): z.infer<z.ZodObject<Shape>> {
  return readInput(z.strictObject(shape), input, (member, expectation) => {
    const where = member === '' ? '' : `Value at '${member}' failed to satisfy constraint: `;
    return new ApiError('ValidationException', `1 validation error detected: ${where}${expectation}`);
  });
}

export const tagsOf = (tags: z.infer<typeof TAGS> = []): Tags =>
  Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value]));

export const tagMembers = (tags: Tags): readonly object[] =>
  Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

/** A page of what is sorted by `keyOf`; a token is the key of the last that was shown. */
export function paged<T>(
  items: readonly T[],
  { Limit = 100, NextToken }: z.infer<typeof PAGE>,
  keyOf: (item: T) => string,
): { readonly shown: readonly T[]; readonly token: { readonly NextToken?: string } } {
  const after = NextToken === undefined ? null : Buffer.from(NextToken, 'base64url').toString();
  const rest = items.filter((item) => after === null || keyOf(item) > after);
  const shown = rest.slice(0, Limit);
  const last = shown.at(-1);
  const isMore = rest.length > shown.length && last !== undefined;
  return { shown, token: isMore ? { NextToken: Buffer.from(keyOf(last)).toString('base64url') } : {} };
}
