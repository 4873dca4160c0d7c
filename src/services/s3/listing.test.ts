import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ListQuery, listNames, type Names } from './listing.js';

const compare = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** A store of these names, and how often it was asked. */
function namesOf(all: readonly string[], prefix: string): Names<string> & { scans: number } {
  const sorted = [...new Set(all)].filter((name) => name.startsWith(prefix)).sort(compare);
  const names = {
    scans: 0,
    scan: async (after: string | null, limit: number) => {
      names.scans += 1;
      return sorted.filter((name) => after === null || compare(name, after) > 0).slice(0, limit);
    },
    keyOf: (name: string) => name,
    placeOf: (name: string) => name,
  };
  return names;
}

/** What a list without pages has. */
function lines(all: readonly string[], { prefix, delimiter }: Pick<ListQuery, 'prefix' | 'delimiter'>): string[] {
  const seen = new Set<string>();
  for (const name of [...new Set(all)].sort(compare)) {
    if (!name.startsWith(prefix)) continue;
    const at = delimiter === null ? -1 : name.indexOf(delimiter, prefix.length);
    seen.add(at < 0 || delimiter === null ? name : name.slice(0, at + delimiter.length));
  }
  return [...seen];
}

test('pages of any size are the whole list, each line once', async () => {
  const name = fc.string({
    unit: fc.constantFrom('a', 'b', '/', '!', 'é', '\u{10ffff}', '\uffff', '\u{1f600}'),
    minLength: 1,
    maxLength: 6,
  });
  const query = fc.record({
    all: fc.array(name, { maxLength: 30 }),
    prefix: fc.constantFrom('', 'a', 'a/'),
    delimiter: fc.constantFrom(null, '/', 'b/'),
    limit: fc.integer({ min: 1, max: 5 }),
  });
  await fc.assert(
    fc.asyncProperty(query, async ({ all, prefix, delimiter, limit }) => {
      const found: string[] = [];
      let after: string | null = null;
      do {
        const page: Awaited<ReturnType<typeof listNames<string>>> = await listNames(
          { prefix, delimiter, after, limit },
          namesOf(all, prefix),
        );
        expect(page.items.length + page.commonPrefixes.length).toBeLessThanOrEqual(limit);
        found.push(...[...page.items, ...page.commonPrefixes].sort(compare));
        after = page.next;
      } while (after !== null);
      expect(found).toEqual(lines(all, { prefix, delimiter }));
    }),
    { numRuns: 500 },
  );
});

test('thousands of names in one folder are skipped, not read', async () => {
  const all = Array.from({ length: 5000 }, (_, index) => `folder/${String(index).padStart(5, '0')}`);
  const names = namesOf([...all, 'z'], '');
  const page = await listNames({ prefix: '', delimiter: '/', after: null, limit: 1000 }, names);
  expect([page.commonPrefixes, page.items, page.next, names.scans]).toEqual([['folder/'], ['z'], null, 2]);
});

test('a page of nothing is empty and the last', async () => {
  const page = await listNames({ prefix: '', delimiter: null, after: null, limit: 0 }, namesOf(['a'], ''));
  expect(page).toEqual({ items: [], commonPrefixes: [], next: null });
});

test('a page that begins within a folder does not show it again', async () => {
  const names = namesOf(['a/1', 'a/2', 'b'], '');
  const page = await listNames({ prefix: '', delimiter: '/', after: 'a/1', limit: 10 }, names);
  expect([page.commonPrefixes, page.items]).toEqual([[], ['b']]);
});
