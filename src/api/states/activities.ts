import { activityArn, type Place } from '../../arn.js';
import { RecordConflict, type RecordStore } from '../../store/ports.js';
import { everyRecord } from '../../store/record-pages.js';
import { putJson } from '../../store/record-writes.js';
import { ApiError } from '../port.js';
import { type Tag, Tags } from './tags.js';

export interface Activity {
  readonly arn: string;
  readonly name: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
}

const ACTIVITIES = 'activity';
const PAGE = 1000;

/** The activities of all regions. Which there are is known in memory (AWS: 10,000 of one account), for decisions cannot wait. */
export class Activities {
  readonly #arns = new Set<string>();
  readonly tags: Tags;

  private constructor(
    private readonly records: RecordStore,
    private readonly now: () => number,
  ) {
    this.tags = new Tags(records);
  }

  static async open(records: RecordStore, now: () => number): Promise<Activities> {
    const activities = new Activities(records, now);
    for await (const { key } of everyRecord(records, { collection: ACTIVITIES, limit: PAGE }))
      activities.#arns.add(key);
    return activities;
  }

  has(arn: string): boolean {
    return this.#arns.has(arn);
  }

  /** Throws ActivityDoesNotExist. */
  async get(arn: string): Promise<Activity> {
    const text = await this.records.get(ACTIVITIES, arn);
    if (text !== null) return JSON.parse(text) as Activity;
    throw new ApiError('ActivityDoesNotExist', `Activity Does Not Exist: '${arn}'`);
  }

  /** One that exists stays as it is, with the tags it has. */
  async create(place: Place, name: string, tags: readonly Tag[]): Promise<Activity> {
    const arn = activityArn(place, name);
    const activity: Activity = { arn, name, createdAt: this.now() };
    try {
      await this.records.write([putJson(ACTIVITIES, arn, activity, 'absent'), this.tags.writeOf(arn, tags)]);
    } catch (fault) {
      if (!(fault instanceof RecordConflict)) throw fault;
      return this.get(arn);
    }
    this.#arns.add(arn);
    return activity;
  }

  /** By name, ascending; names after `after`. */
  async list(place: Place, after: string | null, limit: number): Promise<readonly Activity[]> {
    const prefix = activityArn(place, '');
    const rows = await this.records.scan({
      collection: ACTIVITIES,
      prefix,
      after: after === null ? null : prefix + after,
      limit,
    });
    return rows.map((row) => JSON.parse(row.value) as Activity);
  }

  /** Tasks that wait for it go on waiting: an activity of the same name would find them. */
  async remove(arn: string): Promise<void> {
    await this.records.write([{ type: 'delete', collection: ACTIVITIES, key: arn }, this.tags.removal(arn)]);
    this.#arns.delete(arn);
  }
}
