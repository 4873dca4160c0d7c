import type { Place } from '../../arn.js';
import { EVENT_BUSES_MAX, EVENT_RULES_MAX, EVENT_TAGS_MAX, EVENT_TARGETS_MAX } from '../../limits/services.js';
import type { JsonValue } from '../../payload/index.js';
import type { RecordStore, RecordWrite } from '../../store/ports.js';
import { everyRecord } from '../../store/record-pages.js';
import { putJson } from '../../store/record-writes.js';
import type { Clock } from '../ports.js';
import { type EventPattern, parseEventPattern } from './event-pattern.js';
import { EventsFault, invalidEvents, notFound } from './fault.js';
import { busArn, busNameOf, DEFAULT_BUS, type EventBus, placeOf, type Rule, readSchedule, ruleArn } from './rule.js';
import { checkTarget, type Target } from './target.js';

const BUSES = 'events.bus';
const RULES = 'events.rule';
const SCAN_ROWS = 500;

export type Tags = Readonly<Record<string, string>>;

/** What PutRule says of a rule; targets and tags that are there already stay. */
export interface RuleRequest {
  readonly name: string;
  readonly busName: string | undefined;
  readonly pattern: string | null;
  readonly schedule: string | null;
  readonly isEnabled: boolean;
  readonly description: string | null;
  readonly roleArn: string | null;
  readonly tags: Tags;
}

/** Hears of every change of a rule; null: it is gone. What it returns is committed with the change. */
export type RuleListener = (arn: string, rule: Rule | null) => readonly RecordWrite[];

interface KnownRule {
  readonly rule: Rule;
  /** Null for a rule that does not look at events, or is disabled. */
  readonly pattern: EventPattern | null;
}

