import type { MapState, Path } from '../../language/definition.js';
import { runtimeError } from '../../language/states-error.js';
import { INLINE_MAP_CONCURRENCY_MAX } from '../../limits.js';
import { isArray, type JsonArray, type JsonValue, Payload } from '../../payload/index.js';
import { applyTemplate, selectByPath } from '../data-flow.js';
import type { Draft } from '../draft.js';
import type { Frame } from '../execution.js';
import { startMapRun } from './distributed-map.js';
import { maxConcurrencyOf } from './map-numbers.js';

/** Also a retry's new attempt. */
export function startMap(draft: Draft, frame: Frame, state: MapState): void {
  if (state.distributed !== null) return startMapRun(draft, frame, state, state.distributed);
  const input = selectByPath(draft, frame, state.inputPath, frame.input);
  const items = selectByPath(draft, frame, state.itemsPath ?? undefined, input);
  if (!isArray(items.value)) {
    throw runtimeError(`Reference path "${state.itemsPath?.text ?? '$'}" must point to array.`);
  }
  const slots = slotsOf(draft, frame, state.maxConcurrency, input);
  const started = draft.record(frame, {
    type: 'MapStateStarted',
    details: { length: items.value.length },
    private: { items, slots },
  });
  openIterations(draft, frame, state, started.id ?? 0);
  if (items.value.length === 0) draft.makeReady(frame);
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
  return applyTemplate(draft, frame, state.itemSelector, input, { hasRetryCount: true, item: { index, value } });
}

function slotsOf(draft: Draft, frame: Frame, field: number | Path, input: Payload): number {
  const wanted = maxConcurrencyOf(draft, frame, field, input);
  return wanted === 0 ? INLINE_MAP_CONCURRENCY_MAX : Math.min(wanted, INLINE_MAP_CONCURRENCY_MAX);
}
