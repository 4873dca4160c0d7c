import { escapeXml } from '../../services/xml-text.js';
import { apiError } from '../errors.js';
import type { ApiError } from '../port.js';
import type { Codec, Decoded, RawAnswer, RawRequest } from './protocol.js';
import { writeXml, type XmlValue } from './xml.js';

/**
 * awsQuery (SNS, STS): a form with `Action` and `Version`; the answer is XML. Members are texts, lists
 * (`Name.member.1`), maps (`Name.entry.1.key`) and structures (`Name.Part`). Outputs: a list is an array, a map is a Map.
 */
export function awsQuery(namespace: string): Codec {
  return {
    protocol: 'query',
    decode: (request: RawRequest): Decoded => {
      const form = parametersOf(request);
      const operation = form.get('Action');
      if (!operation) throw apiError('MissingAction', 'Expected the parameter Action, but there is none.');
      return { operation, input: decodeForm(form) };
    },
    encode: (output: unknown, operation: string, requestId: string): RawAnswer => {
      // Checked border: outputs of query services are made of XmlValue by convention of api/port.ts.
      const result =
        output === undefined ? '' : `<${operation}Result>${writeXml(output as XmlValue)}</${operation}Result>`;
      const metadata = `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata>`;
      const body = `<${operation}Response xmlns="${namespace}">${result}${metadata}</${operation}Response>`;
      return { status: 200, headers: XML, body };
    },
    encodeError: (error: ApiError, requestId: string): RawAnswer => {
      const type = error.status < 500 ? 'Sender' : 'Receiver';
      const detail = `<Type>${type}</Type><Code>${escapeXml(queryCode(error))}</Code><Message>${escapeXml(error.message)}</Message>`;
      const body = `<ErrorResponse xmlns="${namespace}"><Error>${detail}</Error><RequestId>${requestId}</RequestId></ErrorResponse>`;
      return { status: error.status, headers: XML, body };
    },
  };
}

/** Services that left this protocol have kept each error's older name, and send it along. */
const queryCode = (error: ApiError): string => error.headers['x-amzn-query-error']?.split(';')[0] ?? error.code;

const XML = { 'content-type': 'text/xml' };

/** The form in the body, and in the query (signed GET requests). */
export const parametersOf = (request: Pick<RawRequest, 'query' | 'body'>): URLSearchParams =>
  new URLSearchParams([request.query, request.body.toString()].filter((part) => part !== '').join('&'));

/** Deepest `A.b.1.c` that is read; AWS's deepest is 5. */
const NAME_PARTS_MAX = 12;

type Tree = Map<string, Tree | string>;

function decodeForm(form: URLSearchParams): unknown {
  const root: Tree = new Map();
  for (const [name, value] of form) {
    if (name === 'Action' || name === 'Version' || name.startsWith('X-Amz-')) continue;
    plant(root, name, value);
  }
  return objectOf(root);
}

function plant(root: Tree, name: string, value: string): void {
  const parts = name.split('.');
  const last = parts.pop() ?? '';
  if (parts.length >= NAME_PARTS_MAX) throw apiError('SerializationException', `Expected fewer parts in '${name}'.`);
  let tree = root;
  for (const part of parts) {
    const next = tree.get(part) ?? new Map();
    if (typeof next === 'string')
      throw apiError('SerializationException', `Expected '${name}' to be one value, but it has parts.`);
    tree.set(part, next);
    tree = next;
  }
  tree.set(last, value);
}

function readTree(tree: Tree | string): unknown {
  if (typeof tree === 'string') return tree;
  const only = tree.size === 1 ? [...tree][0] : undefined;
  if (only !== undefined && typeof only[1] !== 'string') {
    if (only[0] === 'member') return itemsOf(only[1]).map(readTree);
    if (only[0] === 'entry') return Object.fromEntries(itemsOf(only[1]).map(entryOf));
  }
  return objectOf(tree);
}

const objectOf = (tree: Tree): unknown => Object.fromEntries([...tree].map(([name, part]) => [name, readTree(part)]));

/** `1`, `2`, … in order. */
const itemsOf = (tree: Tree): (Tree | string)[] =>
  [...tree].sort(([a], [b]) => Number(a) - Number(b)).map(([, part]) => part);

function entryOf(entry: Tree | string): [string, unknown] {
  const key = typeof entry === 'string' ? undefined : (entry.get('key') ?? entry.get('Name'));
  if (typeof entry === 'string' || typeof key !== 'string') {
    throw apiError(
      'SerializationException',
      'Expected each entry of a map to have a key and a value, but one has not.',
    );
  }
  return [key, readTree(entry.get('value') ?? entry.get('Value') ?? '')];
}
