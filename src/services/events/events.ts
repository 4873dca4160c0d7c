import { createHash, randomUUID } from 'node:crypto';
import type { Place } from '../../arn.js';
import { EVENT_ENTRIES_BYTES_MAX, EVENT_ENTRIES_MAX } from '../../limits/services.js';
import { isObject, type JsonObject, memberOf, parseJson } from '../../payload/index.js';
import type { RecordStore, RecordWrite } from '../../store/ports.js';
import { Agenda, type Firing } from '../agenda.js';
import { Performed } from '../performed.js';
import type { TargetOutcome, Targets, Timekeeper } from '../ports.js';
import { type PreparedDeliveries, TargetDeliveries, type TargetDelivery } from '../target-deliveries.js';
import { bytesOf, type EventContent, type EventEntry, envelope, isoSeconds, readEntry } from './event.js';
import { invalidEvents } from './fault.js';
import { busArn, busNameOf, DEFAULT_BUS, occurrencesOf, placeOf, type Rule } from './rule.js';
import { Rules } from './rules.js';
import { inputFor, policyOf } from './target.js';

export interface EventsOptions {
  readonly records: RecordStore;
  readonly clock: Timekeeper;
  readonly targets: Targets;
  /** Hears of events that were given up, and of buses that are not there. */
  readonly report: (line: string) => void;
}

export type EntryResult = { readonly eventId: string } | { readonly errorCode: string; readonly errorMessage: string };

/** EventBridge: events that are put reach the targets of the rules that want them at least once, over restarts too. */
export class Events {
  readonly #deliveries: TargetDeliveries;
  readonly #performed: Performed;
  readonly #agenda: Agenda;

  private constructor(
    private readonly options: EventsOptions,
    private readonly known: { rules: Rules | null } = { rules: null },
  ) {
    const { records, clock, targets, report } = options;
    this.#performed = new Performed(records, clock, 'events.performed');
    const collection = 'events.deliveries';
    this.#deliveries = new TargetDeliveries({
      records,
      clock,
      targets,
      collection,
      sourceAttribute: 'RULE_ARN',
      report,
    });
    const fire = (key: string, dueAt: number): Firing => this.#fire(key, dueAt);
    this.#agenda = new Agenda({ records, clock, collection: 'events.fired', fire, report });
  }

  static async open(options: EventsOptions): Promise<Events> {
    const events = new Events(options);
    events.known.rules = await Rules.open(options.records, options.clock, (arn, rule) => events.#plan(arn, rule));
    return events;
  }

  get rules(): Rules {
    if (this.known.rules === null) throw new Error('Broken invariant: events were used before they were open');
    return this.known.rules;
  }

  /** Takes up the deliveries that an earlier process left, and fires what was due meanwhile. */
  async start(): Promise<void> {
    this.#performed.start(this.options.report);
    await this.#deliveries.start();
    await this.#agenda.start();
  }

  /** Waits a moment for the deliveries under way; those that last longer are repeated after the next start. */
  async close(): Promise<void> {
    this.#performed.stop();
    await this.#agenda.close();
    await this.#deliveries.close();
  }

  /** Resolves when everything that can be delivered now has been. */
  async idle(): Promise<void> {
    await this.#agenda.idle();
    await this.#deliveries.idle();
  }

  /**
   * Accepted and durable when it resolves: a result for each entry. With a `key` it happens once, and a repeated key gets
   * the first results. Throws EventsFault for the request as a whole.
   */
  async put(
    place: Place,
    entries: readonly EventEntry[],
    options: { readonly key?: string } = {},
  ): Promise<readonly EntryResult[]> {
    checkEntries(entries);
    const at = this.options.clock.now();
    const results: EntryResult[] = [];
    const deliveries: TargetDelivery[] = [];
    for (const entry of entries) {
      const id = randomUUID();
      const read = readEntry(entry, place, { id, at });
      if (read.type === 'refused') {
        results.push({ errorCode: read.errorCode, errorMessage: read.errorMessage });
        continue;
      }
      results.push({ eventId: id });
      deliveries.push(...this.#route(busArn(place, busNameOf(entry.busName)), read.event, { at, isForwarded: false }));
    }
    const { writes, accept } = this.#deliveries.prepare(deliveries);
    const once = await this.#performed.once(options.key, JSON.stringify(results), writes);
    if (once.isRepeated) return JSON.parse(once.result) as EntryResult[]; // our own text
    accept();
    return results;
  }

  /** Whether it is worth making an event for the default bus. */
  isListening(place: Place): boolean {
    return this.rules.isListening(busArn(place, DEFAULT_BUS));
  }

  /**
   * An event of AWS itself (`aws.states`), on the default bus: what is to be written in the transaction of its cause, so
   * that neither is there without the other. Null when no rule wants it. `key` makes its id.
   */
  prepare(place: Place, content: EventContent, key: string): PreparedDeliveries | null {
    const at = this.options.clock.now();
    const event = envelope(content, place, { id: idOf(key), at });
    const deliveries = this.#route(busArn(place, DEFAULT_BUS), event, { at, isForwarded: false });
    return deliveries.length === 0 ? null : this.#deliveries.prepare(deliveries);
  }

  /** The same in a transaction of its own. With the same `key` again nothing happens. */
  async publish(place: Place, content: EventContent, key: string): Promise<void> {
    const prepared = this.prepare(place, content, key);
    if (prepared === null) return;
    const once = await this.#performed.once(key, '', prepared.writes);
    if (!once.isRepeated) prepared.accept();
  }

  /** An event that a rule sent to another bus: it goes to that one's targets, but to no third bus, as on AWS. */
  async forward(arn: string, text: string, key: string): Promise<TargetOutcome> {
    const refused = (code: string, message: string): TargetOutcome => ({ type: 'refused', code, message });
    if (this.rules.findBus(arn) === null) return refused('RESOURCE_NOT_FOUND', `Event bus ${arn} does not exist.`);
    const event = parseJson(text);
    if (!isObject(event) || memberOf(event, 'detail-type') === undefined) {
      return refused('INVALID_JSON', 'Expected an event, as an event bus gets it, but the rule sends something else.');
    }
    const at = this.options.clock.now();
    const { writes, accept } = this.#deliveries.prepare(this.#route(arn, event, { at, isForwarded: true }));
    const once = await this.#performed.once(key, '', writes);
    if (!once.isRepeated) accept();
    return { type: 'done' };
  }

  #route(
    bus: string,
    event: JsonObject,
    { at, isForwarded }: { readonly at: number; readonly isForwarded: boolean },
  ): readonly TargetDelivery[] {
    if (this.rules.findBus(bus) === null) {
      // AWS takes such events too, and nobody gets them.
      this.options.report(`An event was put on ${bus}, but there is no such event bus: nobody gets it.`);
      return [];
    }
    return this.rules.matching(bus, event).flatMap((rule) => deliveriesOf(rule, event, { at, isForwarded }));
  }

  #plan(arn: string, rule: Rule | null): readonly RecordWrite[] {
    const occurrences = rule === null ? null : occurrencesOf(rule);
    if (rule === null || occurrences === null) this.#agenda.delete(arn);
    else this.#agenda.set(arn, occurrences, rule.since);
    return rule === null ? [this.#agenda.removalOf(arn)] : [];
  }

  #fire(arn: string, dueAt: number): Firing {
    const rule = this.rules.findByArn(arn);
    if (rule === null) return { writes: [], committed: () => undefined };
    const content = { source: 'aws.events', detailType: 'Scheduled Event', detail: {}, resources: [arn] };
    const event = envelope(content, placeOf(arn), { id: randomUUID(), at: dueAt });
    const at = this.options.clock.now();
    const { writes, accept } = this.#deliveries.prepare(deliveriesOf(rule, event, { at, isForwarded: false }));
    return { writes, committed: accept };
  }
}

