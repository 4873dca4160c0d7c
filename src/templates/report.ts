import type { Output } from './plan.js';
import type { Problem, Remark } from './problem.js';

/** What became of a deployment, resource by resource. */
export interface DeployReport {
  readonly file: string;
  readonly stackName: string;
  /** False when something is refused (nothing was changed) or failed (what comes after it was not reached). */
  readonly isDeployed: boolean;
  readonly resources: readonly ReportedResource[];
  /** Why nothing was changed; empty otherwise. */
  readonly problems: readonly Problem[];
  readonly remarks: readonly Remark[];
  readonly outputs: readonly Output[];
}

export type Outcome =
  | 'built'
  | 'updated'
  | 'unchanged'
  /** Accepted without effect, or (a table that vanished from the template) left as it is. */
  | 'kept'
  | 'removed'
  | 'refused'
  /** The server did not do it; see `reason`. */
  | 'failed'
  /** Not reached, since something before it failed. */
  | 'skipped';

export interface ReportedResource {
  readonly logicalId: string;
  readonly resourceType: string;
  readonly outcome: Outcome;
  /** Name of a function or table, ARN of the others; null where there is none. */
  readonly physicalId: string | null;
  /** Place in the template; null for what is no longer in it. */
  readonly line: number | null;
  readonly column: number | null;
  readonly reason: string | null;
}
