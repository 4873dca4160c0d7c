import type {
  Definition,
  DistributedMap,
  ItemBatcher,
  ItemReader,
  MapState,
  NumberField,
  ResultWriter,
} from '../../language/definition.js';
import { queryError, StatesError } from '../../language/states-error.js';
import {
  EMPTY_OBJECT,
  entriesOf,
  isArray,
  isObject,
  type JsonObject,
  objectOf,
  Payload,
  writeJson,
} from '../../payload/index.js';
import { applyTemplate, effectiveInput, selectByPath } from '../data-flow.js';
import { Draft, stateOf } from '../draft.js';
import type { AwaitsMapRun, Execution, Frame } from '../execution.js';
import { withPlace } from '../failure.js';
import { type MapRunPlan, writePlan } from '../map-run-plan.js';
import type { Policy } from '../policy.js';
import type { Seed } from '../stimulus.js';
import { integerIn, maxConcurrencyOf, notAnArray, toleratedCount, toleratedPercentage } from './map-numbers.js';

/** Also a retry's new attempt, which is a run of its own. */
export function startMapRun(draft: Draft, frame: Frame, state: MapState, distributed: DistributedMap): void {
  const input = effectiveInput(draft, frame, state);
  const maxConcurrency = maxConcurrencyOf(draft, frame, state.maxConcurrency, input);
  const items = distributed.reader === null ? itemsOf(draft, frame, state, input) : null;
  draft.inspect(frame, 'maxConcurrency', () => maxConcurrency);
  draft.record(frame, { type: 'MapStateStarted', details: { length: lengthOf(items) }, private: null });
  // Recorded: what is wrong from here on fails after MapStateStarted.
  const plan = writePlan({
    stateName: state.name,
    label: distributed.label,
    executionType: distributed.executionType,
    maxConcurrency,
    toleratedFailureCount: toleratedCount(draft, frame, state, input),
    toleratedFailurePercentage: toleratedPercentage(draft, frame, state, input),
    reader: readerPlan(draft, frame, distributed.reader, input),
    batcher: batcherPlan(draft, frame, distributed.batcher, input),
    writer: writerPlan(draft, frame, distributed.writer, input),
  });
  const mapRunArn = newMapRunArn(draft, distributed.label);
  const { seq } = draft.record(frame, { type: 'MapRunStarted', details: { mapRunArn }, private: { items, plan } });
  draft.command({ type: 'StartMapRun', mapRun: seq, mapRunArn });
}

function itemsOf(draft: Draft, frame: Frame, state: MapState, input: Payload): Payload {
  if (state.queryLanguage === 'JSONata') {
    const items = applyTemplate(draft, frame, state.items, input, { hasRetryCount: true });
    if (isArray(items.value) || isObject(items.value)) return items;
    throw queryError(`Map state input must be an array but was: ${items.text}`, null);
  }
  const items = selectByPath(draft, frame, state.itemsPath ?? undefined, input);
  if (!isArray(items.value) && !isObject(items.value)) throw notAnArray(state);
  draft.inspect(frame, 'afterItemsPath', items);
  return items;
}

function lengthOf(items: Payload | null): number {
  if (items === null) return 0; // nobody knows yet what the reader will bring
  return isArray(items.value) ? items.value.length : entriesOf(items.value as JsonObject).length; // nothing else is mapped
}

function readerPlan(draft: Draft, frame: Frame, reader: ItemReader | null, input: Payload): MapRunPlan['reader'] {
  if (reader === null) return null;
  const { resource, config, maxItems } = reader;
  const parameters = objectOfTemplate(draft, frame, reader.parameters, input);
  // What is below zero is the reader's to refuse (recorded: States.ItemReaderFailed).
  const bounds = { isWrong: () => false, cause: '' };
  const bound = maxItems === null ? null : integerIn(draft, frame, maxItems, { input, name: 'MaxItems', bounds });
  const readerConfig = objectOf([...entriesOf(config), ...(bound === null ? [] : [['MaxItems', bound] as const])]);
  return { resource, parameters, readerConfig };
}

