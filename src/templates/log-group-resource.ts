import { logGroupArn } from '../arn.js';
import type { PlannedLogGroup } from './plan.js';
import type { Planning } from './planning.js';
import { integer } from './properties.js';
import { readTags } from './tags.js';

const DAYS = { min: 1, max: 3653 };

export function planLogGroup({ own, common, name, stack }: Planning): readonly [PlannedLogGroup] {
  const settings = { name, retentionDays: integer(own, 'RetentionInDays', DAYS), tags: readTags(own) };
  return [{ ...common, kind: 'logGroup', arn: logGroupArn(stack.place, name), settings }];
}
