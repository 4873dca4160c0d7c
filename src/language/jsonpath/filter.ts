import { isArray, type JsonValue, parseJson } from '../../payload/index.js';
import { FILTER_OPERATORS, type FilterOperator } from './comparison.js';
import type { Cursor } from './cursor.js';
import { compileSearch } from './find.js';
import type { Finder, Predicate, Token } from './token.js';

type ReadTokens = (cursor: Cursor) => readonly Token[];

/**
 * Reads `(…)` of a filter `[?(…)]`: comparisons joined by `&&`, `||` and `!`. `@` is the item, `$` the whole document.
 * `readTokens` reads the paths in it (handed in, since paths hold filters).
 */
export function readFilter(cursor: Cursor, readTokens: ReadTokens): Predicate {
  cursor.skipBlanks();
  cursor.expect('(');
  const accepts = cursor.nested(() => readAlternatives(cursor, readTokens));
  cursor.expect(')');
  return accepts;
}

function readAlternatives(cursor: Cursor, readTokens: ReadTokens): Predicate {
  const terms = [readConjunction(cursor, readTokens)];
  while (cursor.accept('||')) terms.push(readConjunction(cursor, readTokens));
  const [only] = terms;
  if (terms.length === 1 && only !== undefined) return only;
  return (value, around) => terms.some((term) => term(value, around));
}

function readConjunction(cursor: Cursor, readTokens: ReadTokens): Predicate {
  const terms = [readTerm(cursor, readTokens)];
  while (cursor.accept('&&')) terms.push(readTerm(cursor, readTokens));
  const [only] = terms;
  if (terms.length === 1 && only !== undefined) return only;
  return (value, around) => terms.every((term) => term(value, around));
}

function readTerm(cursor: Cursor, readTokens: ReadTokens): Predicate {
  cursor.skipBlanks();
  const term = readBareTerm(cursor, readTokens);
  cursor.skipBlanks();
  return term;
}

function readBareTerm(cursor: Cursor, readTokens: ReadTokens): Predicate {
  if (cursor.accept('!')) {
    const term = cursor.nested(() => readTerm(cursor, readTokens));
    return (value, around) => !term(value, around);
  }
  if (cursor.char === '(') return readFilter(cursor, readTokens);
  return readComparison(cursor, readTokens);
}

const OPERATOR = /[<>=!~]+|[A-Za-z]+/y;

function readComparison(cursor: Cursor, readTokens: ReadTokens): Predicate {
  const left = readOperand(cursor, readTokens);
  cursor.skipBlanks();
  const operatorAt = cursor.at;
  const name = cursor.match(OPERATOR);
  if (name === null) {
    if (left.type === 'path') return exists(left.find);
    throw cursor.fault('a comparison operator');
  }
  const operator = FILTER_OPERATORS.get(name.toLowerCase());
  if (operator === undefined) {
    cursor.at = operatorAt;
    throw cursor.fault(`one of the operators ${[...FILTER_OPERATORS.keys()].join(' ')}, not '${name}',`);
  }
  return compare(left.find, operator, readOperand(cursor, readTokens).find);
}

/** A path alone: there is a value, be it null or false. A path with wildcards must find something. */
function exists(find: Finder): Predicate {
  return (value, around) => find(value, around) !== undefined;
}

function compare(left: Finder, operator: FilterOperator, right: Finder): Predicate {
  return (value, around) => operator(left(value, around), right(value, around));
}

interface Operand {
  readonly type: 'path' | 'literal';
  readonly find: Finder;
}

function readOperand(cursor: Cursor, readTokens: ReadTokens): Operand {
  cursor.skipBlanks();
  if (cursor.accept('@')) {
    return { type: 'path', find: search(readTokens(cursor)) };
  }
  if (cursor.accept('$')) {
    if (!/[.[]/.test(cursor.char)) throw cursor.fault("'.' or '[' (a filter sees only '@' and the document '$')");
    const find = search(readTokens(cursor));
    return { type: 'path', find: (_value, around) => find(around.root, around) };
  }
  const literal = cursor.nested(() => readLiteral(cursor));
  return { type: 'literal', find: () => literal };
}

/** Inside a filter a path with wildcards that finds nothing counts as not there. */
function search(tokens: readonly Token[]): Finder {
  const { isDefinite, find } = compileSearch(tokens);
  if (isDefinite) return find;
  return (value, around) => {
    const found = find(value, around);
    return isArray(found) && found.length === 0 ? undefined : found;
  };
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])/y;
const WORD = /(?:true|false|null)\b/y;
const STRING = /'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/sy;

function readLiteral(cursor: Cursor): JsonValue {
  const string = cursor.match(STRING);
  if (string !== null) return withoutEscapes(string.slice(1, -1));
  const plain = cursor.match(NUMBER) ?? cursor.match(WORD);
  if (plain !== null) return parseJson(plain);
  if (cursor.accept('[')) return readList(cursor);
  if (cursor.char === '/') throw cursor.fault("a value (regular expressions are not supported; use '==' or 'in')");
  throw cursor.fault("'@', '$', a number, a quoted string, true, false, null or a list");
}

function readList(cursor: Cursor): JsonValue {
  const items: JsonValue[] = [];
  cursor.skipBlanks();
  if (cursor.accept(']')) return items;
  for (;;) {
    cursor.skipBlanks();
    items.push(cursor.nested(() => readLiteral(cursor)));
    cursor.skipBlanks();
    if (cursor.accept(']')) return items;
    cursor.expect(',');
  }
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);

function withoutEscapes(text: string): string {
  return text.replace(/\\(?:u([0-9a-fA-F]{4})|(.))/gs, (_all, code: string | undefined, char: string) =>
    code === undefined ? (ESCAPES.get(char) ?? char) : String.fromCharCode(Number.parseInt(code, 16)),
  );
}
