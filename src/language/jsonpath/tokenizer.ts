import { JSON_DEPTH_MAX } from '../../limits.js';
import { Cursor } from './cursor.js';
import { readFilter } from './filter.js';
import { PATH_FUNCTIONS } from './functions.js';
import type { PathSyntax, Root, Token } from './token.js';

/** Reads a whole path. Throws ExpressionSyntaxError. */
export function parsePath(text: string): PathSyntax {
  const cursor = new Cursor(text);
  const path = readPath(cursor);
  if (!cursor.isAtEnd) throw cursor.fault("'.', '[' or the end of the path");
  return path;
}

/** Reads a path as far as it goes: inside an intrinsic function call it ends at a comma, a blank or a parenthesis. */
export function readPath(cursor: Cursor): PathSyntax {
  cursor.expect('$');
  const root = readRoot(cursor);
  return { root, tokens: readTokens(cursor) };
}

const VARIABLE_NAME = /[\p{ID_Start}_][\p{ID_Continue}]*/uy;

function readRoot(cursor: Cursor): Root {
  if (cursor.accept('$')) return { type: 'context' };
  const name = cursor.match(VARIABLE_NAME);
  return name === null ? { type: 'input' } : { type: 'variable', name };
}

function readTokens(cursor: Cursor): readonly Token[] {
  const tokens: Token[] = [];
  for (;;) {
    if (tokens.length > JSON_DEPTH_MAX) throw cursor.fault(`at most ${JSON_DEPTH_MAX} parts, as deep as JSON goes,`);
    if (cursor.accept('..')) {
      tokens.push({ type: 'scan' }, readScanned(cursor));
    } else if (cursor.accept('.')) {
      const token = readDotted(cursor);
      tokens.push(token);
      if (token.type === 'function') return tokens;
    } else if (cursor.char === '[') {
      tokens.push(readBracketed(cursor));
    } else {
      return tokens;
    }
  }
}

function readScanned(cursor: Cursor): Token {
  if (cursor.char === '[') return readBracketed(cursor);
  const token = readDotted(cursor);
  if (token.type === 'function') throw cursor.fault("a name, '*' or '[' after '..', not a function,");
  return token;
}

/** Characters that would be taken for something else, in a filter or in a function call, need the bracket notation. */
const DOTTED_NAME = /[^\s\p{Cc}.[\]()'"`,*?\\<>=!~&|]+/uy;

function readDotted(cursor: Cursor): Token {
  if (cursor.accept('*')) return { type: 'wildcard' };
  const name = cursor.match(DOTTED_NAME);
  if (name === null) throw cursor.fault("a name, '*' or, for names with other characters, the notation ['name'],");
  if (!cursor.accept('(')) return { type: 'child', names: [name], quote: "'" };
  const apply = PATH_FUNCTIONS.get(name);
  if (apply === undefined) {
    throw cursor.fault(`one of the functions ${[...PATH_FUNCTIONS.keys()].join(', ')}, not '${name}',`);
  }
  cursor.skipBlanks();
  if (!cursor.accept(')')) throw cursor.fault(`')', since path functions take no arguments here,`);
  return { type: 'function', name, apply };
}

function readBracketed(cursor: Cursor): Token {
  cursor.expect('[');
  cursor.skipBlanks();
  const token = readBracketContent(cursor);
  cursor.skipBlanks();
  cursor.expect(']');
  return token;
}

function readBracketContent(cursor: Cursor): Token {
  const { char } = cursor;
  if (char === "'" || char === '"') return { type: 'child', names: readNames(cursor), quote: char };
  if (cursor.accept('*')) return { type: 'wildcard' };
  if (cursor.accept('?')) {
    const accepts = readFilter(cursor, readTokens);
    return { type: 'filter', accepts };
  }
  return readIndexes(cursor);
}

function readNames(cursor: Cursor): readonly string[] {
  const names = [readName(cursor)];
  for (;;) {
    cursor.skipBlanks();
    if (!cursor.accept(',')) return names;
    cursor.skipBlanks();
    names.push(readName(cursor));
  }
}

const SINGLE_QUOTED = /'(?:[^'\\]|\\.)*'/sy;
const DOUBLE_QUOTED = /"(?:[^"\\]|\\.)*"/sy;

/** AWS keeps backslashes in names as they are (recorded for `\"` in single quotes); only the quote itself is escaped. */
function readName(cursor: Cursor): string {
  const quoted = cursor.match(cursor.char === '"' ? DOUBLE_QUOTED : SINGLE_QUOTED);
  if (quoted === null) throw cursor.fault('a quoted name that is closed');
  const quote = quoted.charAt(0);
  return quoted.slice(1, -1).replaceAll(`\\${quote}`, quote);
}

const INTEGER = /-?\d{1,10}(?!\d)/y;

function readIndexes(cursor: Cursor): Token {
  const first = readInteger(cursor);
  cursor.skipBlanks();
  if (cursor.accept(':')) return readSliceEnd(cursor, first);
  if (first === null) throw cursor.fault("a quoted name, an index, a slice, '*' or '?('");
  const indexes = [first];
  while (cursor.accept(',')) {
    const index = readInteger(cursor);
    if (index === null) throw cursor.fault('an index');
    indexes.push(index);
    cursor.skipBlanks();
  }
  return { type: 'index', indexes };
}

function readSliceEnd(cursor: Cursor, from: number | null): Token {
  const to = readInteger(cursor);
  cursor.skipBlanks();
  if (cursor.char === ':') throw cursor.fault("']', since slices have no third part,");
  if (from === null && to === null) throw cursor.fault('a start or an end of the slice');
  return { type: 'slice', from, to };
}

function readInteger(cursor: Cursor): number | null {
  cursor.skipBlanks();
  const text = cursor.match(INTEGER);
  return text === null ? null : Number(text);
}
