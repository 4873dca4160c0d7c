import type { NotificationTarget } from './notification.js';

/** Something of a bucket that is written elsewhere than with it: its policy, or what a function wants to hear of it. */
export type BucketPart =
  | { readonly part: 'policy'; readonly name: string; readonly bucket: string; readonly policy: string }
  | {
      readonly part: 'notification';
      readonly name: string;
      readonly bucket: string;
      /** Its id is the part's name. */
      readonly target: NotificationTarget;
    };

export const policyPartName = (bucket: string): string => `policy ${bucket}`;
/** Ids of targets that belong to parts, and not to the bucket's own settings. */
export const PART_TARGET = 'event ';
