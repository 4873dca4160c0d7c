import type { RecordWrite } from './ports.js';

/** Puts a value as its JSON text. */
export const putJson = (
  collection: string,
  key: string,
  value: unknown,
  expect: 'absent' | 'any' = 'any',
): RecordWrite => ({ type: 'put', collection, key, value: JSON.stringify(value), expect });
