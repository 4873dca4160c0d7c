import type { TableFeatures } from './plan.js';
import { refuse } from './problem.js';
import { flag, integer, member, requiredText, type Section, section, sections, text, word } from './properties.js';

const VIEWS = ['KEYS_ONLY', 'NEW_IMAGE', 'OLD_IMAGE', 'NEW_AND_OLD_IMAGES'] as const;
/** AWS: how far back a table can be restored to; days. */
const RECOVERY_DAYS_MAX = 35;

export const NO_FEATURES: TableFeatures = { ttl: null, stream: null, recoveryDays: null, tags: {}, isProtected: false };

/** What a table does besides keeping items, in the properties of `AWS::DynamoDB::Table`. */
export function readFeatures(own: Section): TableFeatures {
  const ttl = optional(own, 'TimeToLiveSpecification');
  const stream = optional(own, 'StreamSpecification');
  return {
    ttl: ttl !== null && flag(ttl, 'Enabled') === true ? requiredText(ttl, 'AttributeName') : null,
    stream: stream === null ? null : (word(stream, 'StreamViewType', VIEWS) ?? missingView(stream)),
    recoveryDays: readRecovery(own),
    tags: Object.fromEntries(
      sections(own, 'Tags').map((tag) => [requiredText(tag, 'Key'), requiredText(tag, 'Value')]),
    ),
    isProtected: flag(own, 'DeletionProtectionEnabled') ?? false,
  };
}

/** Those of SAM's simple table, whose tags are a map. */
export function readSimpleFeatures(own: Section): TableFeatures {
  const tags = optional(own, 'Tags');
  const entries = tags?.map.entries.map(({ key }): [string, string] => [key, text(tags, key) ?? '']) ?? [];
  return { ...NO_FEATURES, recoveryDays: readRecovery(own), tags: Object.fromEntries(entries) };
}

function readRecovery(own: Section): number | null {
  const recovery = optional(own, 'PointInTimeRecoverySpecification');
  if (recovery === null || flag(recovery, 'PointInTimeRecoveryEnabled') !== true) return null;
  return integer(recovery, 'RecoveryPeriodInDays', { min: 1, max: RECOVERY_DAYS_MAX }) ?? RECOVERY_DAYS_MAX;
}

function missingView(stream: Section): null {
  refuse(stream.findings, stream.at, `Expected ${stream.path}.StreamViewType, but it is missing.`);
  return null;
}

const optional = (own: Section, name: string): Section | null =>
  member(own, name) === null ? null : section(own, name);
