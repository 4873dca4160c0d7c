import { QUEUE_BATCH_MAX } from '../../limits.js';
import { SqsFault } from '../../services/sqs/fault.js';

export interface BatchEntry {
  readonly Id: string;
}

/** Each entry by itself, in order; what is refused is in the answer beside what worked. Throws SqsFault for a batch that is none. */
export async function batch<Entry extends BatchEntry>(
  entries: readonly Entry[],
  perform: (entry: Entry) => Promise<object>,
): Promise<object> {
  checkBatch(entries);
  const successful: object[] = [];
  const failed: object[] = [];
  for (const entry of entries) {
    try {
      successful.push({ Id: entry.Id, ...(await perform(entry)) });
    } catch (fault) {
      if (!(fault instanceof SqsFault)) throw fault;
      failed.push({ Id: entry.Id, Code: fault.queryCode, Message: fault.message, SenderFault: true });
    }
  }
  return { ...(successful.length > 0 && { Successful: successful }), ...(failed.length > 0 && { Failed: failed }) };
}

const queryCode = (code: string): string => `AWS.SimpleQueueService.${code}`;

function checkBatch(entries: readonly BatchEntry[]): void {
  const ids = entries.map(({ Id }) => Id);
  if (ids.length === 0) {
    throw new SqsFault(
      'EmptyBatchRequest',
      'There should be at least one entry in the request.',
      queryCode('EmptyBatchRequest'),
    );
  }
  if (ids.length > QUEUE_BATCH_MAX) {
    const count = `Maximum number of entries per request are ${QUEUE_BATCH_MAX}. You have sent ${ids.length}.`;
    throw new SqsFault('TooManyEntriesInBatchRequest', count, queryCode('TooManyEntriesInBatchRequest'));
  }
  const wrong = ids.find((id) => !/^[A-Za-z0-9_-]{1,80}$/.test(id));
  if (wrong !== undefined) {
    throw new SqsFault(
      'InvalidBatchEntryId',
      'A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.',
      queryCode('InvalidBatchEntryId'),
    );
  }
  const repeated = ids.find((id, index) => ids.indexOf(id) !== index);
  if (repeated !== undefined)
    throw new SqsFault('BatchEntryIdsNotDistinct', `Id ${repeated} repeated.`, queryCode('BatchEntryIdsNotDistinct'));
}
