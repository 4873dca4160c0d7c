import { createHash } from 'node:crypto';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { OBJECT_XML_BYTES_MAX } from '../../limits/services.js';
import { badChecksum, base64Of, digestOf } from '../../services/s3/checksum.js';
import { S3Fault } from '../../services/s3/fault.js';
import type { Claims } from '../../services/s3/ingest.js';
import type { RestXmlRequest } from '../protocols/rest-xml.js';
import { uploadBodyOf } from './upload-body.js';

/** An element: its children by name, or its text. */
export type XmlElement = string | { readonly [name: string]: XmlElement | readonly XmlElement[] };

const parser = new XMLParser({
  ignoreAttributes: true,
  removeNSPrefix: true,
  parseTagValue: false,
  trimValues: false,
  // Only the five entities of XML and character references are known here; those that a document defines are refused.
  processEntities: false,
  ignoreDeclaration: true,
  ignorePiTags: true,
});

/**
 * The root's content in the request's document, or null for an empty body. Checksums in the headers are those of the document, but
 * at the end of an upload they are the object's (`sumsOf`). Throws S3Fault.
 */
export async function readXml(
  request: RestXmlRequest,
  root: string,
  sumsOf: 'document' | 'object' = 'document',
): Promise<XmlElement | null> {
  const { body, claims } = uploadBodyOf(request);
  const whole = await readWhole(body);
  checkClaims(whole, sumsOf === 'document' ? claims : { ...claims, checksum: undefined });
  const text = whole.toString('utf8');
  if (text.trim() === '') return null;
  if (text.includes('<!DOCTYPE') || XMLValidator.validate(text) !== true) throw new S3Fault('MalformedXML');
  const document: unknown = parser.parse(text);
  // What the parser makes: objects, lists and texts.
  const found = typeof document === 'object' && document !== null ? (document as Record<string, XmlElement>) : {};
  if (!Object.hasOwn(found, root)) throw new S3Fault('MalformedXML');
  return found[root] ?? '';
}

async function readWhole(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > OBJECT_XML_BYTES_MAX) throw new S3Fault('MalformedXML');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, bytes);
}

function checkClaims(whole: Buffer, { bytes, contentMd5, sha256, checksum }: Claims): void {
  if (bytes !== undefined && bytes !== whole.length) throw new S3Fault('IncompleteBody');
  if (contentMd5 !== undefined && contentMd5 !== createHash('md5').update(whole).digest('base64')) {
    throw new S3Fault('BadDigest');
  }
  if (sha256 !== undefined && sha256.toLowerCase() !== createHash('sha256').update(whole).digest('hex')) {
    throw new S3Fault('XAmzContentSHA256Mismatch');
  }
  if (checksum === undefined) return;
  const digest = digestOf(checksum.algorithm);
  digest.update(whole);
  const claimed = checksum.claimed();
  if (claimed !== null && claimed !== base64Of(digest.digest())) throw badChecksum(checksum.algorithm);
}

/** The children of this name, in order. */
export function childrenOf(element: XmlElement | null, name: string): readonly XmlElement[] {
  if (element === null || typeof element === 'string' || !Object.hasOwn(element, name)) return [];
  const found = element[name];
  if (found === undefined) return [];
  return isList(found) ? found : [found];
}

/** The text of the only child of this name; undefined when there is none. Throws S3Fault. */
export function textOf(element: XmlElement, name: string): string | undefined {
  const [only, ...others] = childrenOf(element, name);
  if (only === undefined) return undefined;
  if (typeof only !== 'string' || others.length > 0) throw new S3Fault('MalformedXML');
  return unescapeXml(only);
}

const isList = (found: XmlElement | readonly XmlElement[]): found is readonly XmlElement[] => Array.isArray(found);

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/** Throws S3Fault for an entity that XML does not have. */
export function unescapeXml(text: string): string {
  return text.replace(/&([^;&]*);?/g, (_, name: string) => {
    const number = /^#(?:x([0-9a-fA-F]{1,6})|(\d{1,7}))$/.exec(name);
    const point = number === null ? Number.NaN : Number.parseInt(number[1] ?? number[2] ?? '', number[1] ? 16 : 10);
    const char = point <= 0x10ffff ? String.fromCodePoint(point) : ENTITIES[name];
    if (char === undefined) throw new S3Fault('MalformedXML');
    return char;
  });
}
