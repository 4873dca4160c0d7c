import { AWS_QUOTAS, type Quotas } from '../limits.js';

/** What a host lets its executions do. The rules of the language are the same under every policy. */
export interface Policy {
  readonly machineType: 'STANDARD' | 'EXPRESS';
  readonly quotas: Quotas;
  /** Whether `Decision.inspection` is filled (TestState, the console): it costs time and memory, and is never stored. */
  readonly inspects: boolean;
}

export const standardPolicy = (quotas: Quotas): Policy => ({ machineType: 'STANDARD', quotas, inspects: false });
export const expressPolicy = (quotas: Quotas): Policy => ({ machineType: 'EXPRESS', quotas, inspects: false });

export const STANDARD_POLICY = standardPolicy(AWS_QUOTAS);
export const EXPRESS_POLICY = expressPolicy(AWS_QUOTAS);
