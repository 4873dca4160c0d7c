import type { Assets } from './assets.js';
import type { Stack } from './physical-names.js';
import type { PlannedCommon } from './plan.js';
import type { Section } from './properties.js';
import type { Resource } from './resources.js';
import type { StoredObject } from './stored-location.js';

export type ReadObject = (object: StoredObject) => Promise<string | null>;

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
  /** The text of an object of the server's S3, or null when there is none; null where there is no server. */
  readonly readObject: ReadObject | null;
  /** Put our region and account into the definition's foreign ARNs. */
  readonly fillsArns: boolean;
  /** `Metadata: Treadle`, evaluated; null where there is none. */
  readonly treadle: Section | null;
}
