import { escapeXml } from '../../services/xml-text.js';
import { Timestamp } from '../output.js';

/** What an XML answer is built from: structures, lists (`member`), maps (`entry` with `key` and `value`), and texts. */
export type XmlValue =
  | string
  | number
  | boolean
  | Timestamp
  | undefined
  | readonly XmlValue[]
  | ReadonlyMap<string, XmlValue>
  | { readonly [name: string]: XmlValue };

/** The members of `value`, as elements. Undefined members are left out. */
export function writeXml(value: XmlValue): string {
  if (value === undefined) return '';
  if (typeof value !== 'object') return escapeXml(String(value));
  if (value instanceof Timestamp) return value.iso;
  if (isList(value)) return value.map((item) => `<member>${writeXml(item)}</member>`).join('');
  if (value instanceof Map) {
    return [...value]
      .map(([key, item]) => `<entry><key>${escapeXml(String(key))}</key><value>${writeXml(item)}</value></entry>`)
      .join('');
  }
  return Object.entries(value)
    .map(([name, item]) => (item === undefined ? '' : `<${name}>${writeXml(item)}</${name}>`))
    .join('');
}

const isList = (value: object): value is readonly XmlValue[] => Array.isArray(value);
