import type { PlannedBucket } from './plan.js';
import type { Planning } from './planning.js';

/** A bucket is its name: everything else is kept or refused. */
export const planBucket = ({ common, name }: Planning): readonly [PlannedBucket] => [
  { ...common, kind: 'bucket', settings: { name } },
];
