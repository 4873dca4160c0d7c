/** What the thread that decodes Parquet is told. `next` asks for rows; each is answered by rows, the end, or a refusal. */
export type ToParquetThread =
  | { readonly type: 'next' }
  | { readonly type: 'bytes'; readonly id: number; readonly bytes: Uint8Array };

export type FromParquetThread =
  /** Answered by the `bytes` of this id. */
  | { readonly type: 'read'; readonly id: number; readonly start: number; readonly end: number }
  /** Some rows, each the JSON text of an object. */
  | { readonly type: 'rows'; readonly texts: readonly string[] }
  | { readonly type: 'end' }
  /** The file is broken or beyond a bound. */
  | { readonly type: 'refused'; readonly cause: string };

export interface ParquetThreadData {
  readonly fileBytes: number;
}
