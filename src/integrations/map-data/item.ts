/** One item of a dataset as compact JSON text. */
export interface ItemText {
  /** What a child gets as its input where there is no ItemSelector: the element, or `{"Key":…,"Value":…}` of an object's pair. */
  readonly text: string;
  /** Of an object's pair only: `Map.Item.Key`. */
  readonly key?: string;
  /** Of an object's pair only: the JSON text of `Map.Item.Value`, which else is `text`. */
  readonly value?: string;
}

export interface Item extends ItemText {
  /** `Map.Item.Source`: `STATE_DATA`, `S3://bucket` for listed objects, else `S3://bucket/key`. */
  readonly source: string;
}

/** `Map.Item.Source` of items that the state's own data brought. */
export const STATE_DATA = 'STATE_DATA';

export const objectSource = (place: { readonly bucket: string; readonly key: string }): string =>
  `S3://${place.bucket}/${place.key}`;
