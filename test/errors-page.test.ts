import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { API_ERRORS } from '../src/api/errors.js';
import { S3_ERRORS } from '../src/services/s3/fault.js';

/** `docs/errors.md` and the code say the same, both ways. */

const root = fileURLToPath(new URL('..', import.meta.url));
const page = readFileSync(join(root, 'docs/errors.md'), 'utf8');
/** The tables under headings that begin with these words, as rows of cells. */
const rowsUnder = (heading: string): readonly (readonly string[])[] =>
  page
    .split(/^## /m)
    .filter((section) => section.startsWith(heading))
    .flatMap((section) => section.split('\n').filter((line) => line.startsWith('| `')))
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    );

/** Codes that are thrown by name in the sources of a folder. */
function thrownIn(folder: string): ReadonlySet<string> {
  const files = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' });
  const sources = files.filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'));
  const thrown =
    /new (?:ApiError|FunctionRefusal|SnsFault|SqsFault|LogsFault|EventsFault|SchedulerFault|SecretsFault)\(\s*'([A-Za-z]+)'/g;
  return new Set(
    sources.flatMap((name) =>
      [...readFileSync(join(root, folder, name), 'utf8').matchAll(thrown)].map(([, code = '']) => code),
    ),
  );
}

const sorted = (codes: Iterable<string>): readonly string[] => [...new Set(codes)].sort();

test('the table of API errors is the page’s first table, word for word', () => {
  const rows = rowsUnder('API errors: the front');
  expect(rows).toEqual(API_ERRORS.map(({ code, status, meaning }) => [`\`${code}\``, String(status), meaning]));
});

test('every code that is thrown is on the page, and no other', () => {
  const common = API_ERRORS.map(({ code }) => code);
  const thrown = ['src/api', 'src/functions', 'src/services', 'src/server'].flatMap((folder) => [...thrownIn(folder)]);
  const listed = [...rowsUnder('API errors'), ...rowsUnder('Treadle')].map(([cell = '']) => cell.replaceAll('`', ''));
  expect(sorted(listed)).toEqual(sorted([...common, ...thrown, ...Object.keys(S3_ERRORS)]));
});

test('the errors of S3 are in their own table, with their status', () => {
  const rows = rowsUnder('API errors: S3').map(([cell = '', status]) => [cell.replaceAll('`', ''), Number(status)]);
  expect(rows).toEqual(Object.entries(S3_ERRORS).map(([code, [status]]) => [code, status]));
});

test('the exceptions of Step Functions are in their own table', () => {
  const common = new Set(API_ERRORS.map(({ code }) => code));
  const own = sorted(thrownIn('src/api/states')).filter((code) => !common.has(code));
  expect(rowsUnder('API errors: Step Functions').map(([cell = '']) => cell.replaceAll('`', ''))).toEqual(own);
});
