import { TAG_KEY_CHARS_MAX, TAG_VALUE_CHARS_MAX, TAGS_MAX } from '../../limits.js';
import type { RecordStore, RecordWrite } from '../../store/ports.js';
import { putJson } from '../../store/record-writes.js';
import { ApiError } from '../port.js';

export interface Tag {
  readonly key: string;
  readonly value: string;
}

const TAGS = 'states-tags';

/** The tags of state machines and activities, by the ARN of what they are on. */
export class Tags {
  constructor(private readonly records: RecordStore) {}

  async of(arn: string): Promise<readonly Tag[]> {
    const text = await this.records.get(TAGS, arn);
    return text === null ? [] : (JSON.parse(text) as readonly Tag[]);
  }

  /** Adds tags; one with a known key replaces its value. Throws TooManyTags. */
  async add(arn: string, tags: readonly Tag[]): Promise<void> {
    const merged = mergeTags(await this.of(arn), tags);
    if (merged.length > TAGS_MAX) throw tooManyTags(arn);
    await this.records.write([this.writeOf(arn, merged)]);
  }

  async remove(arn: string, keys: readonly string[]): Promise<void> {
    const left = (await this.of(arn)).filter(({ key }) => !keys.includes(key));
    await this.records.write([this.writeOf(arn, left)]);
  }

  /** These and no others. */
  async replace(arn: string, tags: readonly Tag[]): Promise<void> {
    await this.records.write([this.writeOf(arn, tags)]);
  }

  /** To be committed with what is tagged. */
  writeOf(arn: string, tags: readonly Tag[]): RecordWrite {
    return tags.length === 0 ? this.removal(arn) : putJson(TAGS, arn, tags);
  }

  removal(arn: string): RecordWrite {
    return { type: 'delete', collection: TAGS, key: arn };
  }
}

/** One tag a key, in the order in which the keys came. */
export function mergeTags(old: readonly Tag[], added: readonly Tag[]): readonly Tag[] {
  const values = new Map(old.map(({ key, value }) => [key, value]));
  for (const { key, value } of added) values.set(key, value);
  return [...values].map(([key, value]) => ({ key, value }));
}

const tooManyTags = (arn: string): ApiError =>
  new ApiError('TooManyTags', `Expected at most ${TAGS_MAX} tags, but ${arn} would have more.`, 400, {
    resourceName: arn,
  });

/** AWS: letters, digits and white space of all scripts, and these signs. */
const ALLOWED = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

/** The tags of a request, checked. Throws ValidationException. */
export function readTags(value: unknown, arn: string): readonly Tag[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw invalid(`Value at 'tags' failed to satisfy constraint: Member must be a list`);
  const tags = mergeTags([], value.map(readTag));
  if (tags.length > TAGS_MAX) throw tooManyTags(arn);
  return tags;
}

function readTag(value: unknown, index: number): Tag {
  const at = (member: string): string => `tags.${index + 1}.member.${member}`;
  const source = (typeof value === 'object' && value !== null ? value : {}) as Readonly<Record<string, unknown>>;
  const { key, value: text = '' } = source;
  const length = (most: number): string => `Member must have length less than or equal to ${most}`;
  if (typeof key !== 'string')
    throw invalid(`Value at '${at('key')}' failed to satisfy constraint: Member must not be null`);
  if (typeof text !== 'string')
    throw invalid(`Value at '${at('value')}' failed to satisfy constraint: Member must be a string`);
  if (key === '')
    throw invalid(
      `Value '' at '${at('key')}' failed to satisfy constraint: Member must have length greater than or equal to 1`,
    );
  if (key.length > TAG_KEY_CHARS_MAX)
    throw invalid(`Value at '${at('key')}' failed to satisfy constraint: ${length(TAG_KEY_CHARS_MAX)}`);
  if (text.length > TAG_VALUE_CHARS_MAX)
    throw invalid(`Value at '${at('value')}' failed to satisfy constraint: ${length(TAG_VALUE_CHARS_MAX)}`);
  for (const [member, shown] of [
    ['key', key],
    ['value', text],
  ] as const) {
    if (!ALLOWED.test(shown))
      throw invalid(
        `Value '${shown}' at '${at(member)}' failed to satisfy constraint: Tags may only contain letters, digits, white space and these signs: _ . : / = + - @`,
      );
  }
  return { key, value: text };
}

const invalid = (why: string): ApiError => new ApiError('ValidationException', `1 validation error detected: ${why}`);
