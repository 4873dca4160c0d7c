import { MAP_ITEM_BYTES_MAX } from '../../limits.js';
import { tooLong } from './json-stream.js';

/** The lines of a text without their ends (LF, CRLF). The last one needs none. */
export async function* splitLines(text: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of text) {
    let start = 0;
    for (let end = chunk.indexOf('\n'); end >= 0; end = chunk.indexOf('\n', start)) {
      yield withoutReturn(rest + chunk.slice(start, end));
      rest = '';
      start = end + 1;
    }
    rest += chunk.slice(start);
    if (rest.length > MAP_ITEM_BYTES_MAX) throw tooLong();
  }
  if (rest !== '') yield withoutReturn(rest);
}

const withoutReturn = (line: string): string => (line.endsWith('\r') ? line.slice(0, -1) : line);
