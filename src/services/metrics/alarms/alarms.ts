import { createHash } from 'node:crypto';
import { alarmArn, type Place } from '../../../arn.js';
import {
  ALARM_ACTION_RETRIES_MAX,
  ALARM_ACTION_SECONDS_MAX,
  ALARM_LOOK_MS,
  ALARMS_MAX,
  ALARMS_PER_LOOK,
} from '../../../limits/services.js';
import type { JsonValue } from '../../../payload/index.js';
import type { RecordStore, RecordWrite } from '../../../store/ports.js';
import { everyRecord } from '../../../store/record-pages.js';
import { putJson } from '../../../store/record-writes.js';
import type { Targets, Timekeeper } from '../../ports.js';
import { TargetDeliveries, type TargetDelivery } from '../../target-deliveries.js';
import type { Metrics } from '../metrics.js';
import { periodsOf } from '../periods.js';
import { MINUTE_MS } from '../series.js';
import { parseStatistic, statisticOf } from '../statistic.js';
import {
  type Alarm,
  type AlarmHistoryItem,
  type AlarmSettings,
  type AlarmState,
  type AlarmStateValue,
  actionsFor,
} from './alarm.js';
import { evaluateAlarm, type PeriodValue, periodsRead, type Verdict } from './evaluate.js';
import { AlarmFault } from './fault.js';
import { AlarmHistory } from './history.js';
import { eventDetail, functionEvent, type Transition, topicMessage, topicSubject } from './notification.js';

export interface AlarmsOptions {
  readonly records: RecordStore;
  readonly clock: Timekeeper;
  readonly targets: Targets;
  readonly metrics: Metrics;
  /** CloudWatch's words for units: a metric without a unit is looked for in each. */
  readonly units: readonly string[];
  /** An event of AWS itself for the default bus: written together with its cause. Null when nobody wants it. */
  readonly prepareEvent: (
    place: Place,
    event: {
      readonly source: string;
      readonly detailType: string;
      readonly detail: JsonValue;
      readonly resources: readonly string[];
    },
    key: string,
  ) => { readonly writes: readonly RecordWrite[]; readonly accept: () => void } | null;
  readonly report: (line: string) => void;
}

const COLLECTION = 'alarms';
const SCAN_ROWS = 500;
const SWEEP_MS = 3_600_000;
const DELIVERY = {
  retriesMax: ALARM_ACTION_RETRIES_MAX,
  ageSecondsMax: ALARM_ACTION_SECONDS_MAX,
  deadLetterArn: null,
};

/** CloudWatch alarms on one metric each: looked at every few seconds; a change of state and what it leads to are one transaction. */
export class Alarms {
  readonly #alarms = new Map<string, Alarm>();
  readonly #history: AlarmHistory;
  readonly #deliveries: TargetDeliveries;
  /** One change at a time, since each reads before it writes. */
  #changes: Promise<unknown> = Promise.resolve();
  #callOff: (() => void) | null = null;
  #isOpen = false;
  #next = 0;
  #sweptAt = 0;

  private constructor(private readonly options: AlarmsOptions) {
    const { records, clock, targets, report } = options;
    this.#history = new AlarmHistory(records);
    const [collection, sourceAttribute] = ['alarms.deliveries', 'ALARM_ARN'];
    this.#deliveries = new TargetDeliveries({ records, clock, targets, collection, sourceAttribute, report });
  }

  static async open(options: AlarmsOptions): Promise<Alarms> {
    const alarms = new Alarms(options);
    const all = everyRecord(options.records, { collection: COLLECTION, limit: SCAN_ROWS });
    for await (const { key, value } of all) alarms.#alarms.set(key, JSON.parse(value) as Alarm); // our own text
    return alarms;
  }

  /** From now on alarms are looked at; actions that an earlier process left are taken up. */
  async start(): Promise<void> {
    this.#isOpen = true;
    await this.#deliveries.start();
    this.#arm();
  }