function checkEntries(entries: readonly EventEntry[]): void {
  const count = entries.length;
  if (count < 1 || count > EVENT_ENTRIES_MAX) {
    const rule = count < 1 ? 'greater than or equal to 1' : `less than or equal to ${EVENT_ENTRIES_MAX}`;
    throw invalidEvents(
      `1 validation error detected: Value '[PutEventsRequestEntry]' at 'entries' failed to satisfy constraint: Member must have length ${rule}`,
    );
  }
  const bytes = entries.reduce((sum, entry) => sum + bytesOf(entry), 0);
  if (bytes > EVENT_ENTRIES_BYTES_MAX) {
    throw invalidEvents('Total size of the entries in the request is over the limit.');
  }
}

function deliveriesOf(
  rule: Rule,
  event: JsonObject,
  { at, isForwarded }: { readonly at: number; readonly isForwarded: boolean },
): readonly TargetDelivery[] {
  const context = { event, ruleArn: rule.arn, ruleName: rule.name, ingestionTime: isoSeconds(at) };
  const id = textOf(event, 'id');
  return rule.targets
    .filter(({ arn }) => !(isForwarded && arn.includes(':event-bus/')))
    .map((target) => ({
      call: {
        arn: target.arn,
        input: inputFor(target, context),
        key: `${id}_${idOf(`${id} ${rule.arn} ${target.id}`)}`,
        messageGroupId: target.messageGroupId,
        event: null,
      },
      policy: policyOf(target),
      sourceArn: rule.arn,
      at,
    }));
}

/** A UUID made of a text. */
function idOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

function textOf(event: JsonObject, name: string): string {
  const value = memberOf(event, name);
  return typeof value === 'string' ? value : '';
}
