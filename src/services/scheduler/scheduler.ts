import { randomUUID } from 'node:crypto';
import type { Place } from '../../arn.js';
import { SCHEDULE_GROUPS_MAX, SCHEDULES_MAX } from '../../limits/services.js';
import type { RecordStore, RecordWrite } from '../../store/ports.js';
import { everyRecord } from '../../store/record-pages.js';
import { putJson } from '../../store/record-writes.js';
import { Agenda, type Firing } from '../agenda.js';
import type { Targets, Timekeeper } from '../ports.js';
import { TargetDeliveries } from '../target-deliveries.js';
import { conflict, invalidSchedule, notFound, SchedulerFault } from './fault.js';
import {
  checkSchedule,
  DEFAULT_GROUP,
  deliveryOf,
  groupArn,
  occurrencesOf,
  type Schedule,
  type ScheduleRequest,
  scheduleArn,
} from './schedule.js';

const SCHEDULES = 'scheduler.schedule';
const GROUPS = 'scheduler.group';
const SCAN_ROWS = 500;

export interface ScheduleGroup {
  readonly arn: string;
  readonly name: string;
  /** Epoch milliseconds; 0 for the default group, which is always there. */
  readonly createdAt: number;
}

export interface SchedulerOptions {
  readonly records: RecordStore;
  readonly clock: Timekeeper;
  readonly targets: Targets;
  /** Hears of firings that were given up. */
  readonly report: (line: string) => void;
}

/** EventBridge Scheduler: every due time is fired once, and its target reached at least once, over restarts too. Throws SchedulerFault. */
export class Scheduler {
  readonly #schedules = new Map<string, Schedule>();
  readonly #groups = new Map<string, ScheduleGroup>();
  readonly #deliveries: TargetDeliveries;
  readonly #agenda: Agenda;
  /** One change at a time, since each reads before it writes. */
  #changes: Promise<unknown> = Promise.resolve();

  private constructor(private readonly options: SchedulerOptions) {
    const { records, clock, targets, report } = options;
    const collection = 'scheduler.deliveries';
    const sourceAttribute = 'SCHEDULE_ARN';
    this.#deliveries = new TargetDeliveries({ records, clock, targets, collection, sourceAttribute, report });
    const fire = (key: string, dueAt: number): Firing => this.#fire(key, dueAt);
    this.#agenda = new Agenda({ records, clock, collection: 'scheduler.fired', fire, report });
  }

  static async open(options: SchedulerOptions): Promise<Scheduler> {
    const scheduler = new Scheduler(options);
    for (const text of await scheduler.#all(GROUPS)) {
      const group = JSON.parse(text) as ScheduleGroup; // our own text
      scheduler.#groups.set(group.arn, group);
    }
    for (const text of await scheduler.#all(SCHEDULES)) scheduler.#know(JSON.parse(text) as Schedule); // our own text
    return scheduler;
  }

  async #all(collection: string): Promise<readonly string[]> {
    const texts: string[] = [];
    for await (const { value } of everyRecord(this.options.records, { collection, limit: SCAN_ROWS }))
      texts.push(value);
    return texts;
  }

  /** Takes up the deliveries that an earlier process left, and fires what was due meanwhile. */
  async start(): Promise<void> {
    await this.#deliveries.start();
    await this.#agenda.start();
  }

  /** Waits a moment for the deliveries under way; those that last longer are repeated after the next start. */
  async close(): Promise<void> {
    await this.#agenda.close();
    await this.#deliveries.close();
  }

  /** Resolves when everything that is due now has been delivered. */
  async idle(): Promise<void> {
    await this.#agenda.idle();
    await this.#deliveries.idle();
  }

  get(place: Place, group: string, name: string): Schedule {
    const found = this.#schedules.get(scheduleArn(place, group, name));
    if (found === undefined) throw notFound(`Schedule ${name} does not exist.`);
    return found;
  }

