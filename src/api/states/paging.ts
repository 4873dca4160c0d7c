import { PAGE_ITEMS_DEFAULT, PAGE_ITEMS_MAX } from '../../limits.js';
import { ApiError } from '../port.js';

/** AWS: 0 and nothing mean the default. */
export const pageSize = (maxResults: number | undefined): number => maxResults || PAGE_ITEMS_DEFAULT;

export const MAX_RESULTS = { type: 'integer', min: 0, max: PAGE_ITEMS_MAX } as const;

/** AWS: of lists other than executions. */
export const NEXT_TOKEN = { type: 'string', min: 1, max: 1024 } as const;

/** Opaque to clients; says which list it belongs to, so that a foreign one is refused. */
export const writeToken = (list: string, position: unknown): string =>
  Buffer.from(JSON.stringify([list, position])).toString('base64url');

export function readToken(list: string, token: string | undefined): unknown {
  if (token === undefined) return null;
  try {
    const [name, position] = JSON.parse(Buffer.from(token, 'base64url').toString()) as [unknown, unknown];
    if (name === list) return position;
  } catch {
    // not one of ours: said below
  }
  throw new ApiError('InvalidToken', `Invalid Token: 'Invalid token'`);
}
