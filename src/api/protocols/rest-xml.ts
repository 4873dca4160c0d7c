import type { IncomingHttpHeaders } from 'node:http';
import { escapeXml } from '../../services/xml-text.js';
import type { ApiError } from '../port.js';
import type { Codec, Decoded, RawAnswer, RawRequest } from './protocol.js';

/** One request of a rest-xml client. What it means lies in path, query and headers, so that actions read them themselves. */
export class RestXmlRequest {
  readonly method: string;
  /** As sent, still percent-encoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** To be iterated once, if at all. */
  readonly body: AsyncIterable<Uint8Array>;

  constructor(request: RawRequest) {
    this.method = request.method;
    this.path = request.path;
    this.query = new URLSearchParams(request.query);
    this.headers = request.headers;
    this.body = request.stream ?? wholeBody(request.body);
  }

  /** The header's value; presigned URLs carry headers of AWS as parameters. */
  header(name: string): string | undefined {
    const value = this.headers[name];
    if (typeof value === 'string') return value;
    return name.startsWith('x-amz-') ? (this.query.get(name) ?? undefined) : undefined;
  }
}

async function* wholeBody(body: Buffer): AsyncGenerator<Uint8Array> {
  if (body.length > 0) yield body;
}

/** What an action of a rest-xml service answers with. */
export interface RestXmlAnswer {
  readonly status?: number;
  /** Those that are undefined are left out. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  /** The document: its root's name and content. */
  readonly xml?: readonly [root: string, content: XmlContent];
  /** Instead of a document; the headers have its Content-Length. */
  readonly stream?: AsyncIterable<Uint8Array>;
}

/** Elements in order; a list is the element repeated, and what is undefined is left out. */
export type XmlContent =
  | string
  | number
  | boolean
  | undefined
  | readonly XmlContent[]
  | { readonly [element: string]: XmlContent };

const NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';
const HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n';
const XML = { 'content-type': 'application/xml' };

/** rest-xml (S3). `operationOf` names the operation of a request; it throws ApiError for what nobody knows. */
export function restXml(operationOf: (request: RestXmlRequest) => string): Codec {
  return {
    protocol: 'rest-xml',
    decode: (raw: RawRequest): Decoded => {
      const request = new RestXmlRequest(raw);
      return { operation: operationOf(request), input: request };
    },
    encode: (output: unknown): RawAnswer => encodeAnswer(output as RestXmlAnswer), // by convention of api/port.ts
    encodeError: ({ code, message, status, members, headers }: ApiError, requestId: string): RawAnswer => {
      const content = { Code: code, Message: message, ...members, RequestId: requestId, HostId: requestId };
      // Members of an error are texts and numbers.
      return {
        status,
        headers: { ...XML, ...headers },
        body: `${HEAD}<Error>${writeElements(content as XmlContent)}</Error>`,
      };
    },
  };
}

function encodeAnswer({ status = 200, headers = {}, xml, stream }: RestXmlAnswer): RawAnswer {
  const given = Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const all = { ...(xml !== undefined && XML), ...Object.fromEntries(given) };
  if (stream !== undefined) return { status, headers: all, body: '', stream };
  const body = xml === undefined ? '' : `${HEAD}<${xml[0]} xmlns="${NAMESPACE}">${writeElements(xml[1])}</${xml[0]}>`;
  return { status, headers: all, body };
}

function writeElements(content: XmlContent): string {
  if (content === undefined) return '';
  if (typeof content !== 'object') return escapeXml(String(content));
  return Object.entries(content)
    .map(([name, value]) => (Array.isArray(value) ? value : [value]).map((item) => writeElement(name, item)).join(''))
    .join('');
}

const writeElement = (name: string, value: XmlContent): string =>
  value === undefined ? '' : `<${name}>${writeElements(value)}</${name}>`;
