import { AWS_QUOTAS, type Quotas } from '../limits.js';
import type { JsonObject, JsonValue, Payload } from '../payload/index.js';

/** What a host lets its executions do. The rules of the language are the same under every policy. */
export interface Policy {
  readonly machineType: 'STANDARD' | 'EXPRESS';
  readonly quotas: Quotas;
  /** The activities that exist: a task of another fails. Null: nobody asks. */
  readonly activities: { has(arn: string): boolean } | null;
  /** Whether `Decision.inspection` is filled (TestState, the console): it costs time and memory, and is never stored. */
  readonly inspects: boolean;
  /** One state is tried by itself (TestState): nothing goes on after it. Null: an execution runs. */
  readonly trial: Trial | null;
}

/** What surrounds a state that is tried by itself. The children of a Map or Parallel are not opened: their outcome is given too. */
export interface Trial {
  /** These parts of the context object stand in place of the execution's own. */
  readonly context: JsonObject | null;
  readonly variables: ReadonlyMap<string, Payload>;
  /** How often the retrier that takes the state's error has taken it before. */
  readonly retries: number;
  /** The value of `Map.Item` for a state inside a Map; null for one that is in none. */
  readonly item: JsonValue | null;
}

export const standardPolicy = (quotas: Quotas): Policy => ({
  machineType: 'STANDARD',
  quotas,
  activities: null,
  inspects: false,
  trial: null,
});
export const expressPolicy = (quotas: Quotas): Policy => ({ ...standardPolicy(quotas), machineType: 'EXPRESS' });

export const STANDARD_POLICY = standardPolicy(AWS_QUOTAS);
export const EXPRESS_POLICY = expressPolicy(AWS_QUOTAS);
