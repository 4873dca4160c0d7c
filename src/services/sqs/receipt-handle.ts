import { SqsFault } from './fault.js';
import type { Queue } from './queue.js';

/** What a receiver has in hand: the message's place, and which receive it was. */
export interface Receipt {
  readonly sequence: string;
  readonly receipt: string;
}

export const writeReceiptHandle = (queue: Queue, { sequence, receipt }: Receipt): string =>
  Buffer.from(`${queue.id} ${sequence} ${receipt}`).toString('base64');

/** Throws ReceiptHandleIsInvalid for what this queue has not given out. */
export function readReceiptHandle(queue: Queue, handle: string): Receipt {
  const [id, sequence, receipt] = Buffer.from(handle, 'base64').toString().split(' ');
  if (id === queue.id && sequence !== undefined && /^\d{20}$/.test(sequence) && receipt) return { sequence, receipt };
  throw new SqsFault(
    'ReceiptHandleIsInvalid',
    `The input receipt handle "${handle.slice(0, 200)}" is not a valid receipt handle.`,
  );
}
