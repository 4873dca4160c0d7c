import { createHash } from 'node:crypto';
import type { Change } from '../items/change.js';
import type { Origin } from '../items/item-writer.js';
import { keyValue } from '../keys/item-key.js';
import { keyNames, type StreamView, type Table } from '../table/table.js';
import { type Item, newItem } from '../values/attribute-value.js';
import { equalItems } from '../values/compare.js';
import { itemBytes } from '../values/item-size.js';
import { timeOf } from './sequences.js';

/** One change, as GetRecords shows it and as functions get it. */
export interface StreamRecord {
  readonly eventID: string;
  readonly eventName: 'INSERT' | 'MODIFY' | 'REMOVE';
  readonly eventVersion: '1.1';
  readonly eventSource: 'aws:dynamodb';
  readonly awsRegion: string;
  readonly dynamodb: {
    /** Epoch seconds. */
    readonly ApproximateCreationDateTime: number;
    readonly Keys: Item;
    readonly NewImage?: Item;
    readonly OldImage?: Item;
    readonly SequenceNumber: string;
    readonly SizeBytes: number;
    readonly StreamViewType: StreamView;
  };
  readonly userIdentity?: { readonly type: 'Service'; readonly principalId: 'dynamodb.amazonaws.com' };
}

/** Null when nothing has changed. */
export function streamRecord(
  { table, old, item }: Change,
  { view, sequence, origin }: { readonly view: StreamView; readonly sequence: string; readonly origin: Origin },
): StreamRecord | null {
  const before = old === 'unknown' ? null : old;
  const known = item ?? before;
  if (known === null || (item !== null && before !== null && equalItems(before, item))) return null;
  const keys = keysOf(table, known);
  const images = {
    ...(item !== null && view.startsWith('NEW') && { NewImage: item }),
    ...(before !== null && view.includes('OLD') && { OldImage: before }),
  };
  return {
    eventID: createHash('md5').update(`${table.id} ${sequence}`).digest('hex'),
    eventName: item === null ? 'REMOVE' : before === null ? 'INSERT' : 'MODIFY',
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: table.region,
    dynamodb: {
      ApproximateCreationDateTime: Math.floor(timeOf(sequence) / 1000),
      Keys: keys,
      ...images,
      SequenceNumber: sequence,
      SizeBytes: [keys, ...Object.values(images)].reduce((sum, part) => sum + itemBytes(part), 0),
      StreamViewType: view,
    },
    ...(origin === 'expiry' && { userIdentity: { type: 'Service', principalId: 'dynamodb.amazonaws.com' } }),
  };
}

function keysOf(table: Table, item: Item): Item {
  const keys = newItem();
  for (const name of keyNames(table.keys)) keys[name] = keyValue(item, name);
  return keys;
}
