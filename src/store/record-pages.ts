import type { RecordStore, StoredRecord } from './ports.js';

interface WholeCollection {
  readonly collection: string;
  /** Of the keys; all of them unless given. */
  readonly prefix?: string;
  /** Rows read at once. */
  readonly limit: number;
}

/** A collection's records in order of their keys, page after page. What is written meanwhile may be seen or not. */
export async function* recordPages(
  records: Pick<RecordStore, 'scan'>,
  { collection, prefix = '', limit }: WholeCollection,
): AsyncGenerator<readonly StoredRecord[]> {
  for (let after: string | null = null; ; ) {
    const page: readonly StoredRecord[] = await records.scan({ collection, prefix, after, limit });
    if (page.length > 0) yield page;
    after = page.at(-1)?.key ?? null;
    if (page.length < limit || after === null) return;
  }
}

/** The same, one by one. */
export async function* everyRecord(
  records: Pick<RecordStore, 'scan'>,
  query: WholeCollection,
): AsyncGenerator<StoredRecord> {
  for await (const page of recordPages(records, query)) yield* page;
}
