import { S3Fault } from '../../services/s3/fault.js';
import type { Tags } from '../../services/s3/records.js';
import type { RestXmlRequest, XmlContent } from '../protocols/rest-xml.js';
import { childrenOf, readXml, textOf, type XmlElement } from './xml-input.js';

/** AWS: tags of an object, and of a bucket; characters of their names and values. */
const OBJECT_TAGS_MAX = 10;
export const BUCKET_TAGS_MAX = 50;
const TAG_KEY_CHARS_MAX = 128;
const TAG_VALUE_CHARS_MAX = 256;

/** The `Tagging` document of a request. Throws S3Fault. */
export async function readTagging(request: RestXmlRequest, most: number = OBJECT_TAGS_MAX): Promise<Tags> {
  const root = await readXml(request, 'Tagging');
  const [set] = childrenOf(root, 'TagSet');
  if (set === undefined) throw new S3Fault('MalformedXML');
  return checkedTags(childrenOf(set, 'Tag').map(readTag), most);
}

/** `Tag` elements within another, e.g. a rule's filter. */
export const readTags = (parent: XmlElement): Tags =>
  checkedTags(childrenOf(parent, 'Tag').map(readTag), OBJECT_TAGS_MAX);

function readTag(element: XmlElement): readonly [string, string] {
  const [key, value] = [textOf(element, 'Key'), textOf(element, 'Value')];
  if (key === undefined || value === undefined) throw new S3Fault('MalformedXML');
  return [key, value];
}

/** `x-amz-tagging: a=b&c=d`. Throws S3Fault. */
export function taggingHeader(request: RestXmlRequest): Tags | undefined {
  const header = request.header('x-amz-tagging');
  return header === undefined ? undefined : checkedTags([...new URLSearchParams(header)], OBJECT_TAGS_MAX);
}

function checkedTags(pairs: readonly (readonly [string, string])[], most: number): Tags {
  if (pairs.length > most) throw new S3Fault('InvalidTag', `Object tags cannot be greater than ${most}`);
  const tags = Object.fromEntries(pairs);
  if (Object.keys(tags).length < pairs.length)
    throw new S3Fault('InvalidTag', 'Cannot provide multiple Tags with the same key');
  for (const [key, value] of pairs) {
    if (key === '' || key.length > TAG_KEY_CHARS_MAX)
      throw new S3Fault('InvalidTag', 'The TagKey you have provided is invalid');
    if (value.length > TAG_VALUE_CHARS_MAX)
      throw new S3Fault('InvalidTag', 'The TagValue you have provided is invalid');
    if (key.startsWith('aws:')) throw new S3Fault('InvalidTag', 'System tags cannot be added/updated by requester');
  }
  return tags;
}

export const tagSet = (tags: Tags): XmlContent => ({
  TagSet: { Tag: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) },
});
