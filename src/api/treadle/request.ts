import type { Context } from 'hono';
import type { z } from 'zod';
import { ApiError } from '../port.js';

/** A request's JSON. Throws ApiError BadRequest. */
export async function readJson(c: Context): Promise<unknown> {
  const type = c.req.header('content-type') ?? '';
  // A form of another site's page can post text, but never this type without asking first.
  if (!type.startsWith('application/json'))
    throw new ApiError('BadRequest', `Expected Content-Type application/json, but it is '${type}'.`);
  try {
    return await c.req.json();
  } catch (error) {
    throw new ApiError(
      'BadRequest',
      `Expected a JSON body, but ${error instanceof Error ? error.message : 'it is not JSON'}.`,
    );
  }
}

/** Throws ApiError BadRequest with what is wrong, name by name. */
export function parse<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  throw new ApiError('BadRequest', result.error.issues.map((issue) => issueText(issue)).join(' '));
}

function issueText(issue: z.core.$ZodIssue): string {
  const name = issue.path.join('.');
  return name === '' || issue.message.includes(`'${name}'`) ? issue.message : `'${name}': ${issue.message}.`;
}
