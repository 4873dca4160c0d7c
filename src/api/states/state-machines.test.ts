import { describe, expect, it } from 'vitest';
import type { RecordStore } from '../../store/ports.js';
import { memoryStore } from '../../testing/memory-store.js';
import { StateMachines } from './state-machines.js';

const PLACE = { region: 'us-east-1', account: '000000000000' };
const definitionWith = (comment: string): string =>
  JSON.stringify({ Comment: comment, StartAt: 'A', States: { A: { Type: 'Succeed' } } });
const request = {
  name: 'machine',
  definition: definitionWith('first'),
  roleArn: 'arn:aws:iam::000000000000:role/test',
  type: 'STANDARD',
} as const;

/** A store that counts how often a revision's text is asked for: a definition can be parsed only from that. */
function countingStore() {
  const { records } = memoryStore();
  const reads: string[] = [];
  const counting: RecordStore = {
    ...records,
    get: (collection, key) => {
      if (collection === 'revision') reads.push(key);
      return records.get(collection, key);
    },
  };
  return { records: counting, reads };
}

describe('a compiled definition', () => {
  it('is kept by its revision: creating and starting parse once', async () => {
    const { records, reads } = countingStore();
    const machines = new StateMachines(records, () => 0);
    const { revision } = await machines.create(PLACE, request);
    const loaded = await Promise.all(Array.from({ length: 100 }, () => machines.load(revision)));
    expect(new Set(loaded).size).toBe(1);
    expect(loaded[0]?.definition.comment).toBe('first');
    expect(reads).toEqual([]);
  });

  it('is parsed once more after a restart', async () => {
    const { records, reads } = countingStore();
    const { revision } = await new StateMachines(records, () => 0).create(PLACE, request);
    const restarted = new StateMachines(records, () => 0);
    const first = await restarted.load(revision);
    for (let i = 0; i < 100; i++) expect(await restarted.load(revision)).toBe(first);
    expect(reads).toEqual([revision]);
  });

  it('stays what it was for executions of an older revision', async () => {
    const { records } = countingStore();
    const machines = new StateMachines(records, () => 0);
    const { arn, revision } = await machines.create(PLACE, request);
    const updated = await machines.update(arn, { definition: definitionWith('second') });
    expect((await machines.load(revision))?.definition.comment).toBe('first');
    expect((await machines.load(updated.revision))?.definition.comment).toBe('second');
  });
});
