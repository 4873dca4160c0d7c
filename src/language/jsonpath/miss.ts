import { isArray, isObject, type JsonValue, memberOf } from '../../payload/index.js';
import { javaClass, javaText } from './java-text.js';
import type { Token } from './token.js';

const JSON_PROVIDER = 'com.jayway.jsonpath.spi.json.JacksonJsonProvider';

/** Why a definite path found nothing, in Jayway's words, which AWS passes on. */
export interface Miss {
  /** `pastEnd`: the last part is an index behind the end of an array. `notArray`: an index where no array is. */
  readonly kind: 'absent' | 'pastEnd' | 'notArray';
  readonly reason: string;
}

/** Follows the path again to say where it ends. For failures only: it is slow. */
export function explainMiss(tokens: readonly Token[], root: JsonValue): Miss {
  let current: JsonValue = root;
  for (const [at, token] of tokens.entries()) {
    const place: Place = { tokens, at, value: current };
    const next = token.type === 'index' ? enterItem(token.indexes, place) : enterMember(token, place);
    if ('reason' in next) return next;
    current = next.value;
  }
  return absent(`No results for path: ${pathText(tokens)}`);
}

/** The value that the path has reached, before its token number `at`. */
interface Place {
  readonly tokens: readonly Token[];
  readonly at: number;
  readonly value: JsonValue;
}

type Entered = Miss | { readonly value: JsonValue };

function enterMember(token: Token, place: Place): Entered {
  if (token.type !== 'child') return absent(`No results for path: ${pathText(place.tokens)}`);
  const { value } = place;
  if (!isObject(value)) {
    return absent(
      `Expected to find an object with property ${fragment(token)} in path ${pathBefore(place)} but found '${javaClass(value)}'. ` +
        `This is not a json object according to the JsonProvider: '${JSON_PROVIDER}'.`,
    );
  }
  const member = memberOf(value, token.names[0] ?? '');
  if (member !== undefined) return { value: member };
  if (isLast(place)) return absent(`No results for path: ${pathText(place.tokens)}`);
  return absent(`Missing property in path ${pathBefore(place)}${fragment(token)}`);
}

function enterItem(indexes: readonly number[], place: Place): Entered {
  const { value, tokens, at } = place;
  if (value === null) return { kind: 'notArray', reason: `The path ${pathBefore(place)} is null` };
  if (!isArray(value)) {
    const rest = tokens.slice(at).map(fragment).join('');
    const reason = `Filter: ${rest} can only be applied to arrays. Current context is: ${javaText(value)}`;
    return { kind: 'notArray', reason };
  }
  const item = value.at(indexes[0] ?? 0);
  if (item !== undefined) return { value: item };
  return { kind: isLast(place) ? 'pastEnd' : 'absent', reason: `No results for path: ${pathText(tokens)}` };
}

const absent = (reason: string): Miss => ({ kind: 'absent', reason });
const isLast = (place: Place): boolean => place.at === place.tokens.length - 1;
const pathText = (tokens: readonly Token[]): string => `$${tokens.map(fragment).join('')}`;
const pathBefore = (place: Place): string => pathText(place.tokens.slice(0, place.at));

/** As Jayway prints a part of a path. Only those of definite paths are ever printed. */
function fragment(token: Token): string {
  switch (token.type) {
    case 'child':
      return `[${token.names.map((name) => `${token.quote}${name}${token.quote}`).join(',')}]`;
    case 'index':
      return `[${token.indexes.join(',')}]`;
    case 'function':
      return `.${token.name}()`;
    case 'slice':
      return `[${token.from ?? ''}:${token.to ?? ''}]`;
    case 'wildcard':
      return '[*]';
    case 'scan':
      return '..';
    case 'filter':
      return '[?]';
    default:
      return token satisfies never;
  }
}
