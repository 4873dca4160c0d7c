import { expect, it } from 'vitest';
import { commit, entry, ORDERS, put, putAbsent, starting } from './conformance-entries.js';
import { RecordConflict, type RecordQuery, type Store } from './ports.js';

/** The behaviour of records and of texts that every store has; a part of `describeStore`. */
export function describeRecords(current: () => Store): void {
  const scan = (query: Partial<RecordQuery>) => scanKeys(current(), query);
  describeRanges(current);

  it('puts, replaces and deletes', async () => {
    const { records } = current();
    await records.write([put('a', '1'), put('b', '{"x": 2}\n')]);
    await records.write([put('a', '3'), { type: 'delete', collection: 'c', key: 'b' }]);
    await records.write([{ type: 'delete', collection: 'c', key: 'never' }]);
    expect(await records.get('c', 'a')).toBe('3');
    expect(await records.get('c', 'b')).toBeNull();
    expect(await records.get('other', 'a')).toBeNull();
  });

  it('scans a prefix by bytes, page by page', async () => {
    // By UTF-16 code units 😀 would come before the letter above U+E000.
    const keys = ['', 'a', 'a/', 'a/1', 'a/2', 'a/😀', 'a0', 'b', '\uffee', '😀', '\u{10ffff}x'];
    await current().records.write(keys.toReversed().map((key) => put(key, key)));
    await current().records.write([{ ...put('a/1', 'other'), collection: 'd' }]);
    expect(await scan({})).toEqual(keys);
    expect(await scan({ prefix: 'a/' })).toEqual(['a/', 'a/1', 'a/2', 'a/😀']);
    expect(await scan({ prefix: 'a/', after: 'a/1', limit: 1 })).toEqual(['a/2']);
    expect(await scan({ prefix: 'a/', after: '' })).toEqual(['a/', 'a/1', 'a/2', 'a/😀']);
    expect(await scan({ prefix: 'a/', after: 'b' })).toEqual([]);
    expect(await scan({ after: '', limit: 1 })).toEqual(['a']);
    expect(await scan({ prefix: '\u{10ffff}' })).toEqual(['\u{10ffff}x']);
    expect(await scan({ prefix: 'zz' })).toEqual([]);
    expect(await current().records.scan({ collection: 'd', prefix: '', after: null, limit: 9 })).toEqual([
      { key: 'a/1', value: 'other' },
    ]);
  });

  it('refuses the whole commit when a record stands where none was expected', async () => {
    await current().records.write([put('a', '1')]);
    const commitment = current().commit({
      entries: [starting(1, { name: 'a' }, { firstSeq: 1, data: 'x' })],
      writes: [put('b', '2'), { type: 'delete', collection: 'c', key: 'a' }, putAbsent('a', '3'), putAbsent('b', '4')],
    });
    await expect(commitment).rejects.toThrow(RecordConflict);
    await expect(commitment).rejects.toMatchObject({ collection: 'c', key: 'b' });
    expect(await scan({})).toEqual(['a']);
    expect(await current().records.get('c', 'a')).toBe('1');
    expect(await current().executions.find(ORDERS, 'a')).toBeNull();
    await expect(current().records.write([putAbsent('a', '5')])).rejects.toThrow(RecordConflict);
  });

  it('hurts no other commit of the same moment by a refused one', async () => {
    await current().records.write([put('taken', '1')]);
    const results = await Promise.allSettled([
      current().records.write([put('before', '1')]),
      current().commit({
        entries: [starting(1, { name: 'a' }, { firstSeq: 1, data: 'x', outboxAdd: [1] })],
        writes: [put('lost', '1'), putAbsent('taken', '2')],
      }),
      current().commit({
        entries: [starting(2, { name: 'b' }, { firstSeq: 1, data: 'y' })],
        writes: [putAbsent('after', '1')],
      }),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await scan({})).toEqual(['after', 'before', 'taken']);
    expect(await current().executions.load(1, { from: 'start' })).toBeNull();
    expect((await current().executions.load(2, { from: 'start' }))?.segments).toEqual([{ firstSeq: 1, data: 'y' }]);
  });

  it('writes no records with an entry that comes too late or whose name is taken', async () => {
    await commit(current(), starting(1, { name: 'a' }, { firstSeq: 1, data: 'x' }));
    for (const [late, outcome] of [
      [entry(77, { firstSeq: 1, data: 'x' }), { type: 'conflict' }],
      [entry(1, { firstSeq: 1, data: 'x' }), { type: 'conflict' }],
      [starting(2, { name: 'a' }, { firstSeq: 1, data: 'x' }), { type: 'nameTaken', execution: 1 }],
    ] as const) {
      const writes = [put('a', '1'), putAbsent('b', '2')];
      expect(await current().commit({ entries: [late], writes })).toEqual({ outcomes: [outcome] });
    }
    const [gone, last] = [entry(77, { firstSeq: 1, data: 'x' }), entry(1, { firstSeq: 2, data: 'y' })];
    const mixed = await current().commit({ entries: [gone, last], writes: [put('a', '1')] });
    expect(mixed.outcomes.map(({ type }) => type)).toEqual(['conflict', 'committed']);
    expect(await scan({})).toEqual([]);
    expect((await current().executions.load(1, { from: 'start' }))?.segments).toHaveLength(2);
  });
}

const scanKeys = async ({ records }: Store, query: Partial<RecordQuery>): Promise<readonly string[]> =>
  (await records.scan({ collection: 'c', prefix: '', after: null, limit: 100, ...query })).map(({ key }) => key);

function describeRanges(current: () => Store): void {
  const scan = (query: Partial<RecordQuery>) => scanKeys(current(), query);

  it('scans up to a key, from the last to the first, and until the values are long enough', async () => {
    const keys = ['a', 'b/1', 'b/2', 'b/\uffee', 'b/😀', 'c'];
    await current().records.write(keys.map((key) => put(key, 'x'.repeat(10))));
    expect(await scan({ before: 'b/2' })).toEqual(['a', 'b/1']);
    expect(await scan({ before: null })).toEqual(keys);
    expect(await scan({ before: '' })).toEqual([]);
    expect(await scan({ before: '\u{10ffff}' })).toEqual(keys);
    expect(await scan({ after: 'a', before: 'b/😀' })).toEqual(['b/1', 'b/2', 'b/\uffee']);
    expect(await scan({ prefix: 'b/', before: 'd' })).toEqual(['b/1', 'b/2', 'b/\uffee', 'b/😀']);
    expect(await scan({ isDescending: true })).toEqual(keys.toReversed());
    expect(await scan({ isDescending: true, prefix: 'b/', limit: 2 })).toEqual(['b/😀', 'b/\uffee']);
    expect(await scan({ isDescending: true, after: 'b/1', before: 'b/😀' })).toEqual(['b/\uffee', 'b/2']);
    expect(await scan({ charsMax: 21 })).toEqual(['a', 'b/1', 'b/2']);
    expect(await scan({ charsMax: 20, isDescending: true })).toEqual(['c', 'b/😀']);
    expect(await scan({ charsMax: 1 })).toEqual(['a']);
    expect(await scan({ charsMax: 1000, limit: 2 })).toEqual(['a', 'b/1']);
  });
}

export function describeTexts(current: () => Store): void {
  it('gives every well-formed text back as it came', async () => {
    const texts = ['', ' { "a" :\r\n 1.50 } ', 'é😀\u2028\ufffd\ufeff', '\u0001\u007f', 'x'.repeat(1_000_000)];
    await commit(
      current(),
      ...texts.map((data, index) =>
        starting(index + 1, { name: `${index}` }, { firstSeq: 1, data, snapshot: { seq: 0, data } }),
      ),
    );
    await current().records.write(texts.map((value, index) => put(`${index}`, value)));
    for (const [index, text] of texts.entries()) {
      expect(await current().executions.load(index + 1, { from: 'snapshot' })).toMatchObject({
        snapshot: { data: text },
        segments: [{ data: text }],
      });
      expect(await current().records.get('c', `${index}`)).toBe(text);
    }
  });

  it('refuses text that it could not give back, without hurting others', async () => {
    for (const bad of ['a\0b', 'a\ud800b']) {
      const results = await Promise.allSettled([
        commit(current(), starting(1, { name: `good ${bad.length}` }, { firstSeq: 1, data: 'x' })),
        commit(current(), starting(2, { name: 'bad' }, { firstSeq: 1, data: bad })),
        current().records.write([put('k', bad)]),
        current().records.write([put(bad, 'v')]),
        current().records.write([put('good', 'v')]),
      ]);
      expect(results.map(({ status }) => status)).toEqual([
        'fulfilled',
        'rejected',
        'rejected',
        'rejected',
        'fulfilled',
      ]);
      expect(results[1]).toMatchObject({ reason: { name: 'RangeError' } });
      expect(await current().executions.load(2, { from: 'start' })).toBeNull();
      expect(await current().records.scan({ collection: 'c', prefix: '', after: null, limit: 9 })).toHaveLength(1);
    }
  });
}
