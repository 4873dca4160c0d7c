import { MAP_ITEM_BYTES_MAX } from '../../limits.js';
import { tooLong } from './json-stream.js';

/** The lines of a text without their LF; a CR before it stays, as white space. The last line needs no end. */
export async function* splitLines(text: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of text) {
    let start = 0;
    for (let end = chunk.indexOf('\n'); end >= 0; end = chunk.indexOf('\n', start)) {
      yield rest + chunk.slice(start, end);
      rest = '';
      start = end + 1;
    }
    rest += chunk.slice(start);
    if (rest.length > MAP_ITEM_BYTES_MAX) throw tooLong();
  }
  if (rest !== '') yield rest;
}
