import { randomUUID } from 'node:crypto';
import { EVENT_SOURCES_MAX } from '../../limits.js';
import type { RecordStore, RecordWrite } from '../../store/ports.js';
import { everyRecord } from '../../store/record-pages.js';
import { putJson } from '../../store/record-writes.js';
import { EventSourceFault, invalidMapping, mappingNotFound } from './fault.js';
import { anyPattern, filterOf } from './filter.js';
import {
  checkSettings,
  checkSourceArn,
  checkStreamSettings,
  DEFAULT_SETTINGS,
  type EventSourceMapping,
  isStreamArn,
  type MappingSettings,
  STREAM_BATCH_DEFAULT,
} from './mapping.js';
import { Poller, type PollerDoors } from './poller.js';
import { type Position, type StreamDoors, StreamPoller } from './stream-poller.js';

const MAPPINGS = 'lambda.eventSource';
const PAGE = 200;
/** Calls that last longer are cut off by the end of the process; their messages come again. */
const CLOSE_GRACE_MS = 1000;

/** Where the mappings of streams have got to. */
const POSITIONS = 'lambda.eventSource.position';

export interface EventSourcesOptions extends PollerDoors, StreamDoors {
  readonly records: Pick<RecordStore, 'get' | 'scan' | 'write'>;
}

type AnyPoller = Pick<Poller, 'start' | 'stop'>;

/** Lambda's event source mappings: queues and tables' streams whose messages and changes are given to functions. All methods throw EventSourceFault. */
export class EventSources {
  readonly #mappings = new Map<string, EventSourceMapping>();
  readonly #pollers = new Map<string, AnyPoller>();
  /** Replaced ones that end their batches. */
  readonly #retired = new Set<AnyPoller>();
  #isOpen = false;

  private constructor(private readonly options: EventSourcesOptions) {}

  /** Reads what was made; nothing is polled before `start`. */
  static async open(options: EventSourcesOptions): Promise<EventSources> {
    const sources = new EventSources(options);
    for await (const { key, value } of everyRecord(options.records, { collection: MAPPINGS, limit: PAGE })) {
      // Our own text; what older releases did not have is as it was without it.
      sources.#mappings.set(key, { ...DEFAULT_SETTINGS, ...(JSON.parse(value) as EventSourceMapping) });
    }
    return sources;
  }