/** Event buses and their rules: all of them in memory, every change in the store first. Throws EventsFault. */
export class Rules {
  readonly #buses = new Map<string, EventBus>();
  /** Bus → name → rule. */
  readonly #rules = new Map<string, Map<string, KnownRule>>();
  /** One change at a time, since each reads before it writes. */
  #changes: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly records: Pick<RecordStore, 'scan' | 'write'>,
    private readonly clock: Clock,
    private readonly listener: RuleListener,
  ) {}

  static async open(
    records: Pick<RecordStore, 'scan' | 'write'>,
    clock: Clock,
    listener: RuleListener,
  ): Promise<Rules> {
    const rules = new Rules(records, clock, listener);
    for (const text of await rules.#all(BUSES)) {
      const bus = JSON.parse(text) as EventBus; // our own text
      rules.#buses.set(bus.arn, bus);
    }
    for (const text of await rules.#all(RULES)) {
      const rule = JSON.parse(text) as Rule; // our own text
      rules.#know(rule);
      listener(rule.arn, rule);
    }
    return rules;
  }

  async #all(collection: string): Promise<readonly string[]> {
    const texts: string[] = [];
    for await (const { value } of everyRecord(this.records, { collection, limit: SCAN_ROWS })) texts.push(value);
    return texts;
  }

  /** The bus of this name or ARN; `default` is always there. */
  bus(place: Place, nameOrArn: string | undefined): EventBus {
    const name = busNameOf(nameOrArn);
    const arn = busArn(place, name);
    const found = this.findBus(arn);
    if (found === null) throw notFound(`Event bus ${name} does not exist.`);
    return found;
  }

  findBus(arn: string): EventBus | null {
    const known = this.#buses.get(arn);
    if (known !== undefined) return known;
    const isDefault = arn.endsWith(`:event-bus/${DEFAULT_BUS}`);
    return isDefault ? { arn, name: DEFAULT_BUS, description: null, tags: {}, createdAt: 0 } : null;
  }

  buses(place: Place, prefix: string): readonly EventBus[] {
    const start = busArn(place, '');
    const all = [...this.#buses.values()].filter(({ arn, name }) => arn.startsWith(start) && name !== DEFAULT_BUS);
    return [this.bus(place, DEFAULT_BUS), ...all]
      .filter(({ name }) => name.startsWith(prefix))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  createBus(place: Place, name: string, more: { description: string | null; tags: Tags }): Promise<EventBus> {
    return this.#change(async () => {
      if (!/^[A-Za-z0-9._\-/]{1,256}$/.test(name) || name.startsWith('aws.')) {
        throw invalidEvents(
          `Parameter Name is not valid. Reason: Expected letters, digits, '.', '-' and '_', but it is '${name}'.`,
        );
      }
      const arn = busArn(place, name);
      if (this.findBus(arn) !== null) {
        throw new EventsFault('ResourceAlreadyExistsException', `Event bus ${name} already exists.`);
      }
      const count = this.buses(place, '').length - 1;
      if (count >= EVENT_BUSES_MAX) throw tooMany('event buses of a region', EVENT_BUSES_MAX);
      checkTags(more.tags);
      return this.#keepBus({ arn, name, ...more, createdAt: this.clock.now() });
    });
  }

  describeBus(place: Place, name: string, description: string | null): Promise<EventBus> {
    return this.#change(async () => this.#keepBus({ ...this.bus(place, name), description }));
  }

  /** No such bus: nothing to do, as on AWS. */
  removeBus(place: Place, name: string): Promise<void> {
    return this.#change(async () => {
      if (busNameOf(name) === DEFAULT_BUS) throw invalidEvents('Cannot delete event bus default.');
      const arn = busArn(place, busNameOf(name));
      if (this.findBus(arn) === null) return;
      if (this.rulesOf(arn).length > 0) {
        throw invalidEvents(`Event bus ${name} can't be deleted since it has rules.`);
      }
      await this.records.write([{ type: 'delete', collection: BUSES, key: arn }]);
      this.#buses.delete(arn);
    });
  }

  /** By name. */
  rulesOf(arn: string): readonly Rule[] {
    const rules = [...(this.#rules.get(arn)?.values() ?? [])].map(({ rule }) => rule);
    return rules.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  find(place: Place, busName: string | undefined, name: string): Rule | null {
    return this.#rules.get(this.bus(place, busName).arn)?.get(name)?.rule ?? null;
  }

  get(place: Place, busName: string | undefined, name: string): Rule {
    const rule = this.find(place, busName, name);
    if (rule === null) throw notFound(`Rule ${name} does not exist on EventBus ${busNameOf(busName)}.`);
    return rule;
  }

  findByArn(arn: string): Rule | null {
    const [, bus = DEFAULT_BUS, name = ''] = /:rule\/(?:(.+)\/)?([^/]+)$/.exec(arn) ?? [];
    return this.#rules.get(busArn(placeOf(arn), bus))?.get(name)?.rule ?? null;
  }

  /** Whether some rule of the bus looks at events at all: cheap, for those who would have to make one. */
  isListening(arn: string): boolean {
    for (const { pattern } of this.#rules.get(arn)?.values() ?? []) if (pattern !== null) return true;
    return false;
  }

  /** The rules of a bus that want this event. */
  matching(arn: string, event: JsonValue): readonly Rule[] {
    const wanted: Rule[] = [];
    for (const { rule, pattern } of this.#rules.get(arn)?.values() ?? []) {
      if (pattern?.matches(event)) wanted.push(rule);
    }
    return wanted;
  }

  put(place: Place, request: RuleRequest): Promise<Rule> {
    return this.#change(async () => {
      const bus = this.bus(place, request.busName);
      checkRule(bus, request);
      const before = this.find(place, bus.name, request.name);
      if (before === null && this.rulesOf(bus.arn).length >= EVENT_RULES_MAX) {
        throw tooMany('rules of an event bus', EVENT_RULES_MAX);
      }
      const { busName: _, tags, ...given } = request;
      checkTags(tags);
      const goesOn = before?.isEnabled && before.schedule === request.schedule;
      const rule: Rule = {
        ...given,
        arn: ruleArn(place, bus.name, request.name),
        busArn: bus.arn,
        busName: bus.name,
        targets: before?.targets ?? [],
        tags: before?.tags ?? tags,
        since: goesOn ? before.since : this.clock.now(),
      };
      return this.#keep(rule);
    });
  }

  setEnabled(place: Place, busName: string | undefined, name: string, isEnabled: boolean): Promise<Rule> {
    return this.#change(async () => {
      const rule = this.get(place, busName, name);
      if (rule.isEnabled === isEnabled) return rule;
      return this.#keep({ ...rule, isEnabled, since: this.clock.now() });
    });
  }

  /** No such rule: nothing to do, as on AWS. */
  remove(place: Place, busName: string | undefined, name: string): Promise<void> {
    return this.#change(async () => {
      const rule = this.find(place, busName, name);
      if (rule === null) return;
      if (rule.targets.length > 0) throw invalidEvents("Rule can't be deleted since it has targets.");
      const writes = this.listener(rule.arn, null);
      await this.records.write([{ type: 'delete', collection: RULES, key: rule.arn }, ...writes]);
      this.#rules.get(rule.busArn)?.delete(name);
    });
  }

  /** A target with the id of one that is there takes its place. */
  putTargets(rule: Pick<Rule, 'arn'>, targets: readonly Target[]): Promise<void> {
    return this.#change(async () => {
      const known = this.#current(rule.arn);
      for (const target of targets) checkTarget(target);
      const ids = new Set(targets.map(({ id }) => id));
      const all = [...known.targets.filter(({ id }) => !ids.has(id)), ...targets];
      if (all.length > EVENT_TARGETS_MAX) throw tooMany('targets of a rule', EVENT_TARGETS_MAX);
      await this.#keep({ ...known, targets: all });
    });
  }

  /** Returns the ids that no target has. */
  removeTargets(rule: Pick<Rule, 'arn'>, ids: readonly string[]): Promise<readonly string[]> {
    return this.#change(async () => {
      const known = this.#current(rule.arn);
      await this.#keep({ ...known, targets: known.targets.filter(({ id }) => !ids.includes(id)) });
      return ids.filter((id) => !known.targets.some((target) => target.id === id));
    });
  }

  /** Of a rule or a bus. */
  tagsOf(arn: string): Tags {
    const tagged = this.findByArn(arn) ?? this.findBus(arn);
    if (tagged === null) throw notFound(`Resource ${arn} does not exist.`);
    return tagged.tags;
  }

  setTags(arn: string, change: (tags: Tags) => Tags): Promise<void> {
    return this.#change(async () => {
      const tags = change(this.tagsOf(arn));
      checkTags(tags);
      const rule = this.findByArn(arn);
      const bus = this.findBus(arn);
      if (rule !== null) await this.#keep({ ...rule, tags });
      else if (bus !== null) await this.#keepBus({ ...bus, tags });
    });
  }

  #current(arn: string): Rule {
    const rule = this.findByArn(arn);
    if (rule === null) throw notFound(`Rule ${arn} does not exist.`);
    return rule;
  }

  #change<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#changes.then(work);
    this.#changes = done.catch(() => undefined);
    return done;
  }

  async #keepBus(bus: EventBus): Promise<EventBus> {
    await this.records.write([putJson(BUSES, bus.arn, bus)]);
    this.#buses.set(bus.arn, bus);
    return bus;
  }

  async #keep(rule: Rule): Promise<Rule> {
    await this.records.write([putJson(RULES, rule.arn, rule)]);
    this.#know(rule);
    this.listener(rule.arn, rule);
    return rule;
  }

  #know(rule: Rule): void {
    const rules = this.#rules.get(rule.busArn) ?? new Map<string, KnownRule>();
    const pattern = rule.pattern === null || !rule.isEnabled ? null : parseEventPattern(rule.pattern);
    rules.set(rule.name, { rule, pattern });
    this.#rules.set(rule.busArn, rules);
  }
}

function checkRule(bus: EventBus, { name, pattern, schedule }: RuleRequest): void {
  if (!/^[.\-_A-Za-z0-9]{1,64}$/.test(name)) {
    throw invalidEvents(
      `1 validation error detected: Value '${name}' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\.\\-_A-Za-z0-9]+`,
    );
  }
  if (pattern === null && schedule === null) {
    throw invalidEvents('Parameter(s) EventPattern or ScheduleExpression must be specified.');
  }
  if (pattern !== null) parseEventPattern(pattern);
  if (schedule === null) return;
  if (bus.name !== DEFAULT_BUS) throw invalidEvents('ScheduleExpression is supported only on the default event bus.');
  readSchedule(schedule, 0);
}

function checkTags(tags: Tags): void {
  if (Object.keys(tags).length > EVENT_TAGS_MAX) throw tooMany('tags of a resource', EVENT_TAGS_MAX);
}

const tooMany = (what: string, max: number): EventsFault =>
  new EventsFault(
    'LimitExceededException',
    `The requested resource exceeds the maximum number allowed: ${max} ${what}.`,
  );
