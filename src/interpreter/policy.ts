import { AWS_QUOTAS, type Quotas } from '../limits.js';

/** What a host lets its executions do. The rules of the language are the same under every policy. */
export interface Policy {
  readonly machineType: 'STANDARD' | 'EXPRESS';
  readonly quotas: Quotas;
  /** The activities that exist: a task of another fails. Null: nobody asks. */
  readonly activities: { has(arn: string): boolean } | null;
  /** Whether `Decision.inspection` is filled (TestState, the console): it costs time and memory, and is never stored. */
  readonly inspects: boolean;
}

export const standardPolicy = (quotas: Quotas): Policy => ({
  machineType: 'STANDARD',
  quotas,
  activities: null,
  inspects: false,
});
export const expressPolicy = (quotas: Quotas): Policy => ({ ...standardPolicy(quotas), machineType: 'EXPRESS' });

export const STANDARD_POLICY = standardPolicy(AWS_QUOTAS);
export const EXPRESS_POLICY = expressPolicy(AWS_QUOTAS);