  async close(): Promise<void> {
    this.#isOpen = false;
    this.#callOff?.();
    await this.#changes;
    await this.#deliveries.close();
  }

  /** Resolves when the actions that can be carried out now have been. */
  async idle(): Promise<void> {
    await this.#changes;
    await this.#deliveries.idle();
  }

  find(place: Place, name: string): Alarm | null {
    return this.#alarms.get(alarmArn(place, name)) ?? null;
  }

  /** By name. */
  list(place: Place): readonly Alarm[] {
    const prefix = alarmArn(place, '');
    return [...this.#alarms.values()]
      .filter(({ arn }) => arn.startsWith(prefix))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Makes an alarm, or changes one: its state stays. Tags are for a new one only, as on AWS. */
  put(place: Place, settings: AlarmSettings, tags: Readonly<Record<string, string>> = {}): Promise<Alarm> {
    return this.#change(async () => {
      const at = this.options.clock.now();
      const arn = alarmArn(place, settings.name);
      const known = this.#alarms.get(arn);
      if (known === undefined && this.#alarms.size >= ALARMS_MAX)
        throw new AlarmFault('LimitExceeded', `There are ${ALARMS_MAX} alarms, and there cannot be more.`);
      const state: AlarmState = known?.state ?? {
        value: 'INSUFFICIENT_DATA',
        reason: 'Unchecked: Initial alarm creation',
        reasonData: '',
        updatedAt: at,
        transitionedAt: at,
      };
      const alarm: Alarm = { ...settings, arn, place, configuredAt: at, state, tags: known?.tags ?? tags };
      const verb = known === undefined ? 'created' : 'updated';
      await this.#save(alarm, [configured(alarm, at, verb)]);
      return alarm;
    });
  }

  /** As on AWS, either all of them are there and go, or none goes. */
  delete(place: Place, names: readonly string[]): Promise<void> {
    return this.#change(async () => {
      const at = this.options.clock.now();
      const gone = names.map((name) => this.#existing(place, name));
      await this.options.records.write(
        gone.flatMap((alarm) => [
          { type: 'delete' as const, collection: COLLECTION, key: alarm.arn },
          this.#history.writeFor(configured(alarm, at, 'deleted')),
        ]),
      );
      for (const { arn } of gone) this.#alarms.delete(arn);
    });
  }