function batcherPlan(draft: Draft, frame: Frame, batcher: ItemBatcher | null, input: Payload): MapRunPlan['batcher'] {
  if (batcher === null) return null;
  const bound = (field: NumberField | null, name: string): number =>
    field === null
      ? 0
      : integerIn(draft, frame, field, {
          input,
          name,
          bounds: { isWrong: (value) => value < 1, cause: `${name} must be a positive integer.` },
        });
  return {
    maxItemsPerBatch: bound(batcher.maxItemsPerBatch, 'MaxItemsPerBatch'),
    maxInputBytesPerBatch: bound(batcher.maxInputBytesPerBatch, 'MaxInputBytesPerBatch'),
    batchInput:
      batcher.batchInput === null
        ? null
        : applyTemplate(draft, frame, batcher.batchInput, input, { hasRetryCount: true }).text,
  };
}

function writerPlan(draft: Draft, frame: Frame, writer: ResultWriter | null, input: Payload): MapRunPlan['writer'] {
  if (writer === null) return null;
  return {
    parameters: writer.resource === null ? null : objectOfTemplate(draft, frame, writer.parameters, input),
    writerConfig: writer.config,
  };
}

function objectOfTemplate(draft: Draft, frame: Frame, template: ItemReader['parameters'], input: Payload): JsonObject {
  const { value } =
    template === null ? EMPTY_OBJECT : applyTemplate(draft, frame, template, input, { hasRetryCount: true });
  if (isObject(value)) return value;
  throw queryError(
    `The Arguments of an ItemReader or ResultWriter must be an object but were: ${writeJson(value)}`,
    null,
  );
}

function newMapRunArn(draft: Draft, label: string): string {
  const { stateMachineArn, region } = draft.execution.identity;
  const [, , , , account, , machine] = stateMachineArn.split(':');
  const [name] = (machine ?? '').split('/'); // a child's machine has the label of its own Map behind it
  return `arn:aws:states:${region}:${account}:mapRun:${name}/${label}:${draft.random.uuid()}`;
}

/** An item as a child is made of it. */
export interface RunItem {
  readonly index: number;
  readonly text: string;
  readonly key?: string;
  /** JSON text of the pair's value, where the item is an object's pair. */
  readonly value?: string;
  readonly source: string;
}

/** What ItemSelector makes of each item; as it is, where there is none. Throws StatesError, with its place in the cause. */
export type SelectItem = (item: RunItem) => Payload;

/** Null when the execution does not await that run. The frame awaits the run meanwhile, so that nothing it looks at changes. */
export function itemSelection(
  definition: Definition,
  execution: Execution,
  mapRun: number,
  given: { readonly at: number; readonly seed: Seed; readonly policy: Policy },
): SelectItem | null {
  const awaited = awaitedMapRun(execution, mapRun);
  if (awaited === null) return null;
  const draft = new Draft(definition, execution, given.policy);
  draft.observe(given.at, given.seed);
  const { frame } = awaited;
  const state = stateOf(draft, frame);
  if (state.type !== 'Map') throw new Error('Broken invariant: a map run of no Map');
  const { itemSelector } = state;
  if (itemSelector === null) return ({ text }) => Payload.ofText(text);
  const input = selectByPath(draft, frame, state.inputPath, frame.input);
  return ({ index, text, key, value, source }) => {
    const item = { index, value: Payload.ofText(value ?? text).value, source, ...(key !== undefined && { key }) };
    try {
      return applyTemplate(draft, frame, itemSelector, input, { hasRetryCount: true, item });
    } catch (fault) {
      if (!(fault instanceof StatesError)) throw fault;
      const { error = fault.error, cause = fault.cause } = withPlace(draft, frame, fault);
      throw new StatesError(error, cause);
    }
  };
}

/** The frame that awaits a run, and what for; null when none does. */
export function awaitedMapRun(
  execution: Execution,
  mapRun: number,
): { readonly frame: Frame; readonly awaits: AwaitsMapRun } | null {
  for (const frame of execution.frames.values()) {
    if (frame.awaits?.type === 'mapRun' && frame.awaits.seq === mapRun) return { frame, awaits: frame.awaits };
  }
  return null;
}
