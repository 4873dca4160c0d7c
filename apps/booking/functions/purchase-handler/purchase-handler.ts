/** A row of the catalogue, as DynamoDB writes it. */
interface CatalogueRow {
  readonly ItemId: { readonly S: string };
  readonly title: { readonly S: string };
  readonly priceCents: { readonly N: string };
}

interface Event {
  readonly items: readonly { readonly itemId: string; readonly quantity: number }[];
  readonly catalogue: readonly CatalogueRow[];
}

export interface OrderLine {
  readonly itemId: string;
  readonly title: string;
  readonly quantity: number;
  readonly priceCents: number;
}

export interface PricedOrder {
  readonly lines: readonly OrderLine[];
  readonly totalCents: number;
}

/** The catalogue does not have the item; the message names it. */
export class UnknownItem extends Error {
  override readonly name = 'UnknownItem';
}

/** Prices an order by the catalogue: the customer's side says what, never for how much. */
export const handler = async ({ items, catalogue }: Event): Promise<PricedOrder> => {
  const lines = items.map(({ itemId, quantity }) => {
    const row = catalogue.find((candidate) => candidate.ItemId.S === itemId);
    if (row === undefined) throw new UnknownItem(`Expected ${itemId} to be in the catalogue, but it is not.`);
    return { itemId, title: row.title.S, quantity, priceCents: Number(row.priceCents.N) };
  });
  return { lines, totalCents: lines.reduce((sum, { quantity, priceCents }) => sum + quantity * priceCents, 0) };
};
