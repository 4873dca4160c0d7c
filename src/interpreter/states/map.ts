import type { MapState } from '../../language/definition.js';
import { queryError } from '../../language/states-error.js';
import { INLINE_MAP_CONCURRENCY_MAX } from '../../limits.js';
import { isArray, type JsonArray, type JsonValue, Payload } from '../../payload/index.js';
import { applyTemplate, effectiveInput, selectByPath } from '../data-flow.js';
import type { Draft } from '../draft.js';
import type { Frame } from '../execution.js';
import { startMapRun } from './distributed-map.js';
import { maxConcurrencyOf, notAnArray, toleratedCount, toleratedPercentage } from './map-numbers.js';

/** Also a retry's new attempt. */
export function startMap(draft: Draft, frame: Frame, state: MapState): void {
  if (state.distributed !== null) return startMapRun(draft, frame, state, state.distributed);
  const input = effectiveInput(draft, frame, state);
  const concurrency = maxConcurrencyOf(draft, frame, state.maxConcurrency, input);
  const items = itemsOf(draft, frame, state, input);
  draft.inspect(frame, 'maxConcurrency', () => concurrency);
  const slots = concurrency === 0 ? INLINE_MAP_CONCURRENCY_MAX : Math.min(concurrency, INLINE_MAP_CONCURRENCY_MAX);
  const started = draft.record(frame, {
    type: 'MapStateStarted',
    details: { length: (items.value as JsonArray).length },
    private: { items, slots },
  });
  if (draft.policy.trial !== null) return inspectIterations(draft, frame, state, input);
  openIterations(draft, frame, state, started.id ?? 0);
  if ((items.value as JsonArray).length === 0) draft.makeReady(frame);
}

/** What is mapped: always an array. AWS maps objects in distributed Maps only (recorded). */
function itemsOf(draft: Draft, frame: Frame, state: MapState, input: Payload): Payload {
  if (state.queryLanguage === 'JSONata') {
    const items = applyTemplate(draft, frame, state.items, input, { hasRetryCount: true });
    if (isArray(items.value)) return items;
    throw queryError(`Map state input must be an array but was: ${items.text}`, null);
  }
  const items = selectByPath(draft, frame, state.itemsPath ?? undefined, input);
  if (!isArray(items.value)) throw notAnArray(state);
  draft.inspect(frame, 'afterItemsPath', items);
  return items;
}

/** How many of the iterations may fail, and what they would get: for whoever tries the state. */
function inspectIterations(draft: Draft, frame: Frame, state: MapState, input: Payload): void {
  toleratedCount(draft, frame, state, input);
  toleratedPercentage(draft, frame, state, input);
  const { awaits } = frame;
  if (state.itemSelector === null || awaits?.type !== 'children' || awaits.map === null) return;
  const items = awaits.map.items.value as JsonArray; // checked when the Map started
  const inputs = items.map((item, index) => iterationInput(draft, frame, state, index, item));
  draft.inspect(frame, 'afterItemSelector', Payload.concatenate(inputs));
}

/** Fills the free slots. `previous` is the event that the new iterations point at. */
export function openIterations(draft: Draft, frame: Frame, state: MapState, previous: number): void {
  const { awaits } = frame;
  if (awaits?.type !== 'children' || awaits.map === null) return;
  const { items, slots } = awaits.map;
  const list = items.value as JsonArray; // checked when the Map started
  while (awaits.nextIndex < awaits.total && awaits.open.size < slots) {
    const index = awaits.nextIndex;
    const input = iterationInput(draft, frame, state, index, list[index] as JsonValue);
    const child = draft.recordOpening(
      {
        type: 'MapIterationStarted',
        details: { name: state.name, index },
        private: { parent: frame.id, startAt: state.processor.startAt.name, input },
      },
      previous,
    );
    draft.makeReady(child);
  }
}

/** The item itself, or what ItemSelector makes of it: there `$` is the Map's input, `$$.Map.Item` the item. */
function iterationInput(draft: Draft, frame: Frame, state: MapState, index: number, value: JsonValue): Payload {
  if (state.itemSelector === null) return Payload.ofValue(value);
  const input = selectByPath(draft, frame, state.inputPath, frame.input);
  const options = { hasRetryCount: true, item: { index, value } };
  return applyTemplate(draft, frame, state.itemSelector, input, options);
}
