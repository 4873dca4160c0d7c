import { XMLParser, XMLValidator } from 'fast-xml-parser';

/** An element: its text, or its children by name with `@` names for attributes; what repeats is a list. */
export type XmlNode = string | { readonly [name: string]: XmlNode | readonly XmlNode[] };

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  removeNSPrefix: true,
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  processEntities: false,
  ignoreDeclaration: true,
  ignorePiTags: true,
});

/** The document's root by its name and content; null for an empty body. Throws SyntaxError. */
export function readDocument(body: Buffer): { readonly root: string; readonly content: XmlNode } | null {
  const text = body.toString('utf8');
  if (text.trim() === '') return null;
  if (text.includes('<!DOCTYPE') || XMLValidator.validate(text) !== true) {
    throw new SyntaxError('Expected an XML document without a document type, but the answer is none');
  }
  const document = parser.parse(text) as Record<string, XmlNode>; // what the parser makes: objects, lists and texts
  const root = Object.keys(document).find((name) => name !== '#text' && !name.startsWith('@'));
  return root === undefined ? null : { root, content: document[root] ?? '' };
}

/** The elements of this name within another. */
export function childrenOf(node: XmlNode, name: string): readonly XmlNode[] {
  if (typeof node === 'string' || !Object.hasOwn(node, name)) return [];
  const found = node[name];
  if (found === undefined) return [];
  return isList(found) ? found : [found];
}

const isList = (value: XmlNode | readonly XmlNode[]): value is readonly XmlNode[] => Array.isArray(value);

/** Text with character references and the five entities of XML read. */
export function textOf(node: XmlNode | undefined): string {
  if (node === undefined) return '';
  const text =
    typeof node === 'string'
      ? node
      : childrenOf(node, '#text')
          .filter((part) => typeof part === 'string')
          .join('');
  return text.replace(/&(?:#x([0-9a-fA-F]{1,6})|#(\d{1,7})|(amp|lt|gt|quot|apos));/g, (_, hex, decimal, name) => {
    if (name !== undefined) return ENTITIES[name as keyof typeof ENTITIES];
    return String.fromCodePoint(Math.min(Number.parseInt(hex ?? decimal, hex === undefined ? 10 : 16), 0x10ffff));
  });
}

const ENTITIES = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" } as const;