  /** Until the next look, which may find another state. */
  setState(
    place: Place,
    name: string,
    { value, reason, reasonData }: Pick<AlarmState, 'value' | 'reason' | 'reasonData'>,
  ): Promise<void> {
    return this.#change(async () => {
      const alarm = this.#existing(place, name);
      await this.#transit(alarm, { value, reason, reasonData }, this.options.clock.now());
    });
  }

  setActions(place: Place, names: readonly string[], actionsEnabled: boolean): Promise<void> {
    return this.#change(async () => {
      const at = this.options.clock.now();
      for (const name of names) {
        const alarm = this.find(place, name);
        if (alarm === null) continue; // as on AWS
        await this.#save({ ...alarm, actionsEnabled }, [configured(alarm, at, 'updated')]);
      }
    });
  }

  setTags(arn: string, change: (tags: Readonly<Record<string, string>>) => Readonly<Record<string, string>>) {
    return this.#change(async () => {
      const alarm = this.#alarms.get(arn);
      if (alarm === undefined) throw new AlarmFault('ResourceNotFound', `Unknown alarm ${arn}`);
      await this.#save({ ...alarm, tags: change(alarm.tags) }, []);
    });
  }

  tagsOf(arn: string): Readonly<Record<string, string>> {
    const alarm = this.#alarms.get(arn);
    if (alarm === undefined) throw new AlarmFault('ResourceNotFound', `Unknown alarm ${arn}`);
    return alarm.tags;
  }

  /** Oldest first; of a deleted alarm too. */
  async history(place: Place, name: string | null): Promise<readonly AlarmHistoryItem[]> {
    return this.#history.read(name === null ? alarmArn(place, '') : `${alarmArn(place, name)}\n`);
  }

  /** Looks at some alarms, in turn. */
  look(): Promise<void> {
    return this.#change(async () => {
      const all = [...this.#alarms.values()];
      const from = this.#next >= all.length ? 0 : this.#next;
      this.#next = from + ALARMS_PER_LOOK;
      for (const alarm of all.slice(from, this.#next)) await this.#lookAt(alarm);
      await this.#sweep();
    });
  }

  async #lookAt(alarm: Alarm): Promise<void> {
    const at = this.options.clock.now();
    const verdict = evaluateAlarm(alarm, await this.#periodsOf(alarm, at), at);
    if (verdict === null || verdict.value === alarm.state.value) return;
    await this.#transit(alarm, encoded(verdict), at);
  }

  async #periodsOf(alarm: Alarm, now: number): Promise<readonly PeriodValue[]> {
    const period = alarm.periodSeconds * 1000;
    const statistic = parseStatistic(alarm.statistic);
    if (statistic === null) throw new Error(`Broken invariant: an alarm with the statistic ${alarm.statistic}`);
    const to = Math.floor(now / MINUTE_MS) * MINUTE_MS + (onlyGrows(alarm) ? MINUTE_MS : 0);
    const count = periodsRead(alarm);
    const from = to - count * period;
    const { metrics, units } = this.options;
    const id = { place: alarm.place, namespace: alarm.namespace, name: alarm.metricName, dimensions: alarm.dimensions };
    const series = metrics.find(id, alarm.unit === null ? units : [alarm.unit]);
    const values = new Map(await periodsOf(metrics, series, { from, to, period }));
    return Array.from({ length: count }, (_, index) => {
      const start = from + index * period;
      const point = values.get(start);
      return { at: start, value: point === undefined ? null : statisticOf(point, statistic) };
    });
  }

  async #transit(
    alarm: Alarm,
    { value, reason, reasonData }: Pick<AlarmState, 'value' | 'reason' | 'reasonData'>,
    at: number,
  ): Promise<void> {
    const isChange = value !== alarm.state.value;
    const transitionedAt = isChange ? at : alarm.state.transitionedAt;
    const after: Alarm = { ...alarm, state: { value, reason, reasonData, updatedAt: at, transitionedAt } };
    if (!isChange) return this.#save(after, []);
    const transition = { alarm: after, before: alarm.state };
    const deliveries = actionsFor(after, value).map((arn) => deliveryOf(transition, arn));
    const { writes, accept } = this.#deliveries.prepare(deliveries);
    const event = this.#eventOf(transition);
    const items = [stateUpdate(transition), ...deliveries.map(({ call }) => action(after, call.arn))];
    await this.#save(after, items, [...writes, ...(event?.writes ?? [])]);
    accept();
    event?.accept();
  }

  #eventOf(transition: Transition): ReturnType<AlarmsOptions['prepareEvent']> {
    const { arn, place } = transition.alarm;
    const detail = eventDetail(transition) as unknown as JsonValue; // of texts and numbers only
    const event = { source: 'aws.cloudwatch', detailType: 'CloudWatch Alarm State Change', detail, resources: [arn] };
    return this.options.prepareEvent(place, event, keyOf(transition, 'event'));
  }

  async #save(alarm: Alarm, items: readonly AlarmHistoryItem[], writes: readonly RecordWrite[] = []): Promise<void> {
    const history = items.map((item) => this.#history.writeFor(item));
    await this.options.records.write([putJson(COLLECTION, alarm.arn, alarm), ...history, ...writes]);
    this.#alarms.set(alarm.arn, alarm);
  }

  async #sweep(): Promise<void> {
    const now = this.options.clock.now();
    if (now - this.#sweptAt < SWEEP_MS) return;
    this.#sweptAt = now;
    await this.#history.removeBefore(now);
  }

  #existing(place: Place, name: string): Alarm {
    const alarm = this.find(place, name);
    if (alarm === null) throw new AlarmFault('ResourceNotFound', `Unknown alarm ${name}`);
    return alarm;
  }

  #arm(): void {
    if (!this.#isOpen) return;
    this.#callOff = this.options.clock.after(ALARM_LOOK_MS, () => {
      void this.look()
        .catch((fault: unknown) => this.options.report(`Alarms could not be looked at: ${fault}. Trying again.`))
        .finally(() => this.#arm());
    });
  }

  #change<Result>(work: () => Promise<Result>): Promise<Result> {
    const own = this.#changes.then(work);
    this.#changes = own.catch(() => undefined);
    return own;
  }
}

