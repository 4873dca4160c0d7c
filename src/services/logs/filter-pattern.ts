import { LOG_FILTER_TERMS_MAX } from '../../limits/services.js';
import { LogsFault } from './fault.js';

/**
 * CloudWatch's unstructured filter patterns: all of the terms, `?a ?b` any of them, `-a` none of them, `"with blanks"`; case
 * matters. Patterns of JSON (`{ $.x = 1 }`), of columns (`[a, b]`) and regular expressions (`%…%`) are refused.
 */
export function compileFilterPattern(pattern: string): (message: string) => boolean {
  const text = pattern.trim();
  if (text === '') return () => true;
  if (/^[{[%]/.test(text)) {
    throw new LogsFault(
      'InvalidParameterException',
      `Expected a filter pattern of plain terms (error "time out" -debug ?warn), but it is '${text.slice(0, 100)}': Treadle does not filter by JSON fields, columns or regular expressions yet.`,
    );
  }
  const terms = text.match(/[?-]?"(?:[^"\\]|\\.)*"|\S+/g) ?? [];
  if (terms.length > LOG_FILTER_TERMS_MAX) {
    throw new LogsFault(
      'InvalidParameterException',
      `Expected at most ${LOG_FILTER_TERMS_MAX} terms in a filter pattern.`,
    );
  }
  const all: string[] = [];
  const any: string[] = [];
  const none: string[] = [];
  for (const term of terms) {
    if (term.length > 1 && term.startsWith('?')) any.push(plain(term.slice(1)));
    else if (term.length > 1 && term.startsWith('-')) none.push(plain(term.slice(1)));
    else all.push(plain(term));
  }
  return (message) =>
    all.every((term) => message.includes(term)) &&
    !none.some((term) => message.includes(term)) &&
    (any.length === 0 || any.some((term) => message.includes(term)));
}

const plain = (term: string): string =>
  term.startsWith('"') && term.endsWith('"') && term.length > 1 ? term.slice(1, -1).replace(/\\(.)/g, '$1') : term;
