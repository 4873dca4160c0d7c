import { z } from 'zod';

/** AWS: things on a page. */
const PAGE_ITEMS_MAX = 50;

/** Members of every list operation. */
export const PAGE = {
  Marker: z.string().optional(),
  MaxItems: z.coerce.number().int().min(1).max(10_000).optional(),
};

interface PageInput {
  readonly Marker?: string | undefined;
  readonly MaxItems?: number | undefined;
}

/** One page of `all`, which is in ascending order of `keyOf`, and the marker for the next one. */
export function pageOf<Item>(
  all: readonly Item[],
  keyOf: (item: Item) => string,
  { Marker, MaxItems }: PageInput,
): { readonly items: readonly Item[]; readonly marker: { readonly NextMarker?: string } } {
  const after = Marker === undefined ? null : Buffer.from(Marker, 'base64url').toString();
  const rest = after === null ? all : all.filter((item) => keyOf(item) > after);
  const items = rest.slice(0, Math.min(MaxItems ?? PAGE_ITEMS_MAX, PAGE_ITEMS_MAX));
  const last = items.length < rest.length ? items.at(-1) : undefined;
  return {
    items,
    marker: last === undefined ? {} : { NextMarker: Buffer.from(keyOf(last)).toString('base64url') },
  };
}
