import { MAP_ITEM_BYTES_MAX } from '../../limits.js';
import {
  entriesOf,
  isArray,
  isObject,
  JsonSyntaxError,
  type JsonValue,
  parseJson,
  writeJson,
} from '../../payload/index.js';
import { readerError } from './faults.js';
import type { ItemText } from './item.js';
import { JsonStream, tooLong } from './json-stream.js';
import { splitLines } from './lines.js';

const NOT_ITERABLE = 'Attempting to map over non-iterable node.';

/** The elements of an array, or the pairs of an object, at `pointer` in a JSON text (RFC 6901; empty means all of it). */
export async function* jsonItems(text: AsyncIterable<string>, pointer: string): AsyncGenerator<ItemText> {
  const stream = new JsonStream(text);
  try {
    const tokens = pointerTokens(pointer);
    for (const token of tokens) await descend(stream, { token, pointer });
    if (await stream.accept('[')) yield* elements(stream);
    else if (await stream.accept('{')) yield* pairs(stream);
    else {
      compact(await stream.value()); // says so if it is no JSON at all
      throw readerError(NOT_ITERABLE);
    }
    // Behind a pointer's value the rest of the file is not read: it may be long.
    if (tokens.length === 0 && (await stream.peek()) !== '')
      throw malformed(await stream.peek(), 'the end of the file');
  } finally {
    await stream.close();
  }
}

/** One item for each line that is not blank. */
export async function* jsonLineItems(text: AsyncIterable<string>): AsyncGenerator<ItemText> {
  for await (const line of splitLines(text)) {
    if (line.trim() !== '') yield { text: compact(line) };
  }
}

/** The items of a value that the Map's state has: an array's elements, an object's pairs, else undefined. */
export function itemsOfValue(value: JsonValue): Iterable<ItemText> | undefined {
  if (isArray(value)) return mapped(value, (element) => ({ text: writeJson(element) }));
  if (isObject(value)) return mapped(entriesOf(value), ([key, member]) => pair(key, writeJson(member)));
  return undefined;
}

function* mapped<From, To>(values: Iterable<From>, change: (value: From) => To): Generator<To> {
  for (const value of values) yield change(value);
}

/** Without an ItemSelector, the child gets the pair; `Map.Item.Key` and `Map.Item.Value` are its parts. */
const pair = (key: string, value: string): ItemText => ({
  text: `{"Key":${writeJson(key)},"Value":${value}}`,
  key,
  value,
});

async function* elements(stream: JsonStream): AsyncGenerator<ItemText> {
  if (await stream.accept(']')) return;
  for (;;) {
    yield { text: compact(stream.valueAtHand() ?? (await stream.value())) };
    if (stream.acceptAtHand(',')) continue;
    if (await stream.accept(']')) return;
    if (!(await stream.accept(','))) throw malformed(await stream.peek(), 'a comma to separate Array entries');
  }
}

async function* pairs(stream: JsonStream): AsyncGenerator<ItemText> {
  if (await stream.accept('}')) return;
  for (;;) {
    const key = await memberName(stream);
    yield pair(key, compact(await stream.value()));
    if (await stream.accept('}')) return;
    if (!(await stream.accept(','))) throw malformed(await stream.peek(), 'a comma to separate Object entries');
  }
}

async function memberName(stream: JsonStream): Promise<string> {
  if ((await stream.peek()) !== '"') throw malformed(await stream.peek(), 'a double-quote to start a field name');
  const name = parsed(await stream.value());
  if (!(await stream.accept(':'))) throw malformed(await stream.peek(), 'a colon to separate field name and value');
  return typeof name === 'string' ? name : '';
}

function pointerTokens(pointer: string): readonly string[] {
  if (pointer === '') return [];
  if (!pointer.startsWith('/') || /~(?![01])/.test(pointer)) {
    throw readerError(
      `Expected ItemsPointer to be a JSON pointer such as '/orders/lines' ('~0' for '~', '~1' for '/'), but it is '${pointer}'.`,
    );
  }
  return pointer
    .slice(1)
    .split('/')
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** Moves the stream to the member or element that `token` names. */
async function descend(
  stream: JsonStream,
  { token, pointer }: { readonly token: string; readonly pointer: string },
): Promise<void> {
  const missing = () =>
    readerError(
      `Expected ItemsPointer '${pointer}' to lead to an array or object, but there is no '${token}' in the file.`,
    );
  if (await stream.accept('{')) {
    if (await stream.accept('}')) throw missing();
    while ((await memberName(stream)) !== token) {
      await stream.skip();
      if (!(await stream.accept(','))) throw missing();
    }
    return;
  }
  if (!/^(?:0|[1-9]\d{0,8})$/.test(token) || !(await stream.accept('[')) || (await stream.peek()) === ']')
    throw missing();
  for (let index = Number(token); index > 0; index--) {
    await stream.skip();
    if (!(await stream.accept(','))) throw missing();
  }
}

const compact = (text: string): string => {
  const compacted = writeJson(parsed(text));
  if (compacted.length * 3 > MAP_ITEM_BYTES_MAX && Buffer.byteLength(compacted) > MAP_ITEM_BYTES_MAX) throw tooLong();
  return compacted;
};

function parsed(text: string): JsonValue {
  try {
    return parseJson(text);
  } catch (thrown) {
    if (thrown instanceof JsonSyntaxError) throw readerError(`The file is not valid JSON: ${thrown.message}.`);
    throw thrown;
  }
}

const malformed = (char: string, expected: string): Error =>
  readerError(
    char === ''
      ? `The file is not valid JSON: Unexpected end-of-input: was expecting ${expected}.`
      : `The file is not valid JSON: Unexpected character ('${char}' (code ${char.charCodeAt(0)})): was expecting ${expected}.`,
  );