  /** Of one group or of all, by group and name. */
  list(place: Place, group: string | null): readonly Schedule[] {
    const prefix = group === null ? scheduleArn(place, '', '').slice(0, -1) : scheduleArn(place, group, '');
    return [...this.#schedules.values()]
      .filter(({ arn }) => arn.startsWith(prefix))
      .sort((a, b) => (a.arn < b.arn ? -1 : 1));
  }

  create(place: Place, group: string, name: string, request: ScheduleRequest): Promise<Schedule> {
    return this.#change(async () => {
      this.group(place, group);
      checkName(name);
      checkSchedule(request);
      const arn = scheduleArn(place, group, name);
      if (this.#schedules.has(arn)) throw conflict(`Schedule ${name} already exists.`);
      if (this.#schedules.size >= SCHEDULES_MAX) throw tooMany('schedules', SCHEDULES_MAX);
      const at = this.options.clock.now();
      // A rate without a start begins at once: its first time is this one.
      const times = { createdAt: at, modifiedAt: at, anchor: at, since: at - 1 };
      return this.#keep({ ...request, arn, group, name, ...times });
    });
  }

  update(place: Place, group: string, name: string, request: ScheduleRequest): Promise<Schedule> {
    return this.#change(async () => {
      const before = this.get(place, group, name);
      checkSchedule(request);
      const at = this.options.clock.now();
      const isSame = before.expression === request.expression;
      const times = isSame ? { anchor: before.anchor, since: at } : { anchor: at, since: at - 1 };
      return this.#keep({ ...before, ...request, ...times, modifiedAt: at });
    });
  }

  remove(place: Place, group: string, name: string): Promise<void> {
    return this.#change(async () => {
      const schedule = this.get(place, group, name);
      await this.options.records.write(this.#removalOf(schedule));
      this.#forget(schedule);
    });
  }

  group(place: Place, name: string): ScheduleGroup {
    const arn = groupArn(place, name);
    const known = this.#groups.get(arn);
    if (known !== undefined) return known;
    if (name === DEFAULT_GROUP) return { arn, name, createdAt: 0 };
    throw notFound(`Schedule group ${name} does not exist.`);
  }

  groups(place: Place): readonly ScheduleGroup[] {
    const own = [...this.#groups.values()].filter(({ arn }) => arn.startsWith(groupArn(place, '')));
    return [this.group(place, DEFAULT_GROUP), ...own].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  createGroup(place: Place, name: string): Promise<ScheduleGroup> {
    return this.#change(async () => {
      checkName(name);
      const arn = groupArn(place, name);
      if (name === DEFAULT_GROUP || this.#groups.has(arn)) throw conflict(`Schedule group ${name} already exists.`);
      if (this.#groups.size >= SCHEDULE_GROUPS_MAX) throw tooMany('schedule groups', SCHEDULE_GROUPS_MAX);
      const group = { arn, name, createdAt: this.options.clock.now() };
      await this.options.records.write([putJson(GROUPS, arn, group)]);
      this.#groups.set(arn, group);
      return group;
    });
  }

  /** The group with its schedules. */
  removeGroup(place: Place, name: string): Promise<void> {
    return this.#change(async () => {
      if (name === DEFAULT_GROUP) throw invalidSchedule('The default schedule group cannot be deleted.');
      const { arn } = this.group(place, name);
      const schedules = this.list(place, name);
      const writes = schedules.flatMap((schedule) => this.#removalOf(schedule));
      await this.options.records.write([{ type: 'delete', collection: GROUPS, key: arn }, ...writes]);
      this.#groups.delete(arn);
      for (const schedule of schedules) this.#forget(schedule);
    });
  }

  #change<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#changes.then(work);
    this.#changes = done.catch(() => undefined);
    return done;
  }

  async #keep(schedule: Schedule): Promise<Schedule> {
    await this.options.records.write([putJson(SCHEDULES, schedule.arn, schedule)]);
    this.#know(schedule);
    return schedule;
  }

  #know(schedule: Schedule): void {
    this.#schedules.set(schedule.arn, schedule);
    const occurrences = occurrencesOf(schedule);
    if (occurrences === null) this.#agenda.delete(schedule.arn);
    else this.#agenda.set(schedule.arn, occurrences, schedule.since);
  }

  #forget({ arn }: Schedule): void {
    this.#schedules.delete(arn);
    this.#agenda.delete(arn);
  }

  #removalOf({ arn }: Schedule): readonly RecordWrite[] {
    return [{ type: 'delete', collection: SCHEDULES, key: arn }, this.#agenda.removalOf(arn)];
  }

  #fire(arn: string, dueAt: number): Firing {
    const schedule = this.#schedules.get(arn);
    if (schedule === undefined) return { writes: [], committed: () => undefined };
    const at = this.options.clock.now();
    const { writes, accept } = this.#deliveries.prepare([
      deliveryOf(schedule, { dueAt, at, executionId: randomUUID() }),
    ]);
    const isLast = (occurrencesOf(schedule)?.next(Math.max(at, dueAt)) ?? null) === null;
    if (!isLast || !schedule.isDeletedAfterwards) return { writes, committed: accept };
    return {
      writes: [...writes, ...this.#removalOf(schedule)],
      committed: () => {
        accept();
        this.#forget(schedule);
      },
    };
  }
}

function checkName(name: string): void {
  if (/^[0-9a-zA-Z\-_.]{1,64}$/.test(name)) return;
  throw invalidSchedule(
    `1 validation error detected: Value '${name}' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: ^[0-9a-zA-Z-_.]+$`,
  );
}

const tooMany = (what: string, max: number): SchedulerFault =>
  new SchedulerFault('ServiceQuotaExceededException', `Expected at most ${max} ${what}.`, 402);
