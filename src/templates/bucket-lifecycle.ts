import type { LifecycleRule } from '../services/s3/lifecycle-rule.js';
import { refuse, remark } from './problem.js';
import { integer, member, requiredText, type Section, section, sections, text, word } from './properties.js';

const COUNT = { min: 1, max: 2_147_483_647 };

/** `LifecycleConfiguration` of a bucket; null where there is none. */
export function readLifecycle(own: Section): readonly LifecycleRule[] | null {
  const given = section(own, 'LifecycleConfiguration');
  return given === null ? null : sections(given, 'Rules').map((from, index) => readRule(from, index));
}

function readRule(from: Section, index: number): LifecycleRule {
  for (const name of ['Transition', 'Transitions', 'NoncurrentVersionTransition', 'NoncurrentVersionTransitions']) {
    const value = member(from, name);
    if (value !== null)
      remark(from.findings, value.at, `${name} has no effect here: there is one kind of storage here.`, 'kept');
  }
  const noncurrent = section(from, 'NoncurrentVersionExpiration');
  const uploads = section(from, 'AbortIncompleteMultipartUpload');
  const older = integer(from, 'NoncurrentVersionExpirationInDays', COUNT);
  return {
    id: text(from, 'Id') ?? `rule-${index + 1}`,
    isEnabled: word(from, 'Status', ['Enabled', 'Disabled']) !== 'Disabled',
    prefix: text(from, 'Prefix') ?? '',
    tags: Object.fromEntries(
      sections(from, 'TagFilters').map((tag) => [requiredText(tag, 'Key'), text(tag, 'Value') ?? '']),
    ),
    sizeAbove: integer(from, 'ObjectSizeGreaterThan', { min: 0, max: Number.MAX_SAFE_INTEGER }),
    sizeBelow: integer(from, 'ObjectSizeLessThan', { min: 1, max: Number.MAX_SAFE_INTEGER }),
    expiration: readExpiration(from),
    noncurrent:
      noncurrent === null
        ? older === null
          ? null
          : { days: older, newerKept: 0 }
        : {
            days: integer(noncurrent, 'NoncurrentDays', COUNT) ?? 1,
            newerKept: integer(noncurrent, 'NewerNoncurrentVersions', COUNT) ?? 0,
          },
    abortUploadsDays: uploads === null ? null : integer(uploads, 'DaysAfterInitiation', COUNT),
  };
}

function readExpiration(from: Section): LifecycleRule['expiration'] {
  if (text(from, 'ExpiredObjectDeleteMarker') === 'true') return { loneMarkers: true };
  const date = text(from, 'ExpirationDate');
  const days = integer(from, 'ExpirationInDays', COUNT);
  if (days !== null) return { days };
  if (date === null) return null;
  const at = Date.parse(date);
  if (Number.isNaN(at)) {
    refuse(
      from.findings,
      member(from, 'ExpirationDate')?.at ?? from.at,
      `Expected ExpirationDate to be a date, but it is '${date}'.`,
    );
    return null;
  }
  return { at };
}
