import type { JsonValue } from '../../payload/index.js';
import type { JsonataScope } from './index.js';

/** A scope for tests: fixed time and randomness. */
export function scopeOf(states: JsonValue = {}, variables: ReadonlyMap<string, JsonValue> = new Map()): JsonataScope {
  return {
    states,
    variable: (name) => variables.get(name),
    at: Date.UTC(2023, 10, 14, 22, 13, 20),
    random: () => 0.5,
    uuid: () => 'b0a1c2d3-0000-4000-8000-000000000000',
  };
}
