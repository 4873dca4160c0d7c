import { ALARM_HISTORY_MS } from '../../../limits/services.js';
import type { RecordStore, RecordWrite, StoredRecord } from '../../../store/ports.js';
import { everyRecord } from '../../../store/record-pages.js';
import { putJson } from '../../../store/record-writes.js';
import type { AlarmHistoryItem } from './alarm.js';

const COLLECTION = 'alarms.history';
const SCAN_ROWS = 500;
/** Keys sort by alarm, then time, then order. */
const TIME_DIGITS = 13;

/** What has happened to alarms, for thirty days. */
export class AlarmHistory {
  #order = 0;

  constructor(private readonly records: Pick<RecordStore, 'scan' | 'write'>) {}

  writeFor(item: AlarmHistoryItem): RecordWrite {
    this.#order = (this.#order + 1) % 1_000_000;
    const order = String(this.#order).padStart(6, '0');
    return putJson(COLLECTION, `${item.alarmArn}\n${timeKey(item.at)}.${order}`, item);
  }

  /** Of one alarm, or of all whose ARN begins so; oldest first within an alarm. */
  async read(arnPrefix: string): Promise<readonly AlarmHistoryItem[]> {
    const items: AlarmHistoryItem[] = [];
    for await (const { value } of this.#each(arnPrefix)) items.push(JSON.parse(value) as AlarmHistoryItem); // our own text
    return items;
  }

  async removeBefore(now: number): Promise<void> {
    const before = now - ALARM_HISTORY_MS;
    const old: RecordWrite[] = [];
    for await (const { key } of this.#each('')) {
      if (Number(key.slice(key.indexOf('\n') + 1).slice(0, TIME_DIGITS)) < before)
        old.push({ type: 'delete', collection: COLLECTION, key });
    }
    for (let i = 0; i < old.length; i += SCAN_ROWS) await this.records.write(old.slice(i, i + SCAN_ROWS));
  }

  #each(prefix: string): AsyncGenerator<StoredRecord> {
    return everyRecord(this.records, { collection: COLLECTION, prefix, limit: SCAN_ROWS });
  }
}

const timeKey = (at: number): string => String(at).padStart(TIME_DIGITS, '0');
