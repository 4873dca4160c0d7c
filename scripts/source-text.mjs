// Reads TypeScript and JavaScript sources just well enough for the house checks: which modules a file
// imports, and its code without comments and strings.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const SKIPPED_FOLDERS = new Set(['node_modules', 'dist', '.git', '.treadle', '__pycache__', 'coverage']);

/** Every file under `folder`, as absolute paths, without what is installed or built. */
export function filesUnder(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (!entry.isDirectory()) return [path];
    return SKIPPED_FOLDERS.has(entry.name) ? [] : filesUnder(path);
  });
}

/** The code with comments and the contents of strings blanked out; every character keeps its place. */
export function maskSource(text) {
  const masked = [...text.split('')];
  const blank = (from, to) => {
    for (let i = from; i < to; i++) if (masked[i] !== '\n') masked[i] = ' ';
  };
  // Each entry is the depth of braces at which a template's `${` was opened.
  const templates = [];
  let depth = 0;
  let i = 0;
  while (i < text.length) {
    const end = skipFrom(text, i);
    if (end > i) {
      const isQuoted = text[i] === "'" || text[i] === '"';
      blank(isQuoted ? i + 1 : i, isQuoted ? end - 1 : end);
      i = end;
      continue;
    }
    const opensTemplate = text[i] === '`';
    const resumesTemplate = text[i] === '}' && templates.at(-1) === depth;
    if (opensTemplate || resumesTemplate) {
      if (resumesTemplate) {
        templates.pop();
        depth--;
      }
      const stop = endOfTemplateText(text, i + 1);
      blank(i + 1, stop.end);
      if (stop.opensCode) {
        depth++;
        templates.push(depth);
      }
      i = stop.end + (stop.opensCode ? 2 : 1);
      continue;
    }
    if (text[i] === '{') depth++;
    if (text[i] === '}') depth--;
    i++;
  }
  return masked.join('');
}

/** Where the comment, quoted string or regular expression that starts at `i` ends; `i` when none starts there. */
function skipFrom(text, i) {
  const two = text.slice(i, i + 2);
  if (two === '//') return endOf(text, '\n', i);
  if (two === '/*') return endOf(text, '*/', i + 2) + 2;
  if (text[i] === "'" || text[i] === '"') return endOfQuoted(text, i, text[i]);
  if (text[i] === '/' && startsRegex(text, i)) return endOfRegex(text, i);
  return i;
}

function endOf(text, mark, from) {
  const found = text.indexOf(mark, from);
  return found < 0 ? text.length : found;
}

function endOfQuoted(text, start, quote) {
  let i = start + 1;
  while (i < text.length && text[i] !== quote && text[i] !== '\n') i += text[i] === '\\' ? 2 : 1;
  return Math.min(i + 1, text.length);
}

function endOfTemplateText(text, from) {
  let i = from;
  while (i < text.length && text[i] !== '`') {
    if (text[i] === '$' && text[i + 1] === '{') return { end: i, opensCode: true };
    i += text[i] === '\\' ? 2 : 1;
  }
  return { end: i, opensCode: false };
}

/** A slash opens a regular expression where a value may stand: after an operator, a bracket or a keyword. */
function startsRegex(text, at) {
  const before = text.slice(Math.max(0, at - 40), at).trimEnd();
  if (before === '') return true;
  return /[(,=:[!&|?{};+*%<>~^-]$/.test(before) || /\b(return|typeof|case|in|of|do|else|void|delete)$/.test(before);
}

function endOfRegex(text, start) {
  let isClass = false;
  for (let i = start + 1; i < text.length && text[i] !== '\n'; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === '[') isClass = true;
    else if (text[i] === ']') isClass = false;
    else if (text[i] === '/' && !isClass) return i + 1;
  }
  return start + 1;
}

/**
 * The modules a file names: `{ specifier, isType, names, line }`. `isType` when nothing of it exists at run time;
 * `names` are the imported names, empty for imports of a whole module.
 */
export function importsOf(text, masked = maskSource(text)) {
  const found = [];
  const add = (match, quoteAt, clause) => {
    const quote = masked[quoteAt];
    const close = masked.indexOf(quote, quoteAt + 1);
    found.push({
      specifier: text.slice(quoteAt + 1, close),
      isType: isTypeOnly(clause),
      names: namesIn(clause),
      line: text.slice(0, match.index).split('\n').length,
    });
  };
  for (const match of masked.matchAll(/^\s*(?:import|export)\b([^'";]*?)\bfrom\s*(?=['"])/gm))
    add(match, match.index + match[0].length, match[1]);
  for (const match of masked.matchAll(/^\s*import\s*(?=['"])/gm)) add(match, match.index + match[0].length, '');
  for (const match of masked.matchAll(/\bimport\s*\(\s*(?=['"])/g)) {
    const before = masked.slice(0, match.index).trimEnd();
    add(match, match.index + match[0].length, /[:<|&]$|\btypeof$/.test(before) ? 'type' : '');
  }
  return found;
}

function isTypeOnly(clause) {
  const trimmed = clause.trim();
  if (/^type\b(?!\s*,)/.test(trimmed)) return true;
  const names = /^\{([\s\S]*)\}$/.exec(trimmed)?.[1];
  if (names === undefined) return false;
  const each = names
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean);
  return each.length > 0 && each.every((name) => name.startsWith('type '));
}

function namesIn(clause) {
  const names = /\{([\s\S]*)\}/.exec(clause)?.[1] ?? '';
  return names
    .split(',')
    .map(
      (name) =>
        name
          .trim()
          .replace(/^type\s+/, '')
          .split(/\s+as\s+/)[0],
    )
    .filter(Boolean);
}
