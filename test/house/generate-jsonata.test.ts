import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

interface Script {
  generate(text: string, about: { readonly version: string; readonly licence: string }): string;
}
interface SourceText {
  maskSource(text: string): string;
}

const script = (name: string): Promise<unknown> => import(new URL(`../../scripts/${name}`, import.meta.url).href);
const { generate } = (await script('generate-jsonata.mjs')) as Script;
const { maskSource } = (await script('source-text.mjs')) as SourceText;

const published = readFileSync(new URL('../../node_modules/jsonata/jsonata.js', import.meta.url), 'utf8');
const about = { version: '2.2.2', licence: 'MIT license' };

/** The published text with one piece replaced, as a later release might have it. */
function changed(from: string, to: string): string {
  expect(published).toContain(from);
  return published.replace(from, () => to);
}

it('leaves nothing asynchronous', () => {
  const text = generate(published, about);
  expect(maskSource(text)).not.toMatch(/\basync\b|\bawait\s|\bPromise\b|\bnew Date\(\)|Math\.random|Date\.now/);
  expect(text).toContain('MIT license');
});

/** A statement in a function of the library, where every kind of asynchrony could turn up in a later release. */
const PLACE = "        if (typeof token === 'string') {";

it.each([
  ['a new use of Promise', 'Promise.race([]);', 'An unknown use of Promise.race at line'],
  ['Promise.all of something else', 'Promise.all([1]);', 'An unknown use of Promise.all at line'],
  ['a promise made by hand', 'new Promise(() => 1);', 'has Promise.'],
  ['a chain of promises', 'token.then(() => 1);', 'has a call of token.then.'],
  ['a chain by catch', 'token.catch(() => 1);', 'has a call of token.catch.'],
  ['a generator', 'const more = function* () { yield 1; };', 'A generator at line'],
  ['for await', 'for await (const x of token) x;', 'for await at line'],
  ['a wait of another form', 'if (isPromise(token)) { str = await token; }', 'An unknown use of isPromise at line'],
  ['another use of isPromise', 'const waits = isPromise(token);', 'has isPromise.'],
  ['a timer', 'setTimeout(() => 1, 1);', 'has setTimeout.'],
  ['a microtask', 'queueMicrotask(() => 1);', 'has queueMicrotask.'],
  ['the clock', 'const now = Date.now();', 'has a call of Date.now.'],
  ['another clock', 'const now = new Date();', 'has new Date().'],
  ['randomness', 'const drawn = Math.random();', 'has a call of Math.random.'],
  ['code made of texts', 'eval("1");', 'has eval.'],
])('stops at %s', (_what, statement, message) => {
  expect(() => generate(changed(PLACE, `        ${statement}\n${PLACE}`), about)).toThrow(message);
});

it.each([
  ['a place that an edit needs', '        return strs.join(separator);', '        return strs.join(separator ?? "");'],
  [
    'a function that is replaced whole',
    'async function sort(arr, comparator) {',
    'async function order(arr, comparator) {',
  ],
  ['a statement that goes', 'infix("??", ', 'infix2("??", '],
  ['a module of the bundle', '],5:[function(require,', '],7:[function(require,'],
])('stops where it does not find %s', (_what, from, to) => {
  expect(() => generate(changed(from, to), about)).toThrow(/^Expected /);
});