/** Values of the minute under way count where they can only get further over the threshold: the alarm is told at once. */
const onlyGrows = ({ comparison, statistic }: AlarmSettings): boolean =>
  comparison.startsWith('Greater') && ['Sum', 'SampleCount', 'Maximum'].includes(statistic);

const encoded = ({ value, reason, reasonData }: Verdict): Pick<AlarmState, 'value' | 'reason' | 'reasonData'> => ({
  value,
  reason: reason.slice(0, REASON_CHARS_MAX),
  reasonData: JSON.stringify(reasonData),
});

/** AWS's bound. */
const REASON_CHARS_MAX = 1023;

/** The same for the same change: what an action leads to happens once. */
function keyOf({ alarm }: Transition, target: string): string {
  const text = `${alarm.arn} ${alarm.state.transitionedAt} ${alarm.state.value} ${target}`;
  return createHash('sha256').update(text).digest('hex').slice(0, 36);
}

function deliveryOf(transition: Transition, arn: string): TargetDelivery {
  const { alarm } = transition;
  const isTopic = arn.startsWith('arn:aws:sns:');
  return {
    call: {
      arn,
      input: isTopic ? topicMessage(transition) : functionEvent(transition),
      key: keyOf(transition, arn),
      messageGroupId: null,
      event: null,
      ...(isTopic && { subject: topicSubject(transition) }),
    },
    policy: DELIVERY,
    sourceArn: alarm.arn,
    at: alarm.state.transitionedAt,
  };
}

const item = (
  alarm: Alarm,
  { at, type, summary, data }: Pick<AlarmHistoryItem, 'at' | 'type' | 'summary'> & { readonly data: object },
): AlarmHistoryItem => ({
  ...{ alarmName: alarm.name, alarmArn: alarm.arn, at, type, summary },
  data: JSON.stringify({ version: '1.0', ...data }),
});

const configured = (alarm: Alarm, at: number, verb: 'created' | 'updated' | 'deleted'): AlarmHistoryItem =>
  item(alarm, {
    at,
    type: 'ConfigurationUpdate',
    summary: `Alarm "${alarm.name}" ${verb}`,
    data: { type: verb === 'created' ? 'Create' : verb === 'updated' ? 'Update' : 'Delete' },
  });

const stateUpdate = ({ alarm, before }: Transition): AlarmHistoryItem =>
  item(alarm, {
    at: alarm.state.transitionedAt,
    type: 'StateUpdate',
    summary: `Alarm updated from ${before.value} to ${alarm.state.value}`,
    data: { oldState: stateMembers(before), newState: stateMembers(alarm.state) },
  });

const stateMembers = ({ value, reason, reasonData }: AlarmState): object => ({
  stateValue: value satisfies AlarmStateValue,
  stateReason: reason,
  ...(reasonData !== '' && { stateReasonData: JSON.parse(reasonData) }),
});

const action = (alarm: Alarm, arn: string): AlarmHistoryItem =>
  item(alarm, {
    at: alarm.state.transitionedAt,
    type: 'Action',
    summary: `Action ${arn} is carried out`,
    data: { stateUpdateTimestamp: alarm.state.transitionedAt, notificationResource: arn },
  });
