import type { Assets } from './assets.js';
import type { Stack } from './physical-names.js';
import type { PlannedCommon } from './plan.js';
import type { Section } from './properties.js';
import type { Resource } from './resources.js';

/** What the planner of one resource has at hand. */
export interface Planning {
  readonly resource: Resource;
  readonly common: PlannedCommon;
  /** Its properties with effect, evaluated. */
  readonly own: Section;
  /** Its physical name. */
  readonly name: string;
  /** The role that SAM would make for it. */
  readonly impliedRoleArn: string;
  readonly stack: Stack;
  /** The template's path, from whose folder other paths are read. */
  readonly file: string;
  /** Files that stand in buckets on AWS and in the template's assembly here. */
  readonly assets: Assets;
  /** Put our region and account into the definition's foreign ARNs. */
  readonly fillsArns: boolean;
  /** `Metadata: Treadle`, evaluated; null where there is none. */
  readonly treadle: Section | null;
}
