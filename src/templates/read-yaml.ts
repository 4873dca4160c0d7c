import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Pair,
  parseDocument,
  Scalar,
} from 'yaml';
import { TEMPLATE_DEPTH_MAX, TEMPLATE_VALUES_MAX } from '../limits.js';
import { JsonSyntaxError, parseJson } from '../payload/index.js';
import { isIntrinsicName, nameOfTag } from './intrinsic-names.js';
import { TemplateFault } from './problem.js';
import type { MapEntry, Position, ScalarValue, TemplateMap, TemplateValue } from './template-value.js';

/** What a file may hold: `template` knows CloudFormation's functions, `plain` (an ASL file) refuses their tags. */
export type Dialect = 'template' | 'plain';

/** Reads YAML or JSON with the place of every value. Throws TemplateFault at the first fault of the text. */
export function readYaml(text: string, dialect: Dialect): TemplateValue {
  const clean = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  if (/^\s*[{[]/.test(clean)) checkJson(clean);
  const lines = new LineCounter();
  // Every scalar is read as text and given its type here: YAML 1.1 would make a boolean of DynamoDB's `N`, and 1.2 would lose the zeros of an account.
  const document = parseDocument(clean, {
    schema: 'failsafe',
    version: '1.2',
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: true,
    logLevel: 'silent',
  });
  const positionOf = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const [error] = document.errors;
  if (error) throw new TemplateFault(positionOf(error.pos[0]), yamlMessage(error.code, error.message));
  if (document.contents === null)
    throw new TemplateFault({ line: 1, column: 1 }, 'Expected a map, but the file is empty.');
  const reader: Reader = { dialect, positionOf, resolveAlias: aliasResolver(document), values: 0, depth: 0 };
  return readValue(document.contents, reader, { line: 1, column: 1 });
}

/** Each alias is looked up once: a look-up walks the document. */
function aliasResolver(document: Document.Parsed): (alias: Alias) => unknown {
  const known = new Map<Alias, unknown>();
  return (alias) => {
    if (!known.has(alias)) known.set(alias, alias.resolve(document));
    return known.get(alias);
  };
}

/** JSON has stricter rules than the YAML that contains it, and better messages. */
function checkJson(text: string): void {
  try {
    parseJson(text);
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    // YAML's flow style also begins with a brace; only what names its members in quotes is meant as JSON.
    if (!/^\s*[{[]\s*(?:"|\}|\]|\{|\[|$)/.test(text)) return;
    const before = text.slice(0, error.offset).split('\n');
    const position = { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
    throw new TemplateFault(position, `Expected JSON, but: ${error.message}.`);
  }
}

function yamlMessage(code: string, message: string): string {
  if (code === 'DUPLICATE_KEY') return 'Expected every key of a map once, but this one was there before.';
  if (code === 'MULTIPLE_DOCS') return 'Expected one YAML document, but a second one begins here.';
  if (code === 'TAB_AS_INDENT') return 'Expected blanks for indentation, but found a tab.';
  return `Expected YAML or JSON, but: ${message}.`;
}

interface Reader {
  readonly dialect: Dialect;
  readonly positionOf: (offset: number) => Position;
  readonly resolveAlias: (alias: Alias) => unknown;
  values: number;
  depth: number;
}

function readValue(source: unknown, reader: Reader, fallback: Position): TemplateValue {
  const at = positionIn(source, reader, fallback);
  reader.values += 1;
  reader.depth += 1;
  if (reader.values > TEMPLATE_VALUES_MAX) {
    throw new TemplateFault(
      at,
      `Expected at most ${TEMPLATE_VALUES_MAX} values, but there are more (do aliases repeat each other?).`,
    );
  }
  if (reader.depth > TEMPLATE_DEPTH_MAX) {
    throw new TemplateFault(
      at,
      `Expected at most ${TEMPLATE_DEPTH_MAX} levels, but this value is deeper (does an alias contain itself?).`,
    );
  }
  const value = readTagged(source, reader, at);
  reader.depth -= 1;
  return value;
}

function readTagged(source: unknown, reader: Reader, at: Position): TemplateValue {
  if (isAlias(source)) {
    const target = reader.resolveAlias(source);
    if (target === undefined)
      throw new TemplateFault(at, `Expected an anchor '&${source.source}' above, but there is none.`);
    return readValue(target, reader, at);
  }
  const tag = tagOf(source);
  if (tag === null) return readUntagged(source, reader, at);
  if (reader.dialect === 'plain') {
    throw new TemplateFault(
      at,
      `Expected plain YAML, but found the tag '${tag}'. Give the value with DefinitionSubstitutions instead.`,
    );
  }
  const name = nameOfTag(tag);
  if (name === null)
    throw new TemplateFault(at, `Expected a tag of CloudFormation (!Ref, !Sub, !GetAtt, …), but found '${tag}'.`);
  return { kind: 'call', name, argument: readUntagged(source, reader, at), at };
}

/** Null for no tag and for YAML's own (`!!str`), which are handled with the scalar. */
function tagOf(source: unknown): string | null {
  const tag = isScalar(source) || isMap(source) || isSeq(source) ? source.tag : undefined;
  return tag === undefined || tag.startsWith('tag:yaml.org,2002:') ? null : tag;
}

function readUntagged(source: unknown, reader: Reader, at: Position): TemplateValue {
  if (source === null || source === undefined) return { kind: 'scalar', value: null, text: '', at };
  if (isScalar(source)) return readScalar(source, at);
  if (isSeq(source)) return { kind: 'list', items: source.items.map((item) => readValue(item, reader, at)), at };
  if (isMap(source)) return callOr(readMap(source.items, reader, at), reader.dialect);
  throw new TemplateFault(at, 'Expected a scalar, a list or a map, but found something else.');
}

/** `{ "Fn::Sub": … }` is what `!Sub …` is short for. */
function callOr(map: TemplateMap, dialect: Dialect): TemplateValue {
  const [entry] = map.entries;
  if (dialect === 'plain' || entry === undefined || map.entries.length !== 1 || !isIntrinsicName(entry.key)) return map;
  return { kind: 'call', name: entry.key, argument: entry.value, at: entry.keyAt };
}

function readMap(pairs: readonly Pair<unknown, unknown>[], reader: Reader, at: Position): TemplateMap {
  const own: MapEntry<TemplateValue>[] = [];
  const merged: MapEntry<TemplateValue>[] = [];
  for (const pair of pairs) {
    const keyAt = positionIn(pair.key, reader, at);
    if (!isScalar(pair.key))
      throw new TemplateFault(keyAt, 'Expected a word as key, but found a list, a map or an alias.');
    const key = typeof pair.key.value === 'string' ? pair.key.value : (pair.key.source ?? String(pair.key.value));
    const value = readValue(pair.value, reader, keyAt);
    if (key === '<<' && pair.key.type === Scalar.PLAIN) merged.push(...mergedEntries(value));
    else own.push({ key, keyAt, value });
  }
  const taken = new Set(own.map((entry) => entry.key));
  for (const entry of merged) {
    if (taken.has(entry.key)) continue;
    taken.add(entry.key);
    own.push(entry);
  }
  return { kind: 'map', entries: own, at };
}

/** `<<: *defaults` and `<<: [*a, *b]`: the map's own keys win, then the earlier of the merged ones. */
function mergedEntries(value: TemplateValue): ReadonlyArray<MapEntry<TemplateValue>> {
  if (value.kind === 'map') return value.entries;
  if (value.kind === 'list') return value.items.flatMap(mergedEntries);
  throw new TemplateFault(value.at, "Expected '<<' to merge maps, but this is none.");
}

function readScalar(source: Scalar, at: Position): ScalarValue {
  const text = typeof source.value === 'string' ? source.value : (source.source ?? '');
  const isPlain = source.type === Scalar.PLAIN && source.tag !== 'tag:yaml.org,2002:str';
  return isPlain ? plainScalar(text, at) : { kind: 'scalar', value: text, text, at };
}

const TRUE = /^(?:true|True|TRUE|yes|Yes|YES|on|On|ON)$/;
const FALSE = /^(?:false|False|FALSE|no|No|NO|off|Off|OFF)$/;
const NUMBER = /^[-+]?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?$/;

/** CloudFormation's reading of an unquoted word; numbers with leading zeros (accounts) stay strings. */
function plainScalar(text: string, at: Position): ScalarValue {
  if (text === '' || text === '~' || /^(?:null|Null|NULL)$/.test(text))
    return { kind: 'scalar', value: null, text: '', at };
  if (TRUE.test(text)) return { kind: 'scalar', value: true, text: 'true', at };
  if (FALSE.test(text)) return { kind: 'scalar', value: false, text: 'false', at };
  if (NUMBER.test(text)) return { kind: 'scalar', value: Number(text), text, at };
  return { kind: 'scalar', value: text, text, at };
}

function positionIn(source: unknown, reader: Reader, fallback: Position): Position {
  if (!(isScalar(source) || isMap(source) || isSeq(source) || isAlias(source)) || !source.range) return fallback;
  return reader.positionOf(source.range[0]);
}