  start(): void {
    this.#isOpen = true;
    for (const mapping of this.#mappings.values()) this.#poll(mapping);
  }

  async close(): Promise<void> {
    this.#isOpen = false;
    await Promise.all([...this.#pollers.values(), ...this.#retired].map((poller) => poller.stop(CLOSE_GRACE_MS)));
    this.#pollers.clear();
  }

  async create(
    sourceArn: string,
    given: Partial<MappingSettings> & Pick<MappingSettings, 'functionArn'>,
  ): Promise<EventSourceMapping> {
    checkSourceArn(sourceArn);
    const isStream = isStreamArn(sourceArn);
    const settings = { ...DEFAULT_SETTINGS, ...(isStream && { batchSize: STREAM_BATCH_DEFAULT }), ...given };
    this.#check(sourceArn, settings);
    const twin = this.list({ sourceArn, functionArn: settings.functionArn })[0];
    if (twin !== undefined) {
      throw new EventSourceFault(
        'ResourceConflictException',
        `An event source mapping with ${isStream ? 'DynamoDB' : 'SQS'} arn (" ${sourceArn} ") and function (" ${nameOf(settings.functionArn)} ") already exists. ` +
          `Please update or delete the existing mapping with UUID ${twin.uuid}`,
        409,
      );
    }
    if (this.#mappings.size >= EVENT_SOURCES_MAX) {
      throw invalidMapping(
        `Expected at most ${EVENT_SOURCES_MAX} event source mappings, but there are so many already.`,
      );
    }
    const uuid = randomUUID();
    const mapping = { ...settings, uuid, sourceArn, lastModifiedAt: this.options.clock.now() };
    if (!isStream) return this.#keep(mapping);
    const after = this.options.streams.start(sourceArn, settings.startingPosition ?? 'LATEST');
    return this.#keep(mapping, [putJson(POSITIONS, uuid, after)]);
  }

  /** Members that are undefined stay as they are. Batches under way end with the old settings. */
  async update(uuid: string, changes: Partial<MappingSettings>): Promise<EventSourceMapping> {
    const current = this.get(uuid);
    const mapping = { ...current, ...changes, lastModifiedAt: this.options.clock.now() };
    this.#check(current.sourceArn, mapping);
    return this.#keep(mapping);
  }

  get(uuid: string): EventSourceMapping {
    const mapping = this.#mappings.get(uuid);
    if (mapping === undefined) throw mappingNotFound();
    return mapping;
  }

  /** Of one function or one queue, if given; by UUID. */
  list(
    wanted: { readonly functionArn?: string | undefined; readonly sourceArn?: string | undefined } = {},
  ): readonly EventSourceMapping[] {
    const { functionArn, sourceArn } = wanted;
    return [...this.#mappings.values()]
      .filter((mapping) => functionArn === undefined || mapping.functionArn === functionArn)
      .filter((mapping) => sourceArn === undefined || mapping.sourceArn === sourceArn)
      .sort((left, right) => (left.uuid < right.uuid ? -1 : 1));
  }

  async remove(uuid: string): Promise<EventSourceMapping> {
    const mapping = this.get(uuid);
    await this.options.records.write([
      { type: 'delete', collection: MAPPINGS, key: uuid },
      { type: 'delete', collection: POSITIONS, key: uuid },
    ]);
    this.#mappings.delete(uuid);
    this.#retire(uuid);
    return mapping;
  }

  #check(sourceArn: string, settings: MappingSettings): void {
    const called = this.options.functionOf(settings.functionArn);
    if (isStreamArn(sourceArn)) {
      if (!this.options.streams.exists(sourceArn)) throw invalidMapping(`Stream not found: ${sourceArn}`);
      if (called === null) throw invalidMapping('Function does not exist');
      checkStreamSettings(settings);
      anyPattern(settings.filters, this.options.parsePattern);
      return;
    }
    const queue = this.options.queues.describe(sourceArn);
    if (queue === null) {
      throw invalidMapping(
        'Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. SQS Error Message: The specified queue does not exist.',
      );
    }
    if (called === null) throw invalidMapping('Function does not exist');
    checkSettings(settings, queue, called);
    filterOf(settings.filters, sourceArn, this.options.parsePattern);
  }

  async #keep(mapping: EventSourceMapping, more: readonly RecordWrite[] = []): Promise<EventSourceMapping> {
    await this.options.records.write([putJson(MAPPINGS, mapping.uuid, mapping), ...more]);
    this.#mappings.set(mapping.uuid, mapping);
    this.#retire(mapping.uuid);
    this.#poll(mapping);
    return mapping;
  }

  #poll(mapping: EventSourceMapping): void {
    if (!this.#isOpen || !mapping.isEnabled) return;
    const poller = isStreamArn(mapping.sourceArn)
      ? new StreamPoller(mapping, this.options, this.#position(mapping.uuid))
      : new Poller(mapping, this.options);
    this.#pollers.set(mapping.uuid, poller);
    poller.start();
  }

  #position(uuid: string): Position {
    const { records } = this.options;
    return {
      load: async () => {
        const text = await records.get(POSITIONS, uuid);
        return text === null ? null : String(JSON.parse(text));
      },
      save: async (after) => {
        // A mapping that was removed meanwhile leaves no position behind.
        if (this.#mappings.has(uuid)) await records.write([putJson(POSITIONS, uuid, after)]);
      },
    };
  }

  #retire(uuid: string): void {
    const poller = this.#pollers.get(uuid);
    if (poller === undefined) return;
    this.#pollers.delete(uuid);
    this.#retired.add(poller);
    void poller.stop(RETIRED_GRACE_MS).finally(() => this.#retired.delete(poller));
  }
}

/** A replaced poller may end its batches: longer than any function may run. */
const RETIRED_GRACE_MS = 15 * 60_000;

const nameOf = (functionArn: string): string => functionArn.split(':').slice(6).join(':');
